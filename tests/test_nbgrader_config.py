"""Tests of nbgrader_config.py: stock nbgrader finds the course by it, at every step."""

import csv
import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest

from tests.autograder.tiny_course import make_course, make_source

ANSWERED = 'def double(x):\n    """Return twice x."""\n    return x + x'


def nbgrader(course, *arguments, status=0):
    """Run stock nbgrader as its manual says, from the course's top; give what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=course,
        # No activated environment, and no exchange or settings of the machine's user.
        env=os.environ | {"PATH": "/usr/bin:/bin", "HOME": str(course / "gradebook")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a course of one practical beside a folder that is none, and let nbgrader release it."""
    folder = make_course(tmp_path_factory.mktemp("course"))
    lectures = folder / "solutions" / "lectures" / "week01"
    lectures.mkdir(parents=True)
    nbformat.write(make_source(), lectures / "01_x.ipynb")
    (folder / "solutions" / "practical1" / ".DS_Store").write_text("x", "utf-8")
    nbgrader(folder, "generate_assignment", "practical1")
    return folder


def gradebook(course):
    """Open nbgrader's gradebook of a course."""
    from autograder.workspace import open_workspace

    return open_workspace(course).gradebook()


def settings_of(folder, monkeypatch):
    """Load the settings as nbgrader does; undo what they change in this process."""
    from traitlets.config import PyFileConfigLoader

    monkeypatch.setenv("PATH", os.environ["PATH"])
    monkeypatch.setattr(sys, "path", [*sys.path])
    return PyFileConfigLoader("nbgrader_config.py", str(folder)).load_config()


def test_practical_is_made_from_its_solution(course):
    """`nbgrader generate_assignment` writes practicals/ from solutions/, without the answer."""
    (folder,) = (course / "practicals").iterdir()
    (file,) = folder.iterdir()
    cells = {cell.id: cell.source for cell in nbformat.read(file, 4).cells}

    assert file.relative_to(course).as_posix() == "practicals/practical1/practical1.ipynb"
    assert cells["double-answer"] == (
        'def double(x):\n    """Return twice x."""\n    # YOUR CODE HERE\n'
        "    raise NotImplementedError()"
    )
    assert cells["double"] == 'assert double(2) == 4, "double(2) is 4"'


def test_run_time_files_lie_under_gradebook(course):
    """Nothing but the gradebook's folder appears beside the course's own."""
    assert (course / "gradebook" / "gradebook.db").is_file()
    names = {path.name for path in course.iterdir() if not path.name.startswith(".")}
    own = {"nbgrader_config.py", "course.toml", "solutions", "practicals"}
    assert names == own | {"gradebook"}


def test_due_date_of_the_syllabus_is_saved_as_utc(course):
    """The day ends in Istanbul three hours before it does in Greenwich."""
    with gradebook(course) as grades:
        due = grades.find_assignment("practical1").duedate

    assert due.isoformat() == "2024-10-24T20:59:59"


def test_changed_due_date_comes_with_the_next_release(course, tmp_path):
    """`generate_assignment --force` is enough; `--no-db` leaves the gradebook alone."""
    copy = shutil.copytree(course, tmp_path / "course")
    syllabus = (copy / "course.toml").read_text("utf-8")
    (copy / "course.toml").write_text(syllabus.replace("due = 2024-10-24", "due = 2024-10-31"))

    nbgrader(copy, "generate_assignment", "practical1", "--force", "--no-db")
    with gradebook(copy) as grades:
        unchanged = grades.find_assignment("practical1").duedate.isoformat()
    nbgrader(copy, "generate_assignment", "practical1", "--force")
    with gradebook(copy) as grades:
        changed = grades.find_assignment("practical1").duedate.isoformat()

    # The clocks of Istanbul do not go back in October.
    assert (unchanged, changed) == ("2024-10-24T20:59:59", "2024-10-31T20:59:59")


def test_folder_that_is_no_assignment_is_refused_by_name(course):
    """`solutions/lectures` holds no notebook of its own, and stock nbgrader says so."""
    said = nbgrader(course, "generate_assignment", "lectures", status=1)

    assert "No notebooks were matched by" in said
    assert [path.name for path in (course / "practicals").iterdir()] == ["practical1"]
    with gradebook(course) as grades:
        assert [assignment.name for assignment in grades.assignments] == ["practical1"]


def test_only_folders_that_may_be_assignments_are_listed(course, tmp_path):
    """Formgrader asks this; an empty folder is a new assignment that it has just made."""
    from autograder.workspace import open_workspace

    copy = shutil.copytree(course, tmp_path / "course")
    (copy / "solutions" / "new").mkdir()
    (copy / "solutions" / "data").mkdir()
    (copy / "solutions" / "data" / "digits.csv").write_text("1", "utf-8")
    (copy / "solutions" / ".ipynb_checkpoints").mkdir()

    assert open_workspace(copy).api().get_source_assignments() == {"practical1", "new"}


def test_list_and_release_assignment_find_an_exchange(course, tmp_path):
    """Without JupyterHub the exchange lies under gradebook/."""
    copy = shutil.copytree(course, tmp_path / "course")

    nbgrader(copy, "release_assignment", "practical1", f"--Exchange.root={copy / 'exchange'}")
    said = nbgrader(copy, "list", f"--Exchange.root={copy / 'exchange'}")

    assert "cmp784 practical1" in said
    assert "Released assignments" in nbgrader(copy, "list")


def test_mistake_in_the_syllabus_is_named_and_stops_the_release_alone(course, tmp_path):
    """A command that needs no syllabus works; a release would have no due date."""
    copy = shutil.copytree(course, tmp_path / "course")
    syllabus = (copy / "course.toml").read_text("utf-8")
    (copy / "course.toml").write_text(syllabus.replace("slip_days = 5", 'slip_days = "five"'))

    listed = nbgrader(copy, "db", "assignment", "list")
    refused = nbgrader(copy, "generate_assignment", "practical1", "--force", status=1)

    sentence = "course.slip_days: found 'five', expected a whole number."
    assert listed.count(sentence) == 1
    assert "practical1" in listed
    assert sentence in refused


def test_course_without_a_syllabus_can_be_released(course, tmp_path):
    """Stock nbgrader needs this file alone: there is no badge then, and no due date."""
    copy = make_course(tmp_path)
    (copy / "course.toml").unlink()

    nbgrader(copy, "generate_assignment", "practical1")

    with gradebook(copy) as grades:
        assert grades.find_assignment("practical1").duedate is None
    assert "colab" not in (copy / "practicals/practical1/practical1.ipynb").read_text("utf-8")


@pytest.mark.slow
def test_stock_commands_lead_from_release_to_marks(course, tmp_path):
    """Validate, zip_collect, autograde, generate_feedback, export: each as the manual says."""
    copy = shutil.copytree(course, tmp_path / "course")
    released = copy / "practicals" / "practical1" / "practical1.ipynb"
    solved = nbformat.read(released, 4)
    cells = {cell.id: cell for cell in solved.cells}
    cells["double-answer"].source = ANSWERED
    cells["words"].source = "It has two halves."
    nbformat.write(solved, tmp_path / "practical1.ipynb")
    downloaded = copy / "gradebook" / "downloaded" / "practical1" / "archive"
    downloaded.mkdir(parents=True)
    with zipfile.ZipFile(downloaded / "class.zip", "w") as archive:
        archive.write(tmp_path / "practical1.ipynb", "sample-01/practical1.ipynb")
        archive.write(released, "sample-02/practical1.ipynb")

    empty = nbgrader(copy, "validate", str(released))
    full = nbgrader(copy, "validate", str(tmp_path / "practical1.ipynb"))
    nbgrader(copy, "zip_collect", "practical1")
    nbgrader(copy, "autograde", "practical1")
    nbgrader(copy, "generate_feedback", "practical1")
    nbgrader(copy, "export")

    assert "VALIDATION FAILED ON" in empty
    assert "Success! Your notebook passes all the tests." in full
    with (copy / "gradebook" / "grades.csv").open(encoding="utf-8") as file:
        rows = [(row["student_id"], row["score"], row["duedate"]) for row in csv.DictReader(file)]
    due = "2024-10-24 20:59:59"
    assert rows == [("sample-01", "3.0", due), ("sample-02", "0.0", due)]
    for made in ("autograded/sample-02/practical1/practical1.ipynb",
                 "feedback/sample-02/practical1/practical1.html"):  # fmt: skip
        assert "wanted = number * 2" not in (copy / "gradebook" / made).read_text("utf-8")


def test_every_setting_is_one_that_nbgrader_knows(root, tmp_path, monkeypatch):
    """A misspelt setting would be passed over in silence."""
    import nbgrader.apps
    from nbgrader import converters, exchange, plugins, preprocessors
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange.default import Exchange

    for file in ("nbgrader_config.py", "course.toml"):
        shutil.copy(root / file, tmp_path)

    settings = settings_of(tmp_path, monkeypatch)

    rooms = (nbgrader.apps, converters, exchange, plugins, preprocessors)
    known = {name: getattr(room, name) for room in rooms for name in room.__all__}
    known |= {one.__name__: one for one in (NbGraderAPI, CourseDirectory, Exchange)}
    unknown = [
        f"{section}.{name}"
        for section, chosen in settings.items()
        for name in chosen
        if name not in known[section].class_traits(config=True)
    ]
    assert unknown == []


def test_plugins_and_steps_that_are_named_are_there(root, tmp_path, monkeypatch):
    """A dotted name that leads nowhere would stop a command late."""
    from traitlets.utils.importstring import import_item

    for file in ("nbgrader_config.py", "course.toml"):
        shutil.copy(root / file, tmp_path)

    settings = settings_of(tmp_path, monkeypatch)

    assert [import_item(name).__name__ for name in settings.GenerateAssignment.preprocessors] == [
        "IncludeHeaderFooter",
        "InstantiateTests",
        "PrepareNotebook",
        "LockCells",
        "ClearSolutions",
        "ClearOutput",
        "CheckCellMetadata",
        "ComputeChecksums",
        "SaveCellsAndDueDates",
        "ClearHiddenTests",
        "ClearMarkScheme",
        "DropUnusedAttachments",
        "ComputeChecksums",
        "CheckCellMetadata",
    ]
    names = [*settings.GenerateFeedback.preprocessors, settings.AssignLatePenalties.plugin_class]
    assert [import_item(name).__name__ for name in names] == [
        "GetGrades",
        "HideTests",
        "CSSHTMLHeaderPreprocessor",
        "SlipDayPlugin",
    ]


def test_folders_and_times_are_those_of_the_course(root, tmp_path, monkeypatch):
    """Where everything lies, in which zone times are shown, and which database is used."""
    for file in ("nbgrader_config.py", "course.toml"):
        shutil.copy(root / file, tmp_path)

    settings = settings_of(tmp_path, monkeypatch)

    directory = {name: settings.CourseDirectory[name] for name in settings.CourseDirectory}
    ignored = directory.pop("ignore")
    assert {".ipynb_checkpoints", "__pycache__", ".DS_Store"} <= set(ignored)
    assert directory == {
        "course_id": "cmp784",
        "root": str(tmp_path),
        "source_directory": "solutions",
        "release_directory": "practicals",
        "submitted_directory": "gradebook/submitted",
        "autograded_directory": "gradebook/autograded",
        "feedback_directory": "gradebook/feedback",
        "solution_directory": "gradebook/solution",
        "source_with_tests_directory": "gradebook/source_with_tests",
        "db_url": f"sqlite:///{tmp_path}/gradebook/gradebook.db",
    }
    assert settings.ZipCollectApp.downloaded_directory == "gradebook/downloaded"
    assert settings.ExportPlugin.to == f"{tmp_path}/gradebook/grades.csv"
    assert settings.NbGraderAPI.timezone == "Europe/Istanbul"


def test_database_can_be_another_one(root, tmp_path, monkeypatch):
    """An address with a password does not belong into a file that git tracks."""
    shutil.copy(root / "nbgrader_config.py", tmp_path)
    monkeypatch.setenv("CMP784_DB_URL", "postgresql+psycopg://grader@localhost/cmp784")

    settings = settings_of(tmp_path, monkeypatch)

    assert settings.CourseDirectory.db_url == "postgresql+psycopg://grader@localhost/cmp784"
