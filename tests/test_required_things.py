"""Tests of tests/conftest.py: what becomes of a test that needs what is not there."""

import os
import subprocess
import sys

import pytest

SAMPLE = """
import pytest

def test_browser():
    pytest.skip("needs Chromium: install the system's package 'chromium'")

def test_windows():
    pytest.skip("only on Windows")

@pytest.mark.network
def test_download():
    raise AssertionError("left out")
"""


@pytest.fixture
def outcome(root, tmp_path):
    """Run the sample in a pytest of its own, and return the exit status and what it printed."""
    (tmp_path / "conftest.py").write_text((root / "tests" / "conftest.py").read_text("utf-8"))
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    network: x\n    gpu: x\n")

    def run(sample, *arguments, require="0"):
        (tmp_path / "test_sample.py").write_text(sample)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *arguments],
            cwd=tmp_path,
            env=os.environ | {"CMP784_REQUIRE": require},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    return run


def test_missing_thing_skips_with_reason_and_remedy(outcome):
    """On anybody's machine the test is skipped, and the summary says what to install."""
    status, text = outcome(SAMPLE)

    assert status == 0
    assert "2 skipped, 1 deselected" in text
    assert "needs Chromium: install the system's package 'chromium'" in text


def test_missing_thing_fails_where_everything_is_required(outcome):
    """In continuous integration the same skip is a failure; other skips are not."""
    status, text = outcome(SAMPLE, require="1")

    assert status == 1
    assert "1 failed, 1 skipped, 1 deselected" in text
    assert "lacks something. The test needs Chromium: install the system's package" in text


def test_module_that_skips_as_a_whole_fails_where_everything_is_required(outcome):
    """A skip at import counts like one in a test."""
    sample = "import pytest\npytest.skip('needs a moon: wait', allow_module_level=True)\n"

    status, text = outcome(sample, require="1")

    assert status != 0
    assert "The test needs a moon: wait" in text


def test_network_runs_when_asked_for(outcome):
    """``-m network`` runs what is left out otherwise."""
    status, text = outcome(SAMPLE, "-m", "network")

    assert status == 1
    assert "1 failed, 2 deselected" in text


def test_gpu_test_without_a_gpu_skips_even_where_everything_is_required(outcome):
    """No package of the system brings a GPU."""
    sample = "import pytest\n@pytest.mark.gpu\ndef test_gpu(): pytest.skip('needs a GPU: x')\n"

    status, text = outcome(sample, require="1")

    assert status == 0
    assert "1 skipped" in text
