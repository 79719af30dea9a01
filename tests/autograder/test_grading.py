"""Tests of autograder.grading: a class is graded, and what is wrong with one stops no other.

Rooms are stood in for; `tests/hostile` and `tests/practicals` use them.
"""

import json
import shutil
from dataclasses import replace

import nbformat
import pytest
from sqlalchemy.exc import OperationalError

from autograder import grading
from autograder.grading import GradingError, Options
from autograder.grading_record import Record, RecordError, handins
from autograder.late_submission import update_penalties
from autograder.office.lock import LockError, one_writer
from autograder.office.writing import Writer
from autograder.scores import NeedsPerson, Score
from autograder.workspace import WorkspaceError, open_workspace
from tests.autograder.graded_course import RIGHT, hand_in, make_course, make_handin, release
from tests.autograder.office.fakes import Here, fail, grade_here, lose
from tests.autograder.tiny_course import make_source as tiny_source

#: What the whole class of `make_class` comes to: points of 14, penalty, cells that wait.
SCORES = (
    Score("sample-01", 9.0, 14.0, pending=1),
    Score("sample-02", 6.0, 14.0, pending=1),
    Score("sample-03", 0.0, 14.0),
    Score("sample-04", 0.0, 14.0, pending=4),
    Score("sample-06", 9.0, 14.0),
    Score("sample-07", 9.0, 14.0, penalty=1.8, pending=1),
)


def grade(workspace, assignment="practical1", *, function=grade_here, **more):
    """Grade without workers and rooms; gives also which tasks were asked."""
    regrade = more.pop("regrade", False)
    here = Here(function)
    done = grading.grade(workspace, assignment, options=Options(regrade, pool=here), **more)
    return done, here.asked


def make_class(workspace):
    """Hand in: right, one wrong, nothing answered, cut off, cells deleted, 6 days late."""
    small = {"A1-answer": "def double(x):\n    return 2 * x if x < 10 else 0"}
    rows = "student_id,first_name,last_name\nsample-01,Sample,One\nsample-08,Sample,Eight\n"
    (workspace.run_time / "students.csv").write_text(rows)
    hand_in(workspace, "sample-01", make_handin(workspace))
    hand_in(workspace, "sample-02", make_handin(workspace, RIGHT | small))
    hand_in(workspace, "sample-03", make_handin(workspace, {}))
    hand_in(workspace, "sample-04", '{"cells": [')
    hand_in(workspace, "sample-06", make_handin(workspace, without=("A2", "G1")))
    hand_in(workspace, "sample-07", make_handin(workspace), at="2024-10-30 12:00:00 UTC")


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade a class once; gives the course and what the first run did."""
    workspace = make_course(tmp_path_factory.mktemp("class"))
    make_class(workspace)
    return workspace, grade(workspace)[0]


@pytest.fixture
def course(tmp_path):
    """Make a course in which one student has handed in."""
    workspace = make_course(tmp_path)
    hand_in(workspace, "sample-01", make_handin(workspace))
    return workspace


def who(scores):
    """Name the students of some scores."""
    return [score.student for score in scores]


def all_grades(workspace, student="sample-01"):
    """Give the grades of one student by cell."""
    with workspace.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("practical1", "practical1", student)
        return {
            one.name: (one.auto_score, one.manual_score, one.needs_manual_grade)
            for one in notebook.grades
        }


def comments(workspace, student="sample-01"):
    """Give nbgrader's own comments on one student's answers."""
    with workspace.gradebook() as gradebook:
        notebook = gradebook.find_submission_notebook("practical1", "practical1", student)
        return {one.name: one.auto_comment for one in notebook.comments}


def give_points(workspace, points=4.0, student="sample-01"):
    """Give points for G1 and a comment on A1, as formgrader does."""
    with workspace.gradebook() as gradebook:
        one = gradebook.find_grade("G1", "practical1", "practical1", student)
        one.manual_score, one.needs_manual_grade = points, False
        note = gradebook.find_comment("A1-answer", "practical1", "practical1", student)
        note.manual_comment = "Well done."
        gradebook.db.commit()


def change_source(workspace, old, new):
    """Correct the source, and release it anew."""
    source = workspace.folder("source", "practical1") / "practical1.ipynb"
    assert old in source.read_text()
    source.write_text(source.read_text().replace(old, new))
    release(workspace)


def test_class_is_graded_and_what_is_broken_is_flagged(graded):
    """Every broken hand-in costs its owner's place only."""
    _, done = graded

    assert done.graded == SCORES
    assert who(done.needs_person) == ["sample-04"]
    assert "is cut off" in done.needs_person[0].reason
    assert (done.kept, done.generated, done.weaker) == ((), False, ())


def test_flag_is_to_be_seen_in_formgrader(graded):
    """It waits for a person, with the reason at each answer and on top of the notebook."""
    workspace, done = graded

    reason = f"Needs a person: {done.needs_person[0].reason}"
    path = workspace.folder("autograded", "practical1", "sample-04") / "practical1.ipynb"
    first = nbformat.read(path, as_version=4).cells[0]

    assert set(all_grades(workspace, "sample-04").values()) == {(0.0, None, True)}
    assert set(comments(workspace, "sample-04").values()) == {reason}
    assert first.source == f"**Needs a person:** {done.needs_person[0].reason}."


def test_second_run_keeps_what_is_graded(graded):
    """Nothing is run again, and who needed a person needs one still."""
    workspace, first = graded
    autograded = workspace.folder("autograded", "practical1", "sample-01") / "practical1.ipynb"
    before, told = autograded.stat().st_mtime_ns, []

    done, asked = grade(workspace, listener=told.append)

    assert (done.graded, done.kept, asked) == ((), SCORES, [])
    assert done.needs_person == first.needs_person
    assert autograded.stat().st_mtime_ns == before
    assert [(one.done, one.kept, one.total) for one in told] == [(n, n, 6) for n in range(7)]


def test_student_without_a_hand_in_is_not_touched(graded):
    """The roster gives names to who has handed in, and puts nobody in."""
    with graded[0].gradebook() as gradebook:
        names = {student.id: student.first_name for student in gradebook.students}

    there = {f"sample-{number:02}" for number in (1, 2, 3, 4, 6, 7)}
    assert names == {**dict.fromkeys(there), "sample-01": "Sample"}


def test_graded_notebook_is_as_nbgrader_expects(graded):
    """Metadata and checksums are the gradebook's; files lie beside it, read-only."""
    workspace, _ = graded
    folder = workspace.folder("autograded", "practical1", "sample-01")
    notebook = nbformat.read(folder / "practical1.ipynb", as_version=4)
    nbformat.validate(notebook)
    with workspace.gradebook() as gradebook:
        source = gradebook.find_source_cell("A1", "practical1", "practical1")

    about = {
        cell.metadata.nbgrader.grade_id: cell.metadata.nbgrader
        for cell in notebook.cells
        if "nbgrader" in cell.metadata
    }

    assert about["A1"] == {
        "schema_version": 3,
        "grade_id": "A1",
        "grade": True,
        "solution": False,
        "locked": True,
        "task": False,
        "points": 3.0,
        "cell_type": "code",
        "checksum": source.checksum,
    }
    assert sorted(path.name for path in folder.iterdir()) == ["practical1.ipynb", "timestamp.txt"]
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}


def test_hidden_tests_are_not_in_the_graded_notebook(graded):
    """What students get holds nothing that would have to be taken out first."""
    folder = graded[0].folder("autograded", "practical1", "sample-01")

    text = (folder / "practical1.ipynb").read_text()

    assert "checks.equal(double(2), 4" in text
    assert "secret_double" not in text


def test_unanswered_cells_are_called_so_and_worth_nothing(graded):
    """An answer in words that is still the stub waits for nobody."""
    workspace, _ = graded

    assert all_grades(workspace, "sample-03")["G1"] == (0.0, None, False)
    assert set(comments(workspace, "sample-03").values()) == {"No response."}
    assert comments(workspace, "sample-01")["A1-answer"] is None


def test_another_file_of_the_same_time_is_graded_again(course):
    """Stock nbgrader looks at the time only."""
    assert grade(course)[0].graded == (Score("sample-01", 9.0, 14.0, pending=1),)
    wrong = RIGHT | {"A2-answer": "def square(x):\n    return x"}
    hand_in(course, "sample-01", make_handin(course, wrong))

    assert grade(course)[0].graded == (Score("sample-01", 5.0, 14.0, pending=1),)


def test_deleted_test_cell_is_put_back(course):
    """Its points depend on the answer alone."""
    hand_in(course, "sample-01", make_handin(course, without=("A1", "A2")))

    assert grade(course)[0].graded == (Score("sample-01", 9.0, 14.0, pending=1),)


def test_flagged_hand_in_needs_no_person_once_all_points_are_given(course):
    """The person has come."""
    hand_in(course, "sample-01", "")
    assert len(grade(course)[0].needs_person) == 1

    with course.gradebook() as gradebook:
        for one in gradebook.find_submission("practical1", "sample-01").notebooks[0].grades:
            one.manual_score, one.needs_manual_grade = 1.0, False
        gradebook.db.commit()
    done, asked = grade(course)

    assert (done.needs_person, asked) == ((), [])
    assert done.kept == (Score("sample-01", 4.0, 14.0),)


def test_broken_new_hand_in_has_none_of_the_old_points(course):
    """Points of a file that no longer counts must not stay; a person is asked for others."""
    grade(course)
    hand_in(course, "sample-01", "")

    assert grade(course)[0].graded == (Score("sample-01", 0.0, 14.0, pending=4),)


def test_points_and_comments_by_hand_outlive_grading_again(course):
    """A person is not asked twice about the same hand-in, and loses no word."""
    grade(course)
    give_points(course)

    done, _ = grade(course, regrade=True)

    assert done.graded == (Score("sample-01", 13.0, 14.0),)
    assert all_grades(course)["G1"] == (None, 4.0, False)
    with course.gradebook() as gradebook:
        note = gradebook.find_comment("A1-answer", "practical1", "practical1", "sample-01")
        assert note.manual_comment == "Well done."


def test_points_by_hand_for_another_hand_in_are_to_be_looked_at_again(course):
    """They stay, and a person is asked."""
    grade(course)
    give_points(course)
    hand_in(course, "sample-01", make_handin(course, RIGHT | {"G1": "Something else."}))

    done, _ = grade(course)

    assert done.graded == (Score("sample-01", 13.0, 14.0, pending=1),)
    assert all_grades(course)["G1"] == (None, 4.0, True)


def test_extra_credit_and_points_for_a_test_by_hand_count(course):
    """The machine's points give way to a person's."""
    grade(course)
    with course.gradebook() as gradebook:
        one = gradebook.find_grade("A1", "practical1", "practical1", "sample-01")
        one.manual_score, one.extra_credit, one.needs_manual_grade = 1.0, 0.5, False
        gradebook.db.commit()

    done, _ = grade(course, regrade=True)

    assert done.graded == (Score("sample-01", 7.5, 14.0, pending=1),)


def test_regrade_repeats_the_random_numbers(course):
    """The seed of a hand-in is drawn once; another hand-in gets another one."""
    _, (first,) = grade(course)
    _, (again,) = grade(course, regrade=True)
    hand_in(course, "sample-01", make_handin(course, {}))
    _, (other,) = grade(course)

    assert again.seed == first.seed
    assert other.seed != first.seed


def test_changed_test_regrades_that_question_only(course):
    """A correction reaches those who were graded before it, and no other point moves."""
    grade(course)
    give_points(course)
    with course.gradebook() as gradebook:  # as if A1 had been graded otherwise
        gradebook.find_grade("A1", "practical1", "practical1", "sample-01").auto_score = 2.0
        gradebook.db.commit()
    change_source(course, "half(2) == 1", "half(2) == 3")

    done, (task,) = grade(course)

    assert task.only == {"practical1": {"B1"}}
    assert done.graded == (Score("sample-01", 10.0, 14.0),)
    assert [one["points"] for one in questions(course).values()] == [3.0, 4.0, 0.0]
    assert grade(course)[1] == []


def questions(workspace):
    """Give what is recorded of sample-01's tests."""
    entry = Record.load(workspace, "practical1").entries["sample-01"]
    return entry.details["questions"]["practical1"]


def test_changed_given_cell_regrades_everything(course):
    """All questions may depend on it."""
    grade(course)
    change_source(course, "from cmp784 import checks", "from cmp784 import checks\\nsize = 3")

    _, (task,) = grade(course)

    assert task.only is None


def test_changed_grader_regrades_everything(course, monkeypatch):
    """Another version may find another mark."""
    grade(course)
    monkeypatch.setattr("autograder.office.plan.grader_version", lambda: "newer")

    _, (task,) = grade(course)

    assert task.only is None


def test_gradebook_that_was_deleted_is_filled_again(course):
    """As in a fresh clone with the hand-ins copied over; the release is not touched."""
    grade(course)
    released = course.folder("release", "practical1") / "practical1.ipynb"
    before = released.stat().st_mtime_ns
    (course.run_time / "gradebook.db").unlink()

    done, _ = grade(course)

    assert (who(done.graded), done.generated) == (["sample-01"], True)
    assert released.stat().st_mtime_ns == before


def test_graded_folder_that_was_deleted_is_written_again(course):
    """Feedback needs it."""
    grade(course)
    shutil.rmtree(course.folder("autograded", "practical1", "sample-01"))

    assert who(grade(course)[0].graded) == ["sample-01"]


def test_run_that_stops_goes_on_with_the_next_one(course):
    """What was done stays, and is not done again."""
    hand_in(course, "sample-02", make_handin(course))
    hand_in(course, "sample-03", make_handin(course))

    def stop(task):
        if task.student == "sample-02":
            raise KeyboardInterrupt
        return grade_here(task)

    with pytest.raises(KeyboardInterrupt):
        grade(course, function=stop)
    assert set(Record.load(course, "practical1").entries) == {"sample-01"}

    done, _ = grade(course)

    assert (who(done.kept), who(done.graded)) == (["sample-01"], ["sample-02", "sample-03"])


@pytest.mark.parametrize("step", ["_grades", "_comments", "_enrol"])
def test_grade_that_cannot_be_written_whole_is_not_written_at_all(course, monkeypatch, step):
    """Neither points nor record: the next run does it again."""

    def refuse(*_, **__):
        raise OperationalError("update", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patch:
        patch.setattr(Writer, step, refuse)
        with pytest.raises(OperationalError, match="disk I/O error"):
            grade(course)

    assert Record.load(course, "practical1").entries == {}
    with course.gradebook() as gradebook:
        assert gradebook.students == []
    assert grade(course)[0].graded == (Score("sample-01", 9.0, 14.0, pending=1),)


def test_unfinished_folders_of_a_killed_run_go(course):
    """They would be taken for hand-ins of another assignment."""
    left = course.folder("autograded", "practical1", "sample-01").parent / ".office-x"
    left.mkdir(parents=True)

    grade(course)

    assert [path.name for path in left.parent.iterdir()] == ["practical1"]


def test_worker_that_died_twice_is_told_and_tried_again_next_time(course):
    """The others are graded; exit status and record say that it is not done."""
    hand_in(course, "lost", make_handin(course))
    reason = "every process that graded it was ended from outside"

    done, _ = grade(course, function=lose)

    assert (who(done.graded), done.needs_person) == (["sample-01"], (NeedsPerson("lost", reason),))
    assert Record.load(course, "practical1").entries["lost"].state == "failed"
    done, _ = grade(course)
    assert (who(done.graded), done.needs_person) == (["lost"], ())


def test_grader_that_fails_leaves_the_points_of_before(course):
    """They are no worse than none, and the record says that they are old."""
    grade(course)

    done, _ = grade(course, function=fail, regrade=True)

    assert done.needs_person == (NeedsPerson("sample-01", "the rooms are full"),)
    assert all_grades(course)["A1"] == (3.0, None, False)


def test_weaker_tests_are_counted(course):
    """Also those of hand-ins that were graded before."""

    def weak(task):
        result = grade_here(task)
        (one,) = result.notebooks
        verdicts = (replace(one.verdicts[0], weaker=True), *one.verdicts[1:])
        return replace(result, notebooks=(replace(one, verdicts=verdicts),))

    assert grade(course, function=weak)[0].weaker == (("A1", 1),)
    assert grade(course)[0].weaker == (("A1", 1),)


BROKEN = {
    "empty": ("practical1.ipynb", "", "empty"),
    "no notebook": ("a.txt", "x", "no other notebook"),
    "no cells": (
        "practical1.ipynb",
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}),
        "cells",
    ),
}


@pytest.mark.parametrize(("name", "text", "word"), BROKEN.values(), ids=BROKEN.keys())
def test_hand_in_that_is_no_notebook_needs_a_person(graded, name, text, word):
    """The reason says what is there."""
    workspace, _ = graded
    folder = workspace.folder("submitted", "practical1", "sample-99")
    folder.mkdir(parents=True)
    (folder / name).write_text(text)

    try:
        done, _ = grade(workspace, students=["sample-99"])
    finally:
        shutil.rmtree(folder.parent)

    assert who(done.needs_person) == ["sample-99"]
    assert word in done.needs_person[0].reason


def test_linked_folder_is_no_hand_in(course, tmp_path):
    """It would lead out of the course."""
    (course.run_time / "submitted" / "sample-02").symlink_to(
        course.folder("submitted", "practical1", "sample-01").parent
    )

    assert handins(course, "practical1") == ["sample-01"]


def test_second_writer_is_refused(course):
    """One at a time, and the message says who it is."""
    with one_writer(course), pytest.raises(LockError, match="another 'autograder' is grading"):
        grading.grade(course, "practical1", options=Options(pool=Here(), patience=0))


def test_stock_course_without_settings_is_graded(tmp_path):
    """Only `source/` and `submitted/`, as in anybody's course; a task and two notebooks in it."""
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    nbformat.write(tiny_source(), source / "one.ipynb")
    nbformat.write(tiny_source(), source / "two.ipynb")
    (source / "data.csv").write_text("1,2\n")
    submitted = tmp_path / "submitted" / "ann" / "ps1"
    submitted.mkdir(parents=True)
    nbformat.write(tiny_source(), submitted / "one.ipynb")
    (submitted / "data.csv").write_text("forged\n")
    (submitted / "mine.txt").write_text("kept\n")
    workspace = open_workspace(tmp_path)

    done, _ = grade(workspace, "ps1")

    assert done.graded == (Score("ann", 3.0, 12.0, pending=5),)
    assert done.needs_person[0].reason.startswith("two: ") or "two" in done.needs_person[0].reason
    folder = tmp_path / "autograded" / "ann" / "ps1"
    files = {path.name: path.read_text() for path in folder.glob("*.[ct]*")}
    assert files == {"data.csv": "1,2\n", "mine.txt": "kept\n"}
    assert update_penalties(workspace) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".autograder",
        "autograded",
        "gradebook.db",
        "source",
        "submitted",
    ]


def test_stock_late_plugin_is_asked_where_there_is_no_syllabus(tmp_path):
    """`penalty_method = "zero"` takes all points of a late notebook."""
    config = 'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n'
    (tmp_path / "nbgrader_config.py").write_text(config)
    source = tmp_path / "source" / "ps1"
    source.mkdir(parents=True)
    nbformat.write(tiny_source(), source / "one.ipynb")
    workspace = open_workspace(tmp_path)
    grading.ensure_generated(workspace, "ps1")
    with workspace.gradebook() as gradebook:
        gradebook.update_or_create_assignment("ps1", duedate="2024-10-01 12:00 UTC")
    submitted = tmp_path / "submitted" / "ann" / "ps1"
    submitted.mkdir(parents=True)
    nbformat.write(tiny_source(), submitted / "one.ipynb")
    (submitted / "timestamp.txt").write_text("2024-10-01 12:00:01 UTC")

    done, _ = grade(workspace, "ps1")

    assert done.graded == (Score("ann", 3.0, 6.0, penalty=3.0, pending=2),)


def test_old_record_is_taken_over_once(course):
    """It says which hand-in a person's points were given for."""
    grade(course)
    give_points(course)
    entry = Record.load(course, "practical1").entries["sample-01"]
    with course.gradebook() as gradebook, gradebook.engine.begin() as connection:
        connection.exec_driver_sql("delete from autograder_record")
    path = course.run_time / "grading" / "practical1.json"
    path.parent.mkdir(exist_ok=True)
    old = {"handin": entry.handin, "tests": "old", "state": "graded", "scored": entry.handin}
    path.write_text(json.dumps({"students": {"sample-01": old}}))

    done, _ = grade(course)

    assert done.graded == (Score("sample-01", 13.0, 14.0),)
    assert [one.name for one in path.parent.iterdir()] == ["practical1.json.imported"]


def test_unknown_student_is_refused(graded):
    """A misspelt id must not look like work that is done."""
    with pytest.raises(GradingError, match="no hand-in of sample-98; 6 others have handed in"):
        grade(graded[0], students=["sample-98"])


def test_unknown_assignment_is_refused(graded):
    """The error names those that there are."""
    with pytest.raises(WorkspaceError, match="Assignments are: practical1"):
        grade(graded[0], "practical2")


def test_damaged_record_is_refused_with_the_remedy(course):
    """Deleting it costs time, not points."""
    path = course.run_time / "grading" / "practical1.json"
    path.parent.mkdir()
    path.write_text("[]")

    with pytest.raises(RecordError, match="Delete it"):
        grade(course)


def test_source_that_nbgrader_refuses_is_told(course):
    """Two cells of one name, and no gradebook yet."""
    source = course.folder("source", "practical1") / "practical1.ipynb"
    notebook = nbformat.read(source, as_version=4)
    twin = nbformat.from_dict({**notebook.cells[1], "id": "twin"})
    notebook.cells.append(twin)
    nbformat.write(notebook, source)
    (course.run_time / "gradebook.db").unlink()

    with pytest.raises(GradingError, match="nbgrader cannot read the assignment"):
        grade(course)
