"""Notebooks as other instructors write them, in ``notebooks/``, and hand-ins for them."""

import re
from pathlib import Path

from nbformat import NotebookNode, v4

from tests.autograder.tiny_course import make_cell
from tests.stock.courses import answered, hand_in, make_course, released, solved

FOLDER = Path(__file__).parent / "notebooks"
MARKER = re.compile(r"^# %% (\w+) ?([\w-]*) ?([\d.]*)\n", re.MULTILINE)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
#: What lies beside the notebooks.
BESIDE = {
    "data/numbers.csv": "name,count\nada,10\nbob,20\ncem,30\n",
    "data/words.txt": "a neuron is no perceptron\n",
    "helper.py": "def double(x):\n    return x + x\n",
}
CATCHES = """limit = 5
try:
    while True:
        pass
except KeyboardInterrupt:
    pass"""


def names() -> list[str]:
    """List the notebooks."""
    return sorted(path.stem for path in FOLDER.glob("*.txt"))


def read_notebook(name: str) -> tuple[NotebookNode, dict[str, str]]:
    """Read a source notebook and its wrong answers."""
    parts = MARKER.split((FOLDER / f"{name}.txt").read_text("utf-8"))[1:]
    cells, wrong = [], {}
    for number, (kind, cell, points, source) in enumerate(zip(*[iter(parts)] * 4, strict=True)):
        if kind == "wrong":
            wrong[cell] = source.strip("\n")
        else:
            cells.append(_cell(kind, cell or f"cell-{number}", points, source.strip("\n")))
    return v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), wrong


def _cell(kind: str, name: str, points: str, source: str) -> NotebookNode:
    worth = {"points": float(points or 0)}
    match kind:
        case "text":
            return v4.new_markdown_cell(source, id=name)
        case "given" if name.startswith("cell-"):
            return v4.new_code_cell(source, id=name)
        case "given":
            return make_cell(source, name, locked=True)
        case "answer":
            return make_cell(source, name, solution=True)
        case "test":
            return make_cell(source, name, grade=True, locked=True, **worth)
        case "manual":
            return make_cell(source, name, grade=True, solution=True, **worth)
        case "written":
            return make_cell(source, name, kind="markdown", grade=True, solution=True, **worth)
        case "task":
            return make_cell(source, name, kind="markdown", task=True, locked=True, **worth)
    raise ValueError(f"cell '{name}': no kind '{kind}'. See notebooks/README.md.")


def make_written(folder: Path, config: str = "", *, only: str = "") -> Path:
    """Make a course of these notebooks, or of one of them, with three hand-ins."""
    chosen = [only] if only else names()
    sources = {f"{name}.ipynb": read_notebook(name) for name in chosen}
    notebooks = {file: notebook for file, (notebook, _) in sources.items()}
    make_course(folder, {"ps1": {**notebooks, **BESIDE}}, config)
    given = released(folder, "ps1")
    wrong = {file: answered(given[file], answers) for file, (_, answers) in sources.items()}
    hand_in(folder, "ps1", "solved", solved(folder, "ps1"))
    hand_in(folder, "ps1", "untouched", given)
    hand_in(folder, "ps1", "wrong", wrong)
    return folder


def make_slow(folder: Path) -> Path:
    """Make a course that gives each cell four seconds, and hand-ins that need more."""
    double = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"
    cells = [
        make_cell(double, "double", solution=True),
        make_cell("assert double(2) == 4", "test", grade=True, locked=True, points=1),
        make_cell("### BEGIN SOLUTION\nlimit = 5\n### END SOLUTION", "limit", solution=True),
        make_cell("assert limit == 5", "limit-test", grade=True, locked=True, points=1),
    ]
    source = v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    make_course(folder, {"ps1": {"ps1.ipynb": source}}, "c.Execute.timeout = 4\n")
    given = released(folder, "ps1")["ps1.ipynb"]
    right = {"double": "def double(x):\n    return 2 * x", "limit": "limit = 5"}
    endless = {
        "none": {},
        "function": {"double": "def double(x):\n    while True:\n        pass"},
        "cell": {"limit": "while True:\n    pass"},
        "sleep": {"limit": "import time\n\ntime.sleep(2)\nlimit = 5"},
        "catches": {"limit": CATCHES},
    }
    for student, answers in endless.items():
        notebook = answered(given, {**right, **answers})
        hand_in(folder, "ps1", student, {"ps1.ipynb": notebook})
    return folder


def make_beside(folder: Path) -> Path:
    """Make an assignment of two notebooks with files, and hand-ins that differ in files."""
    sources = {f"{name}.ipynb": read_notebook(name)[0] for name in ("files", "calls")}
    make_course(folder, {"ps1": {**sources, **BESIDE}})
    right = solved(folder, "ps1")
    theirs = "def double(x):\n    return 0\n"
    uses = answered(right["files.ipynb"], {"twice": "from mine import twice"})
    hand_ins = {
        "right": right,
        "one-notebook": {"calls.ipynb": right["calls.ipynb"]},
        "changed-files": {**right, "helper.py": theirs, "data/numbers.csv": "name,count\nada,60\n"},
        "own-module": {
            **right,
            "files.ipynb": uses,
            "mine.py": "def twice(x):\n    return x + x\n",
        },
        "third-notebook": {**right, "scratch.ipynb": right["calls.ipynb"]},
    }
    for student, files in hand_ins.items():
        hand_in(folder, "ps1", student, files)
    return folder
