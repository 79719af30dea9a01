"""Tests of autograder.workspace: the course folder is found, read and refused in words."""

import pytest

from autograder.workspace import WorkspaceError, open_workspace

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "x"\n'


@pytest.fixture
def course(tmp_path):
    """Make a course of two assignments and one folder that is none."""
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    for name in ("one", "two"):
        (tmp_path / "source" / name).mkdir(parents=True)
        (tmp_path / "source" / name / f"{name}.ipynb").write_text("{}")
    (tmp_path / "source" / "lectures" / "week01").mkdir(parents=True)
    return tmp_path.resolve()


def test_course_is_found_from_a_folder_inside_it(course, monkeypatch):
    """An instructor may stand anywhere below the top."""
    monkeypatch.chdir(course / "source" / "lectures")

    assert open_workspace().root == course


def test_folders_follow_nbgrader_s_settings(course):
    """Each step lies where nbgrader_config.py, or nbgrader by itself, puts it."""
    workspace = open_workspace(course)

    assert workspace.folder("submitted", "one", "s1") == course / "submitted" / "s1" / "one"
    assert workspace.folder("source", "one") == course / "source" / "one"


def test_only_folders_with_notebooks_are_assignments(course):
    """The worked exercises of the lectures lie deeper, and are none."""
    assert open_workspace(course).assignments() == ["one", "two"]


def test_unknown_assignment_is_refused_with_the_known_ones(course):
    """A misspelt name is told with what there is."""
    with pytest.raises(WorkspaceError, match=r"'source/three': no notebook.*are: one, two"):
        open_workspace(course).check_assignment("three")


def test_gradebook_opens_where_the_settings_say(course):
    """The database lies at the top when nothing else is said."""
    with open_workspace(course).gradebook() as gradebook:
        assert gradebook.students == []
    assert (course / "gradebook.db").is_file()


def test_folder_without_settings_is_refused(tmp_path):
    """There is no course where nbgrader has no settings."""
    with pytest.raises(WorkspaceError, match=r"no nbgrader_config\.py there"):
        open_workspace(tmp_path)


def test_settings_that_stop_are_told_with_their_reason(tmp_path):
    """The settings are a program, and may be wrong."""
    (tmp_path / "nbgrader_config.py").write_text("1 / 0\n")

    with pytest.raises(WorkspaceError, match="stops with ZeroDivisionError: division by zero"):
        open_workspace(tmp_path)
