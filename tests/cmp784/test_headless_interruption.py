"""What is left after a run that was stopped, and what the next one skips."""

import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import replace

import psutil
import pytest

from cmp784 import headless
from cmp784.headless import RunOptions
from cmp784.headless.runner import terminable
from tests.cmp784 import builders

pytest.importorskip("papermill", reason='needs the runner: pip install "cmp784[instructor]"')
pytest.importorskip("distributed", reason='needs the runner: pip install "cmp784[instructor]"')

pytestmark = pytest.mark.slow

SLEEP = "import time\ntime.sleep(600)"


def _alive(mark):
    """Return the command lines of the processes that carry a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CMP784_TEST") == mark:
                found.append(process.cmdline())
        except psutil.Error:
            continue
    return found


def _wait_for(condition, seconds=90):
    """Wait until something is so; return whether it came to be."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def running(tmp_path):
    """Start a run of a quick and an endless notebook; give it when the quick one is done."""
    builders.write_notebook(tmp_path / "lectures" / "quick.ipynb", builders.TRUE_CLAIM)
    builders.write_notebook(tmp_path / "lectures" / "slow.ipynb", SLEEP)
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-m", "cmp784.cli", "run", "--workers", "2"],
        cwd=tmp_path,
        env=os.environ | {"CMP784_TEST": mark},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    process.mark = mark
    done = tmp_path / "build/run/laptop/results/lectures/quick.ipynb.json"
    _wait_for(lambda: done.exists() or process.poll() is not None)
    yield process
    process.kill()
    process.communicate()


def test_interrupted_run_keeps_what_is_done_and_leaves_no_process(running, tmp_path):
    """Does Ctrl-C, sent to the whole group as a terminal does, end with a partial report?"""
    os.killpg(running.pid, signal.SIGINT)
    said, _ = running.communicate(timeout=60)

    assert running.returncode == 130, said
    told = builders.read_json(tmp_path / "build/run/laptop/report.json")
    statuses = {row["notebook"]: row["status"] for row in told["notebooks"]}
    assert statuses == {"lectures/quick.ipynb": "passed", "lectures/slow.ipynb": "not run"}
    assert (told["interrupted"], told["exit_status"]) == (True, 130)
    assert "Traceback" not in said
    assert "(interrupted)" in said
    assert _wait_for(lambda: _alive(running.mark) == [], 20), _alive(running.mark)


def test_killed_run_leaves_no_kernel_and_can_be_resumed(running, tmp_path, monkeypatch):
    """Are the kernels gone after the runner itself was killed, and its results there?"""
    running.kill()

    assert _wait_for(lambda: _alive(running.mark) == [], 30), _alive(running.mark)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lectures/slow.ipynb").unlink()
    report = headless.run(options=RunOptions(resume=True))
    assert [(r.notebook, r.status, r.kept) for r in report.results] == [
        ("lectures/quick.ipynb", "passed", True)
    ]


def test_resumed_run_skips_what_is_done_until_it_changes(tmp_path, monkeypatch):
    """Is each notebook run again exactly when something that it depends on has changed?"""
    monkeypatch.chdir(tmp_path)
    first = builders.write_notebook(tmp_path / "first.ipynb", builders.TRUE_CLAIM)
    builders.write_notebook(tmp_path / "second.ipynb", builders.FALSE_CLAIM)
    options = RunOptions("smoke", workers=1, resume=True)

    def kept(changed):
        made = headless.run([tmp_path], changed)
        assert made.exit_status == 0
        return [result.kept for result in made.results]

    assert kept(options) == [False, False]  # at smoke the untrue claim is only recorded
    assert kept(options) == [True, True]
    builders.write_notebook(first, builders.TRUE_CLAIM, "again = True")
    assert kept(options) == [False, True]
    assert kept(replace(options, parameters={"seed": 2})) == [False, False]


def test_request_to_terminate_ends_a_run_like_ctrl_c():
    """Is the signal that CI sends when it cancels an interruption, and only during a run?"""
    before = signal.getsignal(signal.SIGTERM)

    def run_and_terminate():
        with terminable():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(5)

    with pytest.raises(KeyboardInterrupt, match="terminate"):
        run_and_terminate()
    assert signal.getsignal(signal.SIGTERM) == before


def test_failed_claim_at_smoke_is_recorded_and_shown(tmp_path, monkeypatch):
    """Does a claim that fails at smoke still show in every report, without failing any?"""
    monkeypatch.chdir(tmp_path)
    builders.write_notebook(tmp_path / "untrue.ipynb", builders.FALSE_CLAIM)

    report = headless.run(["untrue.ipynb"], RunOptions("smoke", workers=1, output=tmp_path / "out"))

    [result] = report.results
    assert (result.status, result.claims_passed, len(result.claims)) == ("passed", 0, 1)
    assert '<li class="fails">✗ share' in (tmp_path / "out/report.html").read_text("utf-8")
    junit = (tmp_path / "out/report.xml").read_text("utf-8")
    assert "only recorded" in junit
    assert "<failure" not in junit
