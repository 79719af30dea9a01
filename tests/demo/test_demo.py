"""Tests of the sample class: the whole flow ends with the expected table, score by score."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.rooms import RoomsError
from cmp784 import data
from tests.demo import demo, sample_class, table


@pytest.fixture(scope="module")
def ran(root, tmp_path_factory):
    """Run the demo as `make demo` does, in a folder of its own; return the folder and its words."""
    try:
        data.mnist()
    except data.DataError:
        pytest.skip("needs MNIST: set CMP784_DATA, or connect to the network")
    folder = tmp_path_factory.mktemp("demo") / "demo"
    return folder, run(root, folder)


def run(root, folder):
    """Run the demo; return all that it says."""
    command = [sys.executable, root / "tests" / "demo" / "demo.py", "--no-open"]
    command += ["--output", folder]
    environment = {**os.environ, "PYTHONWARNINGS": "default", "COLUMNS": "200"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-8000:]
    return done.stdout


@pytest.mark.slow
def test_demo_ends_with_the_expected_table(ran):
    """Every student, every question, every late day, every mark."""
    folder, words = ran

    assert table.read(folder / "scores.csv") == table.read(table.EXPECTED)
    assert "Every cell is as expected, 24 students." in words


@pytest.mark.slow
def test_demo_shows_every_command_of_an_instructor(ran):
    """The flow is that of the command line, in its order."""
    commands = re.findall(r"^\$ autograder (\S+)", ran[1], flags=re.MULTILINE)

    assert commands == [
        *("release", "collect", "grade", "feedback", "gradebook"),
        *("export", "export", "export", "status"),
    ]


@pytest.mark.slow
def test_demo_leaves_what_an_instructor_needs(ran):
    """Report, exports and a page of feedback for each who was graded."""
    run_time = ran[0] / "course" / "gradebook"

    pages = sorted(path.parts[-3] for path in run_time.glob("feedback/*/practical1/*.html"))
    graded = [row["student"] for row in table.read(table.EXPECTED) if row["A"]]
    assert pages == graded
    assert (run_time / "report" / "index.html").is_file()
    exports = sorted(path.name for path in (run_time / "export").iterdir())
    assert exports == ["canvas.csv", "marks.csv", "moodle.csv"]


@pytest.mark.slow
def test_demo_goes_on_where_it_was(ran, root):
    """A second run grades nobody again, and ends the same."""
    words = run(root, ran[0])

    assert "Going on in" in words
    assert re.search(r"practical1: 0 graded, \d+ kept", words)
    assert table.read(ran[0] / "scores.csv") == table.read(table.EXPECTED)


def test_class_is_visibly_a_sample():
    """Twenty-four students, none of whom could be real."""
    students = [one.student for one in sample_class.CLASS]

    assert students == [f"sample-{number:02}" for number in range(1, 25)]
    assert all(one.name.startswith("Sample Öğrenci ") for one in sample_class.CLASS)


def test_every_hand_in_can_be_built():
    """Answers, planted bugs and damages fit today's practical."""
    source = sample_class.handins.source(sample_class.PRACTICAL)
    release = sample_class.handins.released(source)

    built = {one.student: sample_class.files(one, release) for one in sample_class.CLASS}

    odd = {"sample-18", "sample-19", "sample-20"}
    assert all(list(built[who]) == [sample_class.FILE] for who in built.keys() - odd)
    assert [list(built[who]) for who in sorted(odd)] == [
        ["ödev 1 (son hali).ipynb"],
        ["practical1.ipynb", "practical1-1.ipynb"],
        ["practical1.pdf"],
    ]


def test_machine_without_walls_grades_the_known_class(monkeypatch, capsys):
    """The remedy is said all the same."""

    def refuse():
        raise RoomsError("Install bubblewrap.")

    monkeypatch.setattr(demo, "choose", refuse)

    assert demo.isolation() == ("--isolation", "none")
    assert "Install bubblewrap." in capsys.readouterr().out


def test_differences_name_student_column_and_both_values():
    """Who changes a test sees at once whose score moves."""
    rows = table.read(table.EXPECTED)
    rows[2]["A"] = "0"

    expected = table.read(table.EXPECTED)[2]["A"]
    assert table.differences(rows) == [f"sample-03, A: expected '{expected}', found '0'"]
    assert table.differences(rows[1:]) == ["other students than expected"]


def test_folder_of_something_else_is_never_removed(tmp_path):
    """The demo begins anew in its own folders only."""
    (tmp_path / "thesis.tex").write_text("years of work")

    with pytest.raises(demo.DemoError, match="holds something else"):
        demo.prepare(tmp_path, True, "")
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_database_that_holds_something_is_refused(tmp_path):
    """It might be the gradebook of a real class."""
    address = f"sqlite:///{tmp_path / 'real.db'}"
    engine = demo.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table student (id text)")
    engine.dispose()

    with pytest.raises(demo.DemoError, match="not empty"):
        demo.prepare(tmp_path / "demo", False, address)


def test_gradebook_that_the_environment_names_is_left_alone(monkeypatch):
    """The demo hides it while it runs, and puts it back."""
    monkeypatch.setenv(demo.DATABASE, "postgresql://real")

    with demo._database(""):
        assert demo.DATABASE not in os.environ
    with demo._database("sqlite:///sample.db"):
        assert os.environ[demo.DATABASE] == "sqlite:///sample.db"
    assert os.environ[demo.DATABASE] == "postgresql://real"


def test_demo_begins_anew_when_a_source_changes(monkeypatch, tmp_path):
    """And goes on when none has."""
    monkeypatch.setattr(demo, "digest", lambda: "one")
    course = demo.prepare(tmp_path / "demo", False, "")
    (course / "mark").write_text("")

    assert (demo.prepare(tmp_path / "demo", False, "") / "mark").exists()
    monkeypatch.setattr(demo, "digest", lambda: "another")
    assert not (demo.prepare(tmp_path / "demo", False, "") / "mark").exists()
    (course / "mark").write_text("")
    assert not (demo.prepare(tmp_path / "demo", True, "") / "mark").exists()


def test_digest_depends_on_every_source():
    """A file that decides a score is among them."""
    names = [Path(source) for source in demo.SOURCES]

    assert all((demo.ROOT / name).exists() for name in names)
    assert len(demo.digest()) == 64
