"""Write feedback: one page a student, by nbgrader's own converter, without the hidden tests."""

import copy
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import GetGrades
from traitlets.config import Config

from autograder import feedback_page as pages
from autograder.errors import AutograderError
from autograder.grading_record import Record, digest, digest_of_folder
from autograder.hidden_tests import HideTests
from autograder.item_analysis import natural
from autograder.late_submission import update_penalties
from autograder.nbgrader_step import StepError, run_step
from autograder.office.marks import SILENT
from autograder.scores import NeedsPerson, needs_person
from autograder.slip_days import charges_of_class
from autograder.workspace import Progress, Workspace

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "cmp784_feedback"
#: The files that decide what a page looks like: when one changes, pages are written anew.
LOOKS = (
    *sorted((TEMPLATES / TEMPLATE).iterdir()),
    *(
        Path(__file__).with_name(name)
        for name in ("feedback.py", "feedback_page.py", "hidden_tests.py")
    ),
)


class FeedbackError(AutograderError):
    """No feedback to write: nobody is graded, or not the student that was named."""


@dataclass(frozen=True)
class FeedbackWritten:
    """What `write_feedback` did.

    Parameters
    ----------
    written
        Whose page was written now.
    kept
        Whose page was up to date.
    stale
        Who has handed in something else since; they need grading first and got no page.
    failed
        Whose page nbgrader could not write, and why.
    """

    assignment: str
    written: tuple[str, ...]
    kept: tuple[str, ...]
    stale: tuple[str, ...]
    failed: tuple[NeedsPerson, ...]


def write_feedback(
    workspace: Workspace,
    assignment: str,
    *,
    students: Iterable[str] | None = None,
    force: bool = False,
    histogram: bool = False,
    progress: Progress | None = None,
) -> FeedbackWritten:
    """Write a page for each graded student: ``feedback/<student>/<assignment>/<notebook>.html``.

    A page that is up to date is left alone: same notebook, scores, comments and late days.

    Parameters
    ----------
    workspace, assignment
        The course, and nbgrader's name of the assignment.
    students
        Only these; by default all who are graded.
    force
        Write also what is up to date.
    histogram
        Show how the class did, without names, if at least five are graded.
    progress
        Called before each student and at the end.

    Raises
    ------
    FeedbackError
        When a student named is not graded, or nobody is.
    """
    workspace.check_assignment(assignment)
    chosen = _choose(workspace, assignment, students)
    update_penalties(workspace)
    made = Pages(workspace, assignment, histogram)
    done: dict[str, list[Any]] = {"written": [], "kept": [], "stale": [], "failed": []}
    for count, student in enumerate(chosen):
        if progress:
            progress(count, len(chosen), student)
        if made.is_stale(student):
            done["stale"].append(student)
        elif made.is_written(student) and not force:
            done["kept"].append(student)
        else:
            try:
                run_step(_converter(workspace, made), assignment, student)
                done["written"].append(student)
            except StepError as error:
                done["failed"].append(NeedsPerson(student, str(error)))
    if progress:
        progress(len(chosen), len(chosen), "")
    return FeedbackWritten(assignment, **{key: tuple(who) for key, who in done.items()})


def graded(workspace: Workspace, assignment: str) -> list[str]:
    """List the students whose graded notebook is there, sorted.

    Who is flagged is not graded before a person has given the points.
    """
    above = workspace.folder("autograded", assignment).parent
    there = sorted({path.parent.parent.name for path in above.glob(f"*/{assignment}/*.ipynb")})
    record = Record.load(workspace, assignment)
    waiting = needs_person(workspace, assignment, record, there)
    flagged = {one.student for one in waiting if record.entries[one.student].state == "flagged"}
    return [student for student in there if student not in flagged]


class Pages:
    """What goes on the pages of a class, read once from the gradebook.

    Parameters
    ----------
    workspace, assignment
        The course and the assignment.
    histogram
        Whether pages show the class.
    """

    def __init__(self, workspace: Workspace, assignment: str, histogram: bool = False) -> None:
        self.workspace, self.assignment, self.histogram = workspace, assignment, histogram
        self.record = Record.load(workspace, assignment)
        self.title, self.graded = _title(workspace, assignment), graded(workspace, assignment)
        with workspace.gradebook() as gradebook:
            self.marks = _marks_of_class(gradebook, assignment)
            self.late = _late_days_of_class(workspace, gradebook, assignment)

    def is_stale(self, student: str) -> bool:
        """Whether something else was handed in since the student was graded."""
        entry = self.record.entries.get(student)
        folder = self.workspace.folder("submitted", self.assignment, student)
        if entry is None or not folder.is_dir():  # graded by stock nbgrader, or taken away by hand
            return False
        return digest_of_folder(folder) != entry.scored

    def is_written(self, student: str) -> bool:
        """Whether all pages of the student are up to date; pages with a histogram count as such."""
        folder = self.workspace.folder("feedback", self.assignment, student)
        wanted = self.marks.get(student, {})
        return bool(wanted) and all(
            _is_digest(self.page(student, name).digest, _digest_in(folder / f"{name}.html"))
            for name in wanted
        )

    def waits(self, student: str) -> bool:
        """Whether a person has points to give to the student."""
        of = self.marks.get(student, {}).values()
        return any(cell.pending or cell.again for marks in of for cell in marks.cells)

    def page(self, student: str, notebook: str) -> pages.Page:
        """Give the page of one notebook.

        Raises
        ------
        FeedbackError
            When the gradebook holds no scores of it.
        """
        marks = self.marks.get(student, {}).get(notebook)
        if marks is None:
            raise FeedbackError(f"the gradebook holds no scores of {notebook} by {student}")
        drawing = self._drawing(notebook, marks) if self.histogram else ""
        page = pages.Page(self.title, student, marks, self.late.get(student), drawing)
        folder = self.workspace.folder("autograded", self.assignment, student)
        own = digest([folder / f"{notebook}.ipynb", repr(page.marks), repr(page.late), *LOOKS])
        return replace(page, digest=own + (f"+{digest([drawing])}" if drawing else ""))

    def _drawing(self, notebook: str, marks: pages.Marks) -> str:
        class_ = (self.marks.get(student, {}) for student in self.graded)
        totals = [own[notebook].total for own in class_ if notebook in own]
        return pages.histogram(totals, marks.total, marks.out_of)


class _Converter(GenerateFeedback):
    """nbgrader's converter with the course's pages, which copies no other file to the student.

    What a hand-in has written beside its notebook while it ran could hold hidden tests.
    """

    pages: Pages

    def init_single_notebook_resources(self, notebook_filename: str) -> dict[str, Any]:
        """Add the page to what the template sees."""
        resources = super().init_single_notebook_resources(notebook_filename)
        about = resources["nbgrader"]
        resources["page"] = self.pages.page(about["student"], about["notebook"])
        return dict(resources)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Make the folder, and copy nothing into it."""
        Path(self._format_dest(assignment_id, student_id)).mkdir(parents=True, exist_ok=True)


def _converter(workspace: Workspace, made: Pages) -> GenerateFeedback:
    """Set nbgrader's converter up; formgrader's own exporter keeps its settings."""
    own = Config()
    own.HTMLExporter.template_name = TEMPLATE
    own.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
    own.HTMLExporter.exclude_anchor_links = True
    own.CSSHTMLHeaderPreprocessor.enabled = True
    own.CSSHTMLHeaderPreprocessor.style = "default"  # the other one needs JupyterLab's colours
    own.HTMLExporter.filters = {
        name: getattr(pages, name) for name in ("offline", "points", "days", "symbol", "words")
    }
    own.NbConvertBase.display_data_priority = [
        *("text/html", "text/markdown", "image/svg+xml", "text/latex"),
        *("image/png", "image/jpeg", "text/plain"),
    ]
    config = copy.deepcopy(workspace.config)
    config.merge(own)
    converter = _Converter(coursedir=workspace.coursedir, config=config)
    converter.pages = made
    converter.force = True
    converter.preprocessors = [GetGrades, HideTests, pages.Summarise, CSSHTMLHeaderPreprocessor]
    return converter


def _choose(workspace: Workspace, assignment: str, students: Iterable[str] | None) -> list[str]:
    """List whom to write to: all who are graded, or those named."""
    there = graded(workspace, assignment)
    absent = ", ".join(sorted(set(students or ()) - {*there}))
    if absent or not there:
        raise FeedbackError(
            f"'{assignment}': {absent or 'nobody'} is graded. Run 'autograder grade {assignment}' "
            "first; it names hand-ins that need a person."
        )
    return there if students is None else sorted(set(students))


def _title(workspace: Workspace, assignment: str) -> str:
    """Give the title that the syllabus has for an assignment, else its name."""
    parts = workspace.syllabus.assignments if workspace.has_syllabus else ()
    return {part.assignment: part.title for part in parts}.get(assignment, assignment)


def _marks_of_class(gradebook: Gradebook, assignment: str) -> dict[str, dict[str, pages.Marks]]:
    """Read what the gradebook holds: student to notebook to marks.

    Three questions for the whole class: nbgrader's own records ask several for each cell.
    """
    query, of = gradebook.db.query, Assignment.name == assignment
    names = (SubmittedAssignment.student_id, Notebook.name)
    penalties = _in_class(query(*names, SubmittedNotebook.late_submission_penalty), of)
    cells: dict[tuple[str, str], list[pages.Cell]] = defaultdict(list)
    graded = query(*names, BaseCell.name, Grade.score, Grade.max_score, Grade.needs_manual_grade)
    graded = graded.add_columns(Grade.manual_score)
    graded = _in_class(graded, of).join(Grade, Grade.notebook_id == SubmittedNotebook.id)
    notes = query(*names, BaseCell.name, Comment.auto_comment, Comment.manual_comment)
    notes = _in_class(notes, of).join(Comment, Comment.notebook_id == SubmittedNotebook.id)
    # nbgrader says "No response." of an answer that is still the stub.
    silent: set[tuple[str, str, str]] = set()
    said: dict[tuple[str, str], list[pages.Note]] = defaultdict(list)
    for student, book, name, auto, manual in notes.join(BaseCell, BaseCell.id == Comment.cell_id):
        if manual:
            said[student, book].append(pages.Note(name, manual))
        elif auto == SILENT:
            silent.add((student, book, name))
    for student, book, name, points, most, asks, manual in graded.join(
        BaseCell, BaseCell.id == Grade.cell_id
    ):
        cell = pages.Cell(
            name,
            float(points),
            float(most),
            pending=bool(asks and manual is None),
            again=bool(asks and manual is not None),
            unanswered=(student, book, name) in silent,
        )
        cells[student, book].append(cell)
    found: dict[str, dict[str, pages.Marks]] = defaultdict(dict)
    for student, book, penalty in penalties:
        found[student][book] = pages.Marks(
            tuple(sorted(cells[student, book], key=lambda cell: natural(cell.name))),
            tuple(sorted(said[student, book], key=lambda note: natural(note.cell))),
            float(penalty or 0.0),
        )
    return dict(found)


def _in_class(query: Any, of: Any) -> Any:
    """Join what a query is about with the hand-ins of an assignment and their notebooks."""
    return (
        query.select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .filter(of)
    )


def _late_days_of_class(
    workspace: Workspace, gradebook: Gradebook, assignment: str
) -> dict[str, pages.LateDays]:
    """Read each student's account of slip days; who has no charge here is left out."""
    if not workspace.has_syllabus:
        return {}
    of = workspace.syllabus.course.slip_days
    found = {}
    for student, charges in charges_of_class(workspace, gradebook).items():
        if assignment in charges:
            own, used = charges[assignment], sum(one.slip_days for one in charges.values())
            due = own.due.strftime("%A, %d %B %Y, %H:%M") if own.extended else ""
            found[student] = pages.LateDays(
                own.days_late, own.slip_days, own.penalty_days, used, of, due
            )
    return found


def _digest_in(page: Path) -> str:
    """Read the digest in the head of a page; a page of stock nbgrader has none."""
    if not page.is_file():
        return ""
    with page.open(encoding="utf-8") as file:
        found = re.search(r'<meta content="([^"]*)" name="feedback-digest"', file.read(2000))
    return found[1] if found else ""


def _is_digest(wanted: str, found: str) -> bool:
    """Compare digests; without a histogram wanted, a page with one is as good."""
    return found == wanted or ("+" not in wanted and found.split("+")[0] == wanted)
