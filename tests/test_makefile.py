"""Tests of the Makefile: its help, its promises, its Python and its environments."""

import os
import re
import shutil
import subprocess

import pytest

TARGETS = [
    "help",
    "lab",
    "run",
    "demo",
    "gpu",
    "test",
    "test-colab",
    "practical-quality",
    "lint",
    "badges",
    "student-bundle",
    "constraints",
    "clean",
]

# A stand-in for a Python 3.12: makes an environment out of itself, and pip notes its arguments.
FAKE_PYTHON = """#!/bin/sh
case "$*" in
  *version_info*) echo "${FAKE_VERSION:-3.12}" ;;
  *"import venv, ensurepip"*) [ -z "$FAKE_NO_VENV" ] ;;
  "-m venv "*)
    echo "venv $3" >> "$FAKE_LOG"
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    echo "#!$PWD/$3/bin/python" > "$3/bin/pip" ;;
  *sys.prefix*) dirname "$(dirname "$(cd "$(dirname "$0")" && pwd)/python")" ;;
  *"pip --version"*|"-c ") ;;
  *"pip install"*) echo "$*" >> "$FAKE_LOG"; [ -z "$FAKE_PIP_FAILS" ] ;;
  *) echo "$*" >> "$FAKE_LOG" ;;
esac
"""


@pytest.fixture
def make(root, tmp_path):
    """Give a function that runs make in a copy of the project, with the stand-in as Python."""
    folder = tmp_path / "project"
    (folder / "tests" / "data").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "tests/colab.py"):
        shutil.copy(root / name, folder / name)
    for path in (root / "tests" / "data").glob("colab-*.txt"):
        shutil.copy(path, folder / "tests" / "data")
    python = tmp_path / "python3.12"
    python.write_text(FAKE_PYTHON)
    python.chmod(0o755)
    log = tmp_path / "log"

    def run(*arguments, folder=folder, **variables):
        log.write_text("")
        done = subprocess.run(
            ["make", *arguments],
            cwd=folder,
            env=clean_environment() | {"PYTHON": str(python), "FAKE_LOG": str(log)} | variables,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr, log.read_text().splitlines()

    run.folder = folder
    return run


def clean_environment():
    """Leave out what an outer make hands to those below it: its state and its settings."""
    handed = re.compile(r"MAKE.*|MFLAGS|GNUMAKEFLAGS|SCALE|WORKERS|ARGS|PYTHON")
    return {name: value for name, value in os.environ.items() if not handed.fullmatch(name)}


def recipes(root):
    """Map each target that has a help text to that text."""
    text = (root / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^([a-z-]+):.*?## (.+)$", text, flags=re.MULTILINE))


def test_make_alone_lists_every_target(make):
    """`make` is `make help`, one line a target."""
    status, text, _ = make()

    assert status == 0
    assert re.findall(r"^  ([a-z-]+) +\S", text, flags=re.MULTILINE) == TARGETS
    assert make("help")[1] == text


def test_every_target_is_documented_and_phony(root):
    """No target for people hides from the list, or behind a file of its name."""
    text = (root / "Makefile").read_text("utf-8")

    assert list(recipes(root)) == TARGETS
    assert re.search(r"^\.PHONY: (.+) FORCE$", text, flags=re.MULTILINE)[1].split() == TARGETS
    assert re.findall(r"^([a-z-]+):", text, flags=re.MULTILINE) == TARGETS


def test_every_target_but_help_says_what_it_does(root):
    """The first thing that a target prints is its name and what happens now."""
    text = (root / "Makefile").read_text("utf-8")

    announced = re.findall(r'^\t@echo "== ([a-z-]+): ', text, flags=re.MULTILINE)
    assert announced == TARGETS[1:]


def test_no_target_needs_root(root):
    """Nothing in the Makefile asks for another user's rights."""
    text = (root / "Makefile").read_text("utf-8")

    assert re.search(r"\bsudo\b|apt-get (?!on)|/usr/|/etc/", text) is None


def test_first_run_makes_the_environment_and_then_works(make):
    """The environment is made, pip installs the extras with the tested versions, pytest starts."""
    status, text, log = make("test")

    assert status == 0, text
    assert log[0] == "venv .venv"
    assert log[1].endswith(
        "install --disable-pip-version-check -c constraints.txt -e .[instructor,postgresql,dev]"
    )
    assert log[2] == "-m pytest -n 2 --dist loadfile"


def test_second_run_installs_nothing(make):
    """What is ready is not made again."""
    make("test")

    status, text, log = make("test")

    assert (status, log) == (0, ["-m pytest -n 2 --dist loadfile"]), text


def test_changed_requirements_are_installed_into_the_same_environment(make):
    """A new pin calls pip, but does not throw the environment away."""
    make("test")
    os.utime(make.folder / "constraints.txt", (4e9, 4e9))

    _, _, log = make("test")

    assert log[0].startswith("-m pip install ")


def test_interrupted_installation_starts_anew(make):
    """Where pip stopped half-way, the next try does not trust what it left."""
    status, _, _ = make("test", FAKE_PIP_FAILS="1")
    assert status != 0
    (make.folder / ".venv" / "half-written").write_text("")

    status, text, log = make("test")

    assert status == 0, text
    assert log[0] == "venv .venv"
    assert not (make.folder / ".venv" / "half-written").exists()


def test_environment_without_its_python_is_made_anew(make):
    """A system upgrade that removes the Python behind .venv is repaired, stamp or no stamp."""
    make("test")
    (make.folder / ".venv" / "bin" / "python").unlink()

    status, text, log = make("test")

    assert (status, log[0]) == (0, "venv .venv"), text


def test_moved_project_gets_a_new_environment(make, tmp_path):
    """Scripts in .venv name the old folder; they must not run from the new one."""
    make("test")
    moved = shutil.move(make.folder, tmp_path / "moved here")

    status, text, log = make("test", folder=moved)

    assert (status, log[0]) == (0, "venv .venv"), text


def test_environment_whose_scripts_name_their_folder_in_the_second_line_is_kept(make):
    """Where a path is long or has a space, pip writes its scripts so."""
    make("test")
    pip = make.folder / ".venv" / "bin" / "pip"
    pip.write_text(f"#!/bin/sh\nexec '{pip.parent}/python' $0\n")
    os.utime(make.folder / "constraints.txt", (4e9, 4e9))

    _, text, log = make("test")

    assert log[0].startswith("-m pip install "), text


def test_python_out_of_range_is_named(make):
    """The message says which Python was found, which are wanted, and how to name one."""
    status, text, _ = make("run", FAKE_VERSION="3.10")

    assert status != 0
    assert "No Python 3.11, 3.12 or 3.13 with venv found here; " in text
    assert "python3.12 is Python 3.10." in text
    assert "make run PYTHON=/path/to/python3.12" in text


def test_python_without_venv_names_the_package(make):
    """Debian's Python comes without venv: the message says what to install."""
    status, text, _ = make("run", FAKE_NO_VENV="1")

    assert status != 0
    assert "has no venv (on Debian and Ubuntu it is the package python3.12-venv)" in text


def test_missing_python_is_reported(make):
    """A PYTHON that does not exist is no crash of the shell."""
    status, text, _ = make("lint", PYTHON="/nowhere/python")

    assert status != 0
    assert "No Python 3.11, 3.12 or 3.13 with venv found here." in text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["run", "WORKERS=3"], "run lectures --scale laptop --workers 3"),
        (["run", "SCALE=smoke", "WORKERS=1", "ARGS=--resume"], "smoke --workers 1 --resume"),
        (["gpu"], "run lectures --scale gpu --device cuda"),
        (["badges"], "cmp784 badges"),
        (["lint"], "ruff format --check ."),
        (["test", "ARGS=-x"], "-m pytest -n 2 --dist loadfile -x"),
        (["test-colab", "WORKERS=2"], "--workers 2 --output build/run-colab"),
    ],
)
def test_target_calls_its_command(make, arguments, line):
    """Settings on the command line reach the command."""
    _, text, _ = make("-n", *arguments)

    assert line in text


def test_colab_environment_is_made_of_colab_s_versions(make):
    """The second environment installs the runner and the course by constraints of its own."""
    _, text, _ = make("-n", "test-colab")

    assert "tests/colab.py > build/constraints-colab.txt" in text
    assert "-c build/constraints-colab.txt -e . papermill distributed psutil nbconvert" in text
