"""The rules of a syllabus that join several keys: what no type can say.

`cmp784.course.load` raises the first mistake found here.
"""

import re
from collections.abc import Iterator
from math import isclose
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from cmp784.course import Assessment, Course, Letter, Notebook, Part, Repository, Week

#: How many weeks a course has.
WEEKS = 14

#: Key, found, expected, remedy.
Mistake = tuple[str, str, str, str]


def mistakes(course: "Course") -> Iterator[Mistake]:
    """Go through the rules and yield each mistake.

    Parameters
    ----------
    course
        A syllabus whose keys and types are right.

    Yields
    ------
    tuple of str
        Dotted key, what was found, what was expected, and the remedy.
    """
    yield from _repository_mistakes(course.repository)
    yield from _week_mistakes(course.weeks)
    yield from _assessment_mistakes(course.assessments)
    keys = [assessment.key for assessment in course.assessments]
    for i, key in enumerate(course.course.slip_days_for):
        if key not in keys:
            expected = "the key of an assessment: " + ", ".join(keys)
            yield f"course.slip_days_for[{i}]", repr(key), expected, "Correct its spelling."
    if course.course.slip_days < 0:
        yield "course.slip_days", str(course.course.slip_days), "0 or more", "Count whole days."
    yield from _grading_mistakes(course)
    yield from _letter_mistakes(course.letters)


def _grading_mistakes(course: "Course") -> Iterator[Mistake]:
    """Check that the time zone is known, and that grace, penalty and rounding are in range."""
    zone = course.course.time_zone
    try:
        ZoneInfo(zone)
    except (OSError, ValueError, KeyError):
        yield "course.time_zone", repr(zone), "a name such as 'Europe/Istanbul'", "Correct it."
    late = course.late
    if not 0 <= late.grace_minutes < 24 * 60:
        found = str(late.grace_minutes)
        yield "late.grace_minutes", found, "0 to 1439", "Count in minutes, less than a day."
    if not 0 <= late.penalty_percent_per_day <= 100:
        found = f"{late.penalty_percent_per_day:g}"
        yield "late.penalty_percent_per_day", found, "0 to 100", "Write it in percent."
    if not 0 <= course.marks.decimals <= 6:
        found = str(course.marks.decimals)
        yield "marks.decimals", found, "0 to 6", "Count digits after the point."
    yield from _assignment_mistakes(course.assessments)


def _assignment_mistakes(assessments: "tuple[Assessment, ...]") -> Iterator[Mistake]:
    """Check that what nbgrader grades has a name of its own, a due date, and points."""
    seen: set[str] = set()
    for i, assessment in enumerate(assessments):
        for j, part in enumerate(assessment.parts):
            if part.assignment is None:
                continue
            key = f"assessments[{i}].parts[{j}]"
            if not re.fullmatch(r"[a-z0-9_-]+", part.assignment) or part.assignment in seen:
                expected = "a folder's name of its own, of a-z, 0-9, _ and -"
                yield f"{key}.assignment", repr(part.assignment), expected, "Choose another."
            seen.add(part.assignment)
            for name, value in (("due", part.due), ("points", part.points)):
                if value is None:
                    yield f"{key}.{name}", "nothing", f"the {name} of an assignment", "Add it."


def _letter_mistakes(letters: "tuple[Letter, ...]") -> Iterator[Mistake]:
    """Letters come from the best to the last, which every mark reaches."""
    for i, letter in enumerate(letters):
        if letter.letter in [other.letter for other in letters[:i]]:
            yield f"letters[{i}].letter", repr(letter.letter), "each letter once", "Rename one."
        above = letters[i - 1].at_least if i else 100.0
        if not (letter.at_least < above or (i == 0 and letter.at_least == 100)):
            expected = f"less than {above:g}"
            yield f"letters[{i}].at_least", f"{letter.at_least:g}", expected, "Sort from the best."
    if not letters or letters[-1].at_least != 0:
        found = f"{letters[-1].at_least:g}" if letters else "no letter"
        yield "letters", found, "a last one with at_least = 0", "Add the lowest letter."


def _repository_mistakes(repository: "Repository") -> Iterator[Mistake]:
    """Colab's links need an address on GitHub, without anything after the repository's name."""
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+(?<!\.git)", repository.address):
        expected = "'https://github.com/OWNER/NAME'"
        remedy = "Leave out '.git' and a slash at the end."
        yield "repository.address", repr(repository.address), expected, remedy


def _week_mistakes(weeks: "tuple[Week, ...]") -> Iterator[Mistake]:
    """Weeks are 1 to 14 in order, on rising dates, in folders and files named alike."""
    seen: dict[int, int] = {}
    for i, week in enumerate(weeks):
        if week.number in seen:
            found = f"week {week.number}, as in weeks[{seen[week.number]}]"
            yield f"weeks[{i}].number", found, "each week once", "Renumber or remove one of them."
        seen[week.number] = i
        if week.number != i + 1 or week.number > WEEKS:
            expected = f"{i + 1}" if i < WEEKS else f"no week after {WEEKS}"
            yield f"weeks[{i}].number", str(week.number), expected, f"Number weeks 1 to {WEEKS}."
        if not re.fullmatch(rf"week{week.number:02d}_[a-z0-9_]+", week.folder):
            expected = f"'week{week.number:02d}_subject'"
            yield f"weeks[{i}].folder", repr(week.folder), expected, "Use a-z, 0-9 and _ only."
        if i and week.date <= weeks[i - 1].date:
            expected = f"a day after {weeks[i - 1].date}"
            yield f"weeks[{i}].date", str(week.date), expected, "Correct one of the two dates."
        yield from _notebook_mistakes(week.notebooks, f"weeks[{i}].notebooks")
    if len(weeks) != WEEKS:
        missing = ", ".join(str(n) for n in range(1, WEEKS + 1) if n not in seen)
        yield "weeks", f"{len(weeks)} weeks", f"{WEEKS}", f"Add a [[weeks]] table for {missing}."


def _notebook_mistakes(notebooks: "tuple[Notebook, ...]", key: str) -> Iterator[Mistake]:
    """Notebooks of a week are numbered in order; a number left out is still to be written."""
    last = 0
    for i, notebook in enumerate(notebooks):
        name = re.fullmatch(r"(\d\d)_[a-z0-9_]+\.ipynb", notebook.file)
        if name is None or int(name[1]) <= last:
            expected = f"'{last + 1:02d}_title.ipynb' or a later number"
            yield f"{key}[{i}].file", repr(notebook.file), expected, "Use a-z, 0-9 and _ only."
        last = max(last + 1, int(name[1])) if name else last + 1


def _assessment_mistakes(assessments: "tuple[Assessment, ...]") -> Iterator[Mistake]:
    """Keys are unique, weights sum to 100, points to their weight, and out comes before due."""
    seen: set[str] = set()
    for i, assessment in enumerate(assessments):
        places: list[tuple[str, Assessment | Part]] = [(f"assessments[{i}]", assessment)]
        places += [(f"assessments[{i}].parts[{j}]", p) for j, p in enumerate(assessment.parts)]
        for place, item in places:
            if item.key in seen:
                yield f"{place}.key", f"{item.key!r} again", "a key of its own", "Rename one."
            seen.add(item.key)
            if not re.fullmatch(r"[a-z0-9_-]+", item.key):
                expected = "a-z, 0-9, _ and - only: it names a file of marks"
                yield f"{place}.key", repr(item.key), expected, "Choose another."
            yield from _date_mistakes(place, item)
        yield from _number_mistakes(f"assessments[{i}]", assessment)
    total = sum(assessment.weight for assessment in assessments)
    if not isclose(total, 100):
        weights = " + ".join(f"{assessment.weight:g}" for assessment in assessments)
        found = f"{weights or 'no weight'} = {total:g}"
        yield "assessments", found, "weights that sum to 100", "Correct a weight."


def _date_mistakes(place: str, item: "Assessment | Part") -> Iterator[Mistake]:
    """Work is due after it is given out; a time needs its day."""
    if item.due and item.out and item.due < item.out:
        yield f"{place}.due", str(item.due), f"a day from {item.out} on", "Swap 'out' and 'due'?"
    if item.due_time and not item.due:
        yield f"{place}.due_time", str(item.due_time), "a 'due' date beside it", "Add the date."


def _number_mistakes(place: str, assessment: "Assessment") -> Iterator[Mistake]:
    """Weights, points and minutes are positive, the parts' points sum to the weight."""
    numbers: list[tuple[str, float | None]] = [(f"{place}.weight", assessment.weight)]
    for j, part in enumerate(assessment.parts):
        numbers.append((f"{place}.parts[{j}].points", part.points))
        numbers.append((f"{place}.parts[{j}].minutes", part.minutes))
    for key, number in numbers:
        # Asked this way round, TOML's `nan` is refused too.
        if number is not None and not number > 0:
            yield key, f"{number:g}", "more than 0", "Correct it, or remove what counts nothing."
    if assessment.first_week is not None and assessment.first_week not in range(1, WEEKS + 1):
        found, expected = str(assessment.first_week), f"a week from 1 to {WEEKS}"
        yield f"{place}.first_week", found, expected, "Correct the week's number."
    points = [part.points for part in assessment.parts if part.points is not None]
    whole = len(points) == len(assessment.parts) and isclose(sum(points), assessment.weight)
    if points and not whole:
        found = f"{len(points)} parts with {sum(points):g} points together"
        expected = f"{assessment.weight:g} points over all {len(assessment.parts)} parts"
        yield f"{place}.parts", found, expected, "Give points to each part, or to none."
