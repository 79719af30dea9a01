"""Tests of autograder.cli: commands say what they did, and their exit status tells how it went."""

import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.errors import AutograderError
from autograder.office.summary import Grading
from tests.autograder.graded_course import RIGHT, hand_in, make_course, make_handin

COMMANDS = ("release", "collect", "grade", "feedback", "gradebook", "export", "status")
RARE = ("validate", "serve", "watch")
#: No walls are needed: these tests have written the hand-ins themselves.
GRADE = ("grade", "practical1", "--workers", "1", "--isolation", "none")


@pytest.fixture
def course(tmp_path):
    """Make a course of two students, one of whom has handed in."""
    workspace = make_course(tmp_path)
    (workspace.run_time / "students.csv").write_text("student_id\nsample-01\nsample-02\n")
    hand_in(workspace, "sample-01", make_handin(workspace))
    return workspace


def run(workspace, *words):
    """Run a command in a course; gives its exit status and its lines."""
    done = CliRunner().invoke(cli.app, [*words, "--course", str(workspace.root)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output.splitlines()


@pytest.mark.parametrize("command", [*COMMANDS, *RARE])
def test_help_teaches_with_an_example(command):
    """What it does, an example, and its exit status."""
    done = CliRunner().invoke(cli.app, [command, "--help"], env={"COLUMNS": "100"})

    assert done.exit_code == 0
    assert f"Example: autograder {command}" in done.output
    assert "Exit status: 0 done" in done.output


def test_help_lists_the_commands_in_the_order_of_work():
    """An instructor reads it from top to bottom."""
    done = CliRunner().invoke(cli.app, ["--help"])

    words = [line.split()[0] for line in done.output.split("Commands:")[1].splitlines() if line]
    assert tuple(words[:10]) == (*COMMANDS, *RARE)


def test_command_line_loads_nothing_heavy():
    """``autograder --help`` answers at once."""
    code = "import sys, autograder.cli; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"nbgrader", "torch", "numpy", "rich.progress"} & {*done.stdout.split()} == set()


def test_folder_that_is_no_course_is_wrong_usage(tmp_path):
    """One line, no traceback."""
    done = CliRunner().invoke(cli.app, ["status", "--course", str(tmp_path)])

    assert done.exit_code == 2
    assert done.output == (
        f"Error: '{tmp_path}': no nbgrader_config.py there. Name the top of a course of nbgrader.\n"
    )


@pytest.mark.parametrize("command", ["grade", "feedback", "release", "status"])
def test_unknown_assignment_is_wrong_usage(course, command):
    """The message names those that there are."""
    code, lines = run(course, command, "practical9")

    assert code == 2
    assert lines[-1].startswith("Error: 'solutions/practical9': no notebook there.")


def test_nobody_graded_is_told(course):
    """Feedback before grading cannot be."""
    code, lines = run(course, "feedback", "practical1")

    assert code == 1
    assert lines[-1].startswith("Error: 'practical1': nobody is graded. Run 'autograder grade")


def test_mistake_in_the_syllabus_is_told(course):
    """An error of the student half has one message as well."""
    (course.root / "course.toml").write_text("[course")

    code, lines = run(course, "status")

    assert code == 1
    assert lines[-1].startswith(f"Error: {course.root}/course.toml, line 1: found")


def test_database_that_cannot_be_used_is_told(course):
    """SQLite's own words, and no traceback."""
    (course.run_time / "gradebook.db").write_text("this is no database, whatever its name says")

    code, lines = run(course, "status")

    assert code == 1
    assert lines[-1].startswith("Error: the gradebook's database cannot be used: ")


def test_unknown_format_is_wrong_usage(course):
    """Typer lists those that there are."""
    code, lines = run(course, "export", "--for", "blackbored")

    assert code == 2
    assert "'moodle'" in " ".join(lines)


def test_status_tells_who_is_missing_and_what_comes_next(course):
    """A table, then words."""
    code, lines = run(course, "status", "practical1")

    assert code == 0
    assert "practical1, not handed in: sample-02." in lines
    assert lines[-1] == "Next for practical1: autograder grade practical1"
    assert any("1 of 2" in line and "2024-10-24 23:59" in line for line in lines)


@pytest.mark.slow
def test_grade_and_feedback_say_what_they_did_to_how_many(course):
    """Twice each: the second time there is nothing to do."""
    code, lines = run(course, *GRADE)
    assert code == 0
    assert lines[0].startswith("Warning: --isolation none runs hand-ins without walls")
    assert lines[1] == "Grading: 0/1"
    assert lines[2].startswith("Grading: 1/1 sample-01, slowest sample-01")
    assert "practical1: 1 graded, 0 kept, 0 left for a person." in lines
    assert "Points by hand are still to be given for 1 hand-in: use formgrader." in lines
    assert "practical1: 0 graded, 1 kept, 0 left for a person." in run(course, *GRADE)[1]

    code, lines = run(course, "feedback", "practical1")
    assert code == 0
    done = "{} written, {} up to date, 0 to be graded first, 0 failed."
    assert f"practical1: {done.format('1 page', 0)}" in lines
    code, lines = run(course, "feedback", "practical1")
    assert f"practical1: {done.format('0 pages', 1)}" in lines


def test_gradebook_calls_what_is_missing_missing(course):
    """Nobody has sat the exam yet: no zero, no total, no letter."""
    code, lines = run(course, "gradebook")

    rows = [line for line in lines if "sample-02" in line]
    assert code == 0
    assert rows[0].count("missing") == 6
    assert "2 students, 0 with a whole mark; 0 penalties for late days changed." in lines
    assert f"Report: {course.run_time / 'report' / 'index.html'}" in lines


def test_export_says_where_the_file_is(course):
    """One line of it is the header."""
    file = course.root / "marks.csv"

    code, lines = run(course, "export", "--for", "csv", "--output", str(file))

    assert (code, lines[-1]) == (0, f"3 lines for csv: {file}")


def test_collect_names_what_it_could_not_take(course):
    """Status 1, for somebody has to look."""
    (course.root / "marks.zip").write_text("no archive")

    code, lines = run(course, "collect", "practical1", str(course.root / "marks.zip"))

    assert code == 1
    assert [line for line in lines if line.startswith("Warning: marks.zip")]
    assert any("0 collected, 0 as before, 0 older archived" in line for line in lines)


def test_hand_in_that_needs_a_person_gives_status_1(course):
    """It is named with the reason."""
    hand_in(course, "sample-01", "")

    code, lines = run(course, *GRADE)

    assert code == 1
    assert any(line.startswith("Needs a person: sample-01: ") for line in lines)
    assert "practical1: 1 graded, 0 kept, 1 left for a person." in lines


def test_weaker_tests_are_told_in_the_summary(course, monkeypatch):
    """An instructor who reads nothing else reads this."""
    done = Grading("practical1", (), (), (), weaker=(("A3", 2),), notes=("no namespaces",))
    monkeypatch.setattr("autograder.grading.grade", lambda *_, **__: done)

    code, lines = run(course, *GRADE)

    assert code == 0
    assert "Note: no namespaces" in lines
    assert (
        "Weaker: 1 test ran beside the student's code, which could deceive it: A3 (2 hand-ins). "
        "'autograder validate practical1' says why."
    ) in lines


@pytest.mark.slow
def test_validate_says_how_each_test_does(course):
    """The reference solution of the sample passes all of them across rooms."""
    code, lines = run(course, "validate", "practical1", "--isolation", "none")

    assert code == 0, lines
    assert "Test A1: works across rooms, 3 of 3 points." in lines


@pytest.mark.slow
def test_ctrl_c_gives_status_130_and_leaves_no_kernel(course):
    """In a process of its own, as on a terminal."""
    begun = course.root / "begun"
    slow = f"import os, time\nopen({str(begun)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)"
    hand_in(course, "sample-01", make_handin(course, RIGHT | {"A1-answer": slow}))
    command = [sys.executable, "-m", "autograder", *GRADE, "--course", course.root]

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as job:
        while not (begun.is_file() and begun.read_text()) and job.poll() is None:
            time.sleep(0.05)
        kernel = int(begun.read_text())
        job.send_signal(signal.SIGINT)
        _, words = job.communicate(timeout=60)

    assert job.returncode == 130
    assert words.endswith("Stopped. What is done stays; the same command goes on from there.\n")
    assert not course.folder("autograded", "practical1", "sample-01").exists()
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{kernel}") and time.monotonic() < deadline:
        time.sleep(0.05)
    with pytest.raises(ProcessLookupError, match="No such process"):
        os.kill(kernel, 0)


def test_release_says_where_it_is(course, monkeypatch):
    """The numbers come from the library, which fails here in words."""

    def refuse(*_, **__):
        raise AutograderError("students would read 3 hidden lines")

    monkeypatch.setattr("autograder.release.release", refuse)

    assert run(course, "release", "practical1") == (
        1,
        ["Error: students would read 3 hidden lines"],
    )
