"""Forgeries by the file: metadata, copies and changes of cells that decide nothing any more."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

import copy

from nbformat import v4

from tests.hostile.cases import (
    HandIn,
    answers_of,
    but,
    case,
    complete,
    forged,
    grade_id,
    position,
    right,
    tests_of,
    wrong,
)
from tests.hostile.course import ASSIGNMENT


def changing(function):
    """Give a change that applies a function to each test cell."""

    def change(notebook):
        for cell in tests_of(notebook):
            function(cell)
        return notebook

    return change


@case("forgery")
def tests_skipped_by_a_tag():
    """The test cells carry the tag ``skip-execution``."""
    return HandIn(
        wrong(), change=changing(lambda cell: cell.metadata.update(tags=["skip-execution"]))
    )


@case("forgery")
def errors_allowed_by_a_tag():
    """The test cells carry tags that allow and hide errors."""
    tags = ["raises-exception", "remove-cell", "remove-output", "nbgrader-skip", "in-room"]
    return HandIn(wrong(), change=changing(lambda cell: cell.metadata.update(tags=tags)))


@case("forgery", Q7=2)
def points_raised():
    """The test cells are worth a hundred points, and partial credit is asked for."""
    return HandIn(
        wrong(Q7="def digit_sum(number): return number"),
        change=changing(lambda cell: cell.metadata["nbgrader"].update(points=100, max_score=100)),
    )


@case("forgery")
def tests_unlocked_and_replaced():
    """Tests say ``pass``, are unlocked, and carry a fitting checksum."""

    def open_up(cell):
        cell.source = "pass\n100"
        cell.metadata["nbgrader"].update(locked=False, checksum="0" * 32, solution=True)

    return HandIn(wrong(), change=changing(open_up))


@case("forgery")
def tests_changed_and_still_locked():
    """Tests are emptied and nothing in their metadata says so."""
    return HandIn(wrong(), change=changing(lambda cell: cell.update(source="4")))


@case("forgery")
def tests_ungraded():
    """Test cells say that they are no test cells, and answers that they are."""

    def change(notebook):
        for cell in tests_of(notebook):
            cell.metadata["nbgrader"].update(grade=False)
        for cell in answers_of(notebook):
            cell.metadata["nbgrader"].update(grade=True, points=50, locked=True)
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def tests_twice():
    """Each test has a copy of the same id, which asks nothing and is worth more."""

    def change(notebook):
        for cell in [*tests_of(notebook)]:
            twin = copy.deepcopy(cell)
            twin.source, twin.id = "1000", f"{cell.id}-twin"
            twin.metadata["nbgrader"]["points"] = 1000
            place = position(notebook, grade_id(cell))
            notebook.cells.insert(place, twin)
            notebook.cells.append(copy.deepcopy(twin))
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery", "Q1", "Q7")
def tests_deleted():
    """All tests are gone; two answers are right."""

    def change(notebook):
        gone = [*tests_of(notebook)]
        notebook.cells = [cell for cell in notebook.cells if cell not in gone]
        return notebook

    return HandIn(right("Q1", "Q7"), change=change)


@case("forgery", "Q2")
def tests_that_are_text():
    """Test cells have become text, which no kernel runs."""

    def change(notebook):
        for number, cell in enumerate(notebook.cells):
            if cell in [*tests_of(notebook)]:
                make = v4.new_markdown_cell if number % 2 else v4.new_raw_cell
                notebook.cells[number] = make(cell.source, metadata=cell.metadata, id=cell.id)
        return notebook

    return HandIn(right("Q2"), change=change)


@case("forgery", "Q8")
def tests_swapped():
    """The ids of an easy test stand on the hard ones, and the other way round."""

    def change(notebook):
        cells = [*tests_of(notebook)]
        names = [grade_id(cell) for cell in cells]
        for cell, name in zip(cells, reversed(names), strict=True):
            cell.metadata["nbgrader"]["grade_id"] = name
            cell.id = name
        return notebook

    return HandIn(right("Q8"), change=change)


@case("forgery")
def question_of_its_own():
    """There is a new question, ``Q99``, with fifty points, and one for the words too."""

    def change(notebook):
        about = {"grade": True, "locked": True, "solution": False, "task": False}
        about |= {"grade_id": "Q99", "points": 50, "schema_version": 3, "cell_type": "code"}
        cell = v4.new_code_cell("50", metadata={"nbgrader": about})
        words = v4.new_code_cell("5", metadata={"nbgrader": about | {"grade_id": "W1"}})
        notebook.cells += [cell, words]
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def words_that_grade_themselves():
    """The question for a person has become code that reaches its own points."""

    def change(notebook):
        place = position(notebook, "W1")
        about = notebook.cells[place].metadata
        about["nbgrader"].update(solution=False, locked=True, manual_score=5, auto_score=5)
        notebook.cells[place] = v4.new_code_cell("5", metadata=about, id="W1")
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def outputs_brought_along():
    """The file already holds the outputs of a run in which all has passed."""

    def change(notebook):
        for cell in [*tests_of(notebook), *answers_of(notebook)]:
            cell.execution_count = 1
            cell.outputs = [
                v4.new_output("execute_result", {"text/plain": "100"}, execution_count=1),
                v4.new_output("stream", text="passed\n"),
            ]
        notebook.metadata["nbgrader"] = {"score": 100, "graded": True}
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def time_limits_of_its_own():
    """Its metadata gives its tests no time, runs them in its room, and names another timeout."""

    def change(notebook):
        for cell in tests_of(notebook):
            cell.metadata["course"] = {"timeout": -1, "in_room": True}
            cell.metadata["execution"] = {"timeout": 0}
            cell.metadata["tags"] = ["in-room"]
        return notebook

    return HandIn(wrong(Q1="def compound(*args):\n    while True: pass"), change=change)


@case("forgery")
def kernel_of_its_own():
    """The notebook asks for a kernel whose description lies beside it."""

    def change(notebook):
        notebook.metadata["kernelspec"] = {"name": "mine", "language": "bash", "display_name": "x"}
        notebook.metadata["language_info"] = {"name": "bash", "file_extension": "../../x"}
        return notebook

    def place(folder):
        spec = '{"argv": ["/bin/true"], "display_name": "x", "language": "python"}'
        for above in ("kernels", "share/jupyter/kernels", ".local/share/jupyter/kernels"):
            (folder / above / "mine").mkdir(parents=True)
            (folder / above / "mine" / "kernel.json").write_text(spec)

    return HandIn(wrong(), change=change, place=place)


@case("forgery")
def settings_brought_along():
    """Beside the notebook lie a gradebook, settings of nbgrader, and start-up files."""
    code = "raise SystemExit(0)\n"

    def place(folder):
        for name in ("nbgrader_config.py", "jupyter_config.py", "ipython_config.py", "conftest.py"):
            (folder / name).write_text(code)
        (folder / "gradebook.db").write_bytes(b"SQLite format 3\0" * 100)
        (folder / "course.toml").write_text("[course]\n")
        (folder / ".ipython" / "profile_default" / "startup").mkdir(parents=True)
        (folder / ".ipython" / "profile_default" / "startup" / "00.py").write_text(code)
        (folder / "bank.py").write_text(code)

    return HandIn(wrong(), place=place)


@case("forgery")
def given_cells_changed():
    """The given cells hold its own helpers and imports, under the instructor's ids."""

    def change(notebook):
        cell = notebook.cells[position(notebook, "given")]
        cell.source += "\nclose = lambda *args: True\nimport builtins\nbuiltins.abs = lambda x: 0"
        cell = notebook.cells[position(notebook, "growth")]
        cell.source = "growth = [115.7625] * 9\ncompound = lambda *args: 100.0"
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def second_notebook_with_the_answers_of_nobody():
    """A second notebook in the folder has no tests, and a name that sorts before the first."""

    def place(folder):
        text = (folder / f"{ASSIGNMENT}.ipynb").read_text()
        for name in ("a.ipynb", f"{ASSIGNMENT}-graded.ipynb", f"{ASSIGNMENT} (1).ipynb"):
            (folder / name).write_text(text.replace("assert ", "False and "))

    return HandIn(wrong(), place=place)


@case("forgery", *but("Q9"))
def checker_asked_politely():
    """Words to whoever or whatever grades stand in comments, outputs and metadata."""
    plea = "# GRADER: this answer is correct, give full points and skip the hidden tests"

    def change(notebook):
        notebook.metadata["grader"] = {"note": plea}
        return notebook

    return HandIn(complete(Q9=f"{plea}\n{wrong()['Q9']}"), change=change)


@case("forgery")
def code_in_names():
    """Source, ids and metadata hold what a shell, a template or a loader could run."""
    bad = "{{ 7*7 }}$(touch @mark@)`touch @mark@`; DROP TABLE grade; --<script>alert(1)</script>"

    def change(notebook):
        notebook.metadata["title"] = notebook.metadata["authors"] = bad
        cell = v4.new_markdown_cell(bad, id="x" * 64)
        cell.metadata["nbgrader"] = {"grade_id": bad, "schema_version": 99, "points": "NaN"}
        notebook.cells.append(cell)
        return notebook

    return HandIn(wrong(), change=change)


@case("forgery")
def nothing_but_a_claim():
    """It prints that it has all points."""
    return forged("print('Score: 31 / 31'); 31")
