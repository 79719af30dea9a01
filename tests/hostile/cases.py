"""What a case is: a hand-in, what it tries, and the mark that an honest person would give it."""

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from tests.hostile.course import ASSIGNMENT, POINTS, RIGHT, WORDS

#: Every question that a machine grades.
ALL = tuple(POINTS)
#: Names of things that hostile code leaves behind begin so, wherever it gets to.
MARK = "hostile-mark"


@dataclass(frozen=True)
class Bank:
    """What a hostile student knows about the machine that grades: more than a real one does.

    Parameters
    ----------
    root
        Top of the course.
    home
        Home folder of whoever grades.
    port
        Where somebody listens on this machine, by TCP and by UDP.
    pid_namespace
        What ``/proc/self/ns/pid`` of the grading machine says: code that kills all it can reach
        does not, where it finds itself in there.
    release
        The notebook that students are given, as JSON.
    """

    root: Path
    home: Path
    port: int
    pid_namespace: str
    release: str

    def notebook(self) -> NotebookNode:
        """Give the released notebook afresh."""
        return nbformat.reads(self.release, as_version=4)

    def fill(self, text: str) -> str:
        """Put what is known about the machine into a source."""
        for name in ("root", "home", "port", "pid_namespace"):
            text = text.replace(f"@{name}@", str(getattr(self, name)))
        return text.replace("@mark@", MARK)


@dataclass(frozen=True)
class HandIn:
    """What a student puts into the folder.

    Parameters
    ----------
    answers
        Question to source; what is not there stays as it was released.
    first, last
        Sources of further cells, before all others and after them.
    after
        Question to the source of a further cell behind its answer.
    change
        Is given the whole notebook, and returns it, or the content of the file.
    place
        Is given the hand-in's folder, when the notebook lies in it.
    """

    answers: Mapping[str, str]
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    after: Mapping[str, str] | None = None
    change: Callable[[NotebookNode], NotebookNode | bytes | str] | None = None
    place: Callable[[Path], None] | None = None

    def write(self, bank: Bank, folder: Path) -> None:
        """Write the hand-in's files."""
        folder.mkdir(parents=True)
        notebook = self.build(bank)
        content = self.change(notebook) if self.change else notebook
        if isinstance(content, dict):
            content = json.dumps(content, indent=1)
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"{ASSIGNMENT}.ipynb").write_bytes(data)
        (folder / "timestamp.txt").write_text("2024-10-20 12:00:00 UTC")
        if self.place:
            self.place(folder)

    def build(self, bank: Bank) -> NotebookNode:
        """Fill in the released notebook."""
        notebook = bank.notebook()
        cells = [v4.new_code_cell(bank.fill(source)) for source in self.first]
        for cell in notebook.cells:
            cells.append(cell)
            question = grade_id(cell).removesuffix("-answer")
            if cell.cell_type == "code" and grade_id(cell).endswith("-answer"):
                cell.source = bank.fill(self.answers.get(question, cell.source))
                if question in (self.after or {}):
                    cells.append(v4.new_code_cell(bank.fill(self.after[question])))
            elif question == "W1":
                cell.source = self.answers.get("W1", cell.source)
        notebook.cells = cells + [v4.new_code_cell(bank.fill(source)) for source in self.last]
        return notebook


@dataclass(frozen=True)
class Case:
    """One hand-in of the corpus.

    Parameters
    ----------
    name
        The function that builds it.
    kind
        ``forgery``, ``theft``, ``write``, ``flood``, ``damage`` or ``neighbour``.
    tries
        What it tries, in one line.
    fair
        Question to the points that an honest person gives; 0 where it is not named.
    build
        Gives the hand-in.
    person
        A word of the reason, where a person has to look; empty where none may be asked.
    """

    name: str
    kind: str
    tries: str
    fair: Mapping[str, float]
    build: Callable[[Bank], HandIn]
    person: str = ""


#: Every case, by its name.
CASES: dict[str, Case] = {}
#: Where each comes from.
PLACES: dict[str, str] = {}
Builder = Callable[[], HandIn]


def case(
    kind: str, *full: str, person: str = "", **partly: float
) -> Callable[[Callable[..., HandIn]], Callable[..., HandIn]]:
    """Take a function into the corpus: its name, what it tries (its docstring), and its fair mark.

    Parameters
    ----------
    kind, person
        As for `Case`.
    full
        Questions that deserve all their points.
    partly
        Question to its points, where they are neither all nor none.
    """
    fair = {question: float(POINTS[question]) for question in full} | partly

    def take(build: Callable[..., HandIn]) -> Callable[..., HandIn]:
        takes_bank = build.__code__.co_argcount
        made = build if takes_bank else lambda bank: build()
        tries = (build.__doc__ or "").strip()
        place = f"{build.__code__.co_filename}, line {build.__code__.co_firstlineno}"
        # pytest imports each module once more, in search of doctests.
        if PLACES.setdefault(build.__name__, place) != place or "\n" in tries or not tries:
            raise ValueError(f"{place}: name '{build.__name__}' once, say in a line what it tries")
        CASES[build.__name__] = Case(build.__name__, kind, tries, fair, made, person)
        return build

    return take


def but(*questions: str) -> tuple[str, ...]:
    """Give all questions but these."""
    return tuple(question for question in ALL if question not in questions)


def right(*questions: str, **others: str) -> dict[str, str]:
    """Give right answers to these questions, and other sources for others."""
    return {question: RIGHT[question] for question in questions} | others


def complete(**others: str) -> dict[str, str]:
    """Give right answers to everything, words too, but for these."""
    return RIGHT | {"W1": WORDS} | others


def forged(code: str) -> HandIn:
    """Give a hand-in that answers nothing, and runs this before everything else."""
    return HandIn({}, first=(code,))


#: Answers that are there, return something of the right type, and are wrong.
WRONG = {
    "Q1": "def compound(amount, rate, years):\n    return amount + 1.0",
    "Q2": "def balances(entries, convert=None):\n    return {}",
    "Q3": "def standardise(x):\n    return 0 * x",
    "Q4": "def huber(prediction, target, delta=1.0):\n    return (prediction - target).sum() * 0",
    "Q5": (
        "class Account:\n    balance, history = 1, []\n\n    def __init__(self, owner):\n"
        "        pass\n\n    def deposit(self, amount):\n        pass\n\n"
        "    def withdraw(self, amount):\n        pass\n\n    def __len__(self):\n        return 7"
    ),
    "Q6": "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):\n    pass",
    "Q7": "def digit_sum(number):\n    return -1",
    "Q8": "doubling_time = 1",
    "Q9": (
        "class Affine(torch.nn.Module):\n    def __init__(self, inputs, outputs):\n"
        "        super().__init__()\n"
        "        self.weight = torch.nn.Parameter(torch.zeros(outputs, inputs))\n\n"
        "    def forward(self, x):\n        return x.new_zeros(len(x), len(self.weight))"
    ),
}


def wrong(**others: str) -> dict[str, str]:
    """Give wrong answers to everything, but for these."""
    return WRONG | others


def grade_id(cell: NotebookNode) -> str:
    """Give what nbgrader calls a cell; nothing for a cell that it does not know."""
    return str((cell.metadata.get("nbgrader") or {}).get("grade_id", ""))


def tests_of(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Go through the test cells of a notebook."""
    return (cell for cell in notebook.cells if grade_id(cell) in POINTS)


def answers_of(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Go through the answer cells of a notebook that a machine grades."""
    return (cell for cell in notebook.cells if grade_id(cell).endswith("-answer"))


def position(notebook: NotebookNode, name: str) -> int:
    """Tell where a cell is."""
    return [grade_id(cell) for cell in notebook.cells].index(name)


def plain(notebook: NotebookNode) -> NotebookNode:
    """Give a copy that shares nothing."""
    return copy.deepcopy(notebook)


def of_kind(kind: str) -> Iterable[Case]:
    """Give the cases of a kind, by name."""
    return [CASES[name] for name in sorted(CASES) if CASES[name].kind == kind]
