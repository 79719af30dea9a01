"""The command line: what it refuses, what it prints, how it exits."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cmp784 import __version__, cli
from cmp784.headless import options
from tests.cmp784 import builders

needs_runner = pytest.importorskip(
    "papermill", reason='needs the runner: pip install "cmp784[instructor]"'
)


def _call(*words):
    """Return the exit status, and what was printed on one line."""
    made = CliRunner().invoke(cli.app, [str(word) for word in words])
    return made.exit_code, " ".join(made.output.split())


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give an empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_version_is_the_package_s(folder):
    """Does the command line say its version?"""
    assert _call("--version") == (0, f"cmp784 {__version__}")


def test_help_lists_the_exit_statuses(folder):
    """Does the help say what the statuses mean?"""
    status, said = _call("run", "--help")

    assert status == 0
    assert "0 all passed, 1 something failed, 2 wrong usage, 130 interrupted" in said
    assert "build/run/SCALE" in said


def test_help_loads_nothing_heavy():
    """Is the help quick because it imports neither torch nor papermill nor dask?"""
    code = (
        "import sys; from cmp784 import cli\n"
        "try: cli.app(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'papermill', 'distributed', 'nbformat', 'matplotlib', 'IPython'}\n"
        "sys.exit(len(heavy & set(sys.modules)))"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing"], "'missing': there is no such file or folder. Expected a notebook"),
        (["empty"], "'empty': there is no notebook in this folder"),
        (["text.txt"], "'text.txt' is not a notebook"),
        ([], "'lectures': there is no such file or folder"),
        (["a.ipynb", "--scale", "huge"], "'huge' is not one of"),
        (["a.ipynb", "--workers", "0"], "workers is 0; expected 1 or more"),
        (["a.ipynb", "--device", "tpu"], "'tpu' is not one of"),
        (["a.ipynb", "-p", "seed"], "parameter 'seed': expected name=value"),
        (["a.ipynb", "-p", "scale=gpu"], "'scale' is set by --scale"),
        (["a.ipynb", "-p", "2x=1"], "'2x': expected a Python name"),
        (["a.ipynb", "-p", "sede=1"], "they have 'scale', 'seed'"),
        (["a.ipynb", "--memory-limit", "much"], "'much': expected a size such as 600MiB"),
        (["a.ipynb", "--changed-since", "HEAD"], "--changed-since"),
        (["a.ipynb", "--output", "text.txt"], "output 'text.txt': no reports can be written"),
        (["a.ipynb", "--scheduler", "x:1", "--workers", "2"], "exclude each other"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_says_what_was_expected_and_exits_with_2(folder, words, said):
    """Does each mistake get its own words and the status of a mistake?"""
    (folder / "empty").mkdir()
    (folder / "text.txt").touch()
    builders.write_notebook(folder / "a.ipynb")

    status, told = _call("run", *words)

    assert (status, said in told) == (2, True), told


def test_cuda_without_gpu_is_a_clear_error(folder, monkeypatch):
    """Does a machine without a GPU say so, and what to do?"""
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    builders.write_notebook(folder / "a.ipynb")

    status, told = _call("run", "a.ipynb", "--device", "cuda")

    assert status == 2
    assert "torch sees no GPU on this machine" in told
    assert "--device cpu" in told


def test_student_installation_is_told_what_to_install(folder, monkeypatch):
    """Does a missing runner name the packages and the command?"""
    present = options.find_spec
    missing = ("papermill", "distributed")
    monkeypatch.setattr(options, "find_spec", lambda n: None if n in missing else present(n))
    builders.write_notebook(folder / "a.ipynb")

    status, told = _call("run", "a.ipynb")

    assert status == 2
    assert "needs papermill, distributed" in told
    assert 'pip install "cmp784[instructor]"' in told


def test_broken_notebook_fails_the_run_with_1(folder):
    """Is a file that is no notebook a row of the report and a failure?"""
    builders.write(folder / "broken.ipynb", "{")

    status, told = _call("run", "broken.ipynb", "--output", "out")

    assert status == 1
    assert "1 notebook: 1 invalid; 0 of 0 claims hold" in told
    assert builders.read_json(folder / "out/report.json")["exit_status"] == 1


@pytest.mark.slow
def test_good_notebook_passes_with_0_and_prints_its_claims(folder):
    """Does a run from the shell report, store, and let ``claims`` read what it stored?"""
    builders.write_notebook(folder / "lectures" / "a.ipynb", builders.TRUE_CLAIM)

    status, told = _call("run", "--scale", "smoke", "--workers", "1", "-p", "seed=3")

    assert status == 0, told
    assert "✓ 1/1 lectures/a.ipynb passed" in told
    assert "✓ share: measured 0.5 ± 0.14 (n = 2), claimed at least 0.5 [figure 1]" in told
    status, told = _call("claims", "build/run/smoke/notebooks")
    assert status == 0
    assert told == (
        "build/run/smoke/notebooks/lectures/a.ipynb: 1/1 "
        "✓ share: measured 0.5 ± 0.14 (n = 2), claimed at least 0.5 [figure 1]"
    )


def test_claims_of_a_broken_file_are_an_error(folder):
    """Does the list of claims refuse a file that is no notebook?"""
    builders.write(folder / "broken.ipynb", "{")

    status, told = _call("claims", "broken.ipynb")

    assert status == 2
    assert "not a notebook that can be read" in told
