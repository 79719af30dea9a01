"""What every lecture promises by its form, read from the files without running them."""

import ast
import json
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
LECTURES = sorted((ROOT / "lectures").rglob("[0-9]*.ipynb"))
SCALES = {"smoke", "laptop", "gpu"}

every_lecture = pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)


def cells_by_id(path: Path) -> dict[str, nbformat.NotebookNode]:
    """Return the cells of a notebook by their ids."""
    return {cell["id"]: cell for cell in nbformat.read(path, as_version=4).cells}


def python(cell: nbformat.NotebookNode) -> ast.Module:
    """Parse a code cell, with its magics taken out."""
    return ast.parse(re.sub(r"(?m)^([ \t]*)%.*$", r"\1pass", cell.source))


def calls(path: Path, *names: str, cell: str | None = None) -> list[ast.Call]:
    """Return the calls in a notebook, or one of its cells, of functions written like ``names``."""
    cells = cells_by_id(path)
    chosen = cells.values() if cell is None else [cells[cell]]
    code = [one for one in chosen if one.cell_type == "code"]
    nodes = (node for one in code for node in ast.walk(python(one)))
    return [
        node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) in names
    ]


@every_lecture
def test_metadata_say_what_the_runner_and_the_site_need(path: Path) -> None:
    """Does a lecture know its week, title, question, rows, seconds by scale and thumbnail?"""
    course = nbformat.read(path, as_version=4).metadata["course"]

    assert {"week", "title", "question", "rows", "seconds", "thumbnail"} <= set(course)
    assert path.parent.name.startswith(f"week{course['week']:02d}_")
    assert set(course["seconds"]) == SCALES
    assert course["seconds"]["laptop"] <= 60
    assert calls(path, "plots.show", "widgets.explore", cell=course["thumbnail"])


@every_lecture
def test_first_cells_are_title_setup_and_parameters(path: Path) -> None:
    """Does a lecture begin with its badge and title, one setup cell, and its parameters?"""
    title, setup, parameters = nbformat.read(path, as_version=4).cells[:3]

    assert "colab.research.google.com" in title.source
    assert "\n# " in title.source
    assert setup.metadata["tags"] == ["setup"]
    assert parameters.metadata["tags"] == ["parameters"]
    assert parameters.source.startswith('scale = "laptop"')
    assert "\nseed = 0" in parameters.source


@every_lecture
def test_claims_have_sources_and_figures_alternative_text(path: Path) -> None:
    """Does each claim name its source, and each figure and widget say what it shows?"""
    claims = calls(path, "claim")
    pictures = calls(path, "plots.show", "widgets.explore")

    assert len(claims) >= 3
    assert len(pictures) >= 3
    assert [ast.unparse(c) for c in claims if "source" not in {k.arg for k in c.keywords}] == []
    assert [ast.unparse(c) for c in pictures if "alt" not in {k.arg for k in c.keywords}] == []


@every_lecture
def test_lecture_has_something_to_touch(path: Path) -> None:
    """Is there a widget in every lecture?"""
    assert calls(path, "widgets.explore")


@every_lecture
def test_lecture_leads_on(path: Path) -> None:
    """Does a lecture end with its references and with what comes next?"""
    *_, references, following = nbformat.read(path, as_version=4).cells

    assert references.source.startswith("## References")
    assert "doi.org" in references.source
    assert following.source.startswith("## What comes next")


@every_lecture
def test_every_exercise_waits_for_an_answer_and_has_a_worked_one(path: Path) -> None:
    """Is each stub empty, and its check the same, letter by letter, in the worked notebook?"""
    lecture = cells_by_id(path)
    worked = cells_by_id(ROOT / "solutions" / path.relative_to(ROOT))
    exercises = [name for name in lecture if name.removeprefix("exercise-").isdigit()]

    assert 2 <= len(exercises) <= 4
    for name in exercises:
        check = name.replace("exercise", "check")
        assert 'raise NotImplementedError("your turn")' in lecture[name].source
        assert "NotImplementedError" not in worked[name].source
        assert worked[check].source == lecture[check].source


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "solutions").rglob("*.ipynb")) + LECTURES,
    ids=lambda path: "-".join(path.relative_to(ROOT).with_suffix("").parts[-3::2]),
)
def test_notebook_is_stored_clean(path: Path) -> None:
    """Is a notebook committed without outputs and counts, valid, for the kernel ``python3``?"""
    notebook = nbformat.read(path, as_version=4)

    nbformat.validate(notebook)
    assert json.loads(path.read_text(encoding="utf-8"))["nbformat_minor"] >= 5
    assert notebook.metadata.kernelspec.name == "python3"
    stored = [c["id"] for c in notebook.cells if c.get("outputs") or c.get("execution_count")]
    assert stored == []
