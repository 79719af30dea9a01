"""Tests of autograder.late_submission: nbgrader asks the plugin, and penalties are mended."""

from datetime import timedelta
from fractions import Fraction

import pytest
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.final_marks import final_marks
from autograder.late_submission import PenaltyChange, SlipDayPlugin, update_penalties
from autograder.tables import TableError
from autograder.workspace import open_workspace
from tests.autograder import postgresql
from tests.autograder.late_course import DUE, hand_in, make_course, penalties, write
from tests.autograder.sample_gradebook import CONFIG

DAY = timedelta(days=1)


@pytest.fixture
def course(tmp_path):
    """Make a course with two assignments."""
    return make_course(tmp_path)


def ask(workspace, student, assignment, notebook, **settings):
    """Let nbgrader's own step ask the plugin about one notebook."""
    config = Config(workspace.config.copy())
    config.SlipDayPlugin = Config(settings)
    names = {
        "notebook": notebook,
        "assignment": assignment,
        "student": student,
        "db_url": workspace.coursedir.db_url,
    }
    AssignLatePenalties(config=config).preprocess(new_notebook(), {"nbgrader": names})


def of(workspace, student):
    """Give a student's penalties by assignment and notebook."""
    return {key[1:]: value for key, value in penalties(workspace).items() if key[0] == student}


def test_nbgrader_gets_each_notebook_s_share(course):
    """Seven days late: five are covered, two take 40 % of either notebook."""
    hand_in(course, "sample-01", "practical1", 7 * DAY)

    ask(course, "sample-01", "practical1", "one")
    ask(course, "sample-01", "practical1", "two")

    assert of(course, "sample-01") == {("practical1", "one"): 4.0, ("practical1", "two"): 12.0}
    assert update_penalties(course) == []


def test_nbgrader_is_told_nothing_to_pay_within_slip_days(course):
    """Late, and free."""
    hand_in(course, "sample-01", "practical1", 5 * DAY)

    ask(course, "sample-01", "practical1", "one")

    assert of(course, "sample-01")["practical1", "one"] == 0


def test_extension_that_nbgrader_does_not_know_is_kept(course):
    """The gradebook says late, the extension says not."""
    hand_in(course, "sample-01", "practical1", 9 * DAY)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-01,practical1,9\n")

    ask(course, "sample-01", "practical1", "one")

    assert of(course, "sample-01")["practical1", "one"] == 0


def test_plugin_asks_the_syllabus_and_not_the_gradebook_for_the_due_time(tmp_path):
    """A due date that changed in course.toml holds, though the release has not been renewed."""
    course = make_course(tmp_path, ("due = 2024-10-24", "due = 2024-10-31"))
    hand_in(course, "sample-01", "practical1", 14 * DAY)

    ask(course, "sample-01", "practical1", "one")

    assert of(course, "sample-01")["practical1", "one"] == 4.0


def test_root_may_be_set_for_the_plugin_alone(course, tmp_path, monkeypatch):
    """Where nbgrader's own root is another, a trait names the course."""
    hand_in(course, "sample-01", "practical1", 6 * DAY)
    elsewhere = Config(course.config.copy())
    elsewhere.CourseDirectory.root = "/nowhere"
    monkeypatch.setitem(course.__dict__, "config", elsewhere)

    ask(course, "sample-01", "practical1", "one", root=str(tmp_path))

    assert of(course, "sample-01")["practical1", "one"] == 2.0


def test_mistake_in_the_extensions_stops_the_plugin_with_its_line(course):
    """Better no grade than an unfair one."""
    hand_in(course, "sample-01", "practical1", 6 * DAY)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-01,practical1,-1\n")

    with pytest.raises(TableError, match=r"extensions\.csv, line 2: days '-1'"):
        ask(course, "sample-01", "practical1", "one")


def test_assignment_outside_of_the_syllabus_has_no_penalty(course):
    """An instructor may try something out."""
    with course.gradebook() as gradebook, gradebook.db.no_autoflush:
        gradebook.add_assignment("trial", duedate=DUE["practical1"])
        gradebook.add_notebook("one", "trial")
        gradebook.add_grade_cell("A", "one", "trial", max_score=10, cell_type="code")
        gradebook.add_student("sample-01")
        gradebook.add_submission("trial", "sample-01", timestamp=DUE["practical1"] + 9 * DAY)

    ask(course, "sample-01", "trial", "one")

    assert of(course, "sample-01") == {("trial", "one"): 0}
    assert update_penalties(course) == []


def test_nbgrader_s_autograde_finds_the_plugin_and_the_course(course, tmp_path, monkeypatch):
    """The settings alone lead from the programming interface, as formgrader calls it, to here."""
    (tmp_path / "nbgrader_config.py").write_text(
        CONFIG + 'c.AssignLatePenalties.plugin_class = "autograder.late_submission.SlipDayPlugin"\n'
        "c.Autograde.sanitize_preprocessors = []\n"
        'c.Autograde.autograde_preprocessors = ["nbgrader.preprocessors.AssignLatePenalties"]\n'
    )
    monkeypatch.chdir("/")
    hand_in(course, "sample-01", "practical1", 7 * DAY)
    for name in ("one", "two"):
        (tmp_path / "solutions" / "practical1").mkdir(parents=True, exist_ok=True)
        text = '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
        (tmp_path / "solutions" / "practical1" / f"{name}.ipynb").write_text(text)
        write(course, f"submitted/sample-01/practical1/{name}.ipynb", text)
    write(course, "submitted/sample-01/practical1/timestamp.txt", "2024-10-30 20:55:12 UTC")

    result = open_workspace(tmp_path).api().autograde("practical1", "sample-01")

    assert result["success"], result
    assert of(course, "sample-01") == {("practical1", "one"): 2.0, ("practical1", "two"): 6.0}


def test_plugin_shows_its_settings_in_nbgrader_s_help():
    """`nbgrader autograde --help-all` lists what a trait is for."""
    assert SlipDayPlugin.root.metadata["config"] is True
    assert "course.toml" in SlipDayPlugin.root.help


# --- Mending --------------------------------------------------------------------------------------


def test_points_by_hand_change_the_penalty(course):
    """A penalty is a share: points that a person gives later are taxed as well."""
    hand_in(course, "sample-01", "practical1", 6 * DAY, {"A": 10, "B": 25, "G": None})
    ask(course, "sample-01", "practical1", "one")
    ask(course, "sample-01", "practical1", "two")
    assert of(course, "sample-01")["practical1", "two"] == 5.0

    with course.gradebook() as gradebook:
        grade = gradebook.find_grade("G", "two", "practical1", "sample-01")
        grade.manual_score, grade.needs_manual_grade = 5, False
        gradebook.db.commit()

    assert update_penalties(course) == [PenaltyChange("sample-01", "practical1", "two", 5.0, 6.0)]
    assert of(course, "sample-01") == {("practical1", "one"): 2.0, ("practical1", "two"): 6.0}


def test_second_call_changes_nothing(course):
    """Mending is idempotent, with marks and penalties that no binary number holds."""
    hand_in(course, "sample-01", "practical1", 6 * DAY, {"A": 0.1, "B": 8.3, "G": 3.3})
    first = update_penalties(course)
    before = penalties(course)

    assert [change.after for change in first] == pytest.approx([0.02, 2.32], rel=1e-12)
    assert update_penalties(course) == []
    assert penalties(course) == before


def test_due_date_absent_from_the_gradebook_is_mended(tmp_path):
    """Without one nbgrader never asks."""
    course = make_course(tmp_path, duedates=False)
    hand_in(course, "sample-01", "practical1", 10 * DAY)
    ask(course, "sample-01", "practical1", "one")
    assert of(course, "sample-01")["practical1", "one"] is None

    update_penalties(course)

    assert of(course, "sample-01") == {("practical1", "one"): 10.0, ("practical1", "two"): 30.0}


def test_earlier_hand_in_that_is_graded_later_changes_the_others(course):
    """Grading practical 2 first and practical 1 afterwards ends as the other way round."""
    hand_in(course, "sample-01", "practical2", 5 * DAY)
    assert update_penalties(course) == []

    hand_in(course, "sample-01", "practical1", 5 * DAY)

    assert [(one.assignment, one.notebook, one.after) for one in update_penalties(course)] == [
        ("practical2", "one", 10.0),
        ("practical2", "two", 30.0),
    ]


def test_new_extension_takes_the_penalty_away(course):
    """Also that of later work, as slip days come back; nbgrader's word for none is NULL."""
    hand_in(course, "sample-01", "practical1", 5 * DAY)
    hand_in(course, "sample-01", "practical2", 2 * DAY)
    update_penalties(course)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-01,practical1,3\n")

    changes = update_penalties(course)

    assert changes == [
        PenaltyChange("sample-01", "practical2", "one", 4.0, 0.0),
        PenaltyChange("sample-01", "practical2", "two", 12.0, 0.0),
    ]
    assert set(of(course, "sample-01").values()) == {None}


def test_corrected_time_ends_as_if_it_had_been_right(course):
    """A time that was wrong leaves no trace."""
    hand_in(course, "sample-01", "practical1", 9 * DAY)
    update_penalties(course)

    with course.gradebook() as gradebook:
        submission = gradebook.find_submission("practical1", "sample-01")
        submission.timestamp = DUE["practical1"] + 6 * DAY
        gradebook.db.commit()
    update_penalties(course)

    assert of(course, "sample-01") == {("practical1", "one"): 2.0, ("practical1", "two"): 6.0}


def test_mistake_in_the_extensions_changes_nothing(course):
    """All or nothing."""
    hand_in(course, "sample-01", "practical1", 9 * DAY)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-02,practical1,2\n")

    with pytest.raises(TableError, match="unknown student_id 'sample-02'"):
        update_penalties(course)
    assert set(of(course, "sample-01").values()) == {None}


def test_unknown_time_has_no_penalty(course):
    """It costs nothing until a person finds out."""
    hand_in(course, "sample-01", "practical1", None)

    assert update_penalties(course) == []


def test_empty_gradebook_needs_no_mending(course):
    """Before anybody hands in."""
    assert update_penalties(course) == []


def test_postgresql_does_the_same(tmp_path):
    """Another database behind db_url."""
    with postgresql.server() as address:
        course = make_course(tmp_path, db_url=address)
        hand_in(course, "sample-01", "practical1", 6 * DAY, {"A": 0.1, "B": 8.5, "G": 3})
        ask(course, "sample-01", "practical1", "two")

        changes = update_penalties(course)

        assert changes == [PenaltyChange("sample-01", "practical1", "one", 0.0, 0.02)]
        assert of(course, "sample-01") == {("practical1", "one"): 0.02, ("practical1", "two"): 2.3}
        assert update_penalties(course) == []
        (mark,) = final_marks(course)
        assert mark.components[1].parts[0].points == Fraction("1.856")
