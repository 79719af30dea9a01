"""The course that the hostile hand-ins are for: one practical, ``bank``, and what nobody may see.

Its tests are ordinary ones, as instructors write them: plain asserts, numpy's and torch's helpers,
loops, ``try``. Many of them can be fooled by whoever runs beside them; that is the point.
"""

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4
from nbgrader.converters import GenerateAssignment

from autograder.nbgrader_step import run_step
from autograder.workspace import Workspace, open_workspace
from tests.autograder.graded_course import CONFIG
from tests.autograder.tiny_course import make_cell

ROOT = Path(__file__).resolve().parents[2]
ASSIGNMENT = "bank"
#: Seconds for one cell: short, for many hand-ins hang.
TIMEOUT = 5
SETTINGS = f"""
c.ExecutePreprocessor.timeout = {TIMEOUT}
c.Execute.timeout = {TIMEOUT}
"""
#: Question to the points of its test cell; ``W1`` is for a person.
POINTS = {"Q1": 3, "Q2": 4, "Q3": 3, "Q4": 5, "Q5": 4, "Q6": 4, "Q7": 4, "Q8": 1, "Q9": 3}
BY_HAND = {"W1": 5}


def token(what: str) -> str:
    """Make a word that stands nowhere else."""
    return f"canary{what}{secrets.token_hex(6)}"


def digits() -> str:
    """Make a number that stands nowhere else."""
    return str(secrets.randbelow(8 * 10**8) + 10**8)


@dataclass(frozen=True)
class Canaries:
    """What may never come out; each is new for every course."""

    literal: str = field(default_factory=lambda: token("literal"))
    key: str = field(default_factory=lambda: token("key"))
    closure: str = field(default_factory=lambda: token("closure"))
    name: str = field(default_factory=lambda: token("name"))
    comment: str = field(default_factory=lambda: token("comment"))
    solution: str = field(default_factory=lambda: token("solution"))
    gradebook: str = field(default_factory=lambda: token("gradebook"))
    neighbour: str = field(default_factory=lambda: token("neighbour"))
    environment: str = field(default_factory=lambda: token("environment"))
    file: str = field(default_factory=lambda: token("file"))
    argument: str = field(default_factory=digits)
    number: str = field(default_factory=digits)

    def items(self) -> dict[str, str]:
        """Give each canary by the place that it lives in."""
        return {one.name: getattr(self, one.name) for one in fields(self)}


GIVEN = """import math
import random

import numpy as np
import torch

RATES = {"savings": 0.02, "current": 0.0, "loan": 0.09}


def close(a, b):
    return abs(a - b) <= 1e-6 * max(1.0, abs(b))"""
#: A given cell that calls what the student wrote.
GROWTH = "growth = [compound(100.0, 0.05, years) for years in range(4)]"

#: Question to what the student fills in: the lines around the answer, and the answer.
ANSWERS = {
    "Q1": ("def compound(amount, rate, years):", "    return amount * (1 + rate) ** years"),
    "Q2": (
        "def balances(entries, convert=None):",
        "    total = {}\n"
        "    for name, amount in entries:\n"
        "        amount = convert(amount) if convert else amount\n"
        "        total[name] = total.get(name, 0) + amount\n"
        "    return total",
    ),
    "Q3": ("def standardise(x):", "    return (x - x.mean(axis=0)) / x.std(axis=0)"),
    "Q4": (
        "def huber(prediction, target, delta=1.0):",
        "    error = (prediction - target).abs()\n"
        "    square, line = 0.5 * error**2, delta * (error - 0.5 * delta)\n"
        "    return torch.where(error <= delta, square, line).mean()",
    ),
    "Q5": (
        "class Account:\n    def __init__(self, owner):",
        "        self.owner, self.balance, self.history = owner, 0, []\n\n"
        "    def deposit(self, amount):\n"
        "        self.balance += amount\n"
        "        self.history.append(amount)\n\n"
        "    def withdraw(self, amount):\n"
        "        if amount > self.balance:\n"
        '            raise ValueError("not enough money")\n'
        "        self.deposit(-amount)\n\n"
        "    def __len__(self):\n"
        "        return len(self.history)",
    ),
    "Q6": (
        "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):",
        "    with torch.no_grad():\n"
        "        for parameter, buffer in zip(parameters, buffers):\n"
        "            buffer.mul_(beta).add_(parameter.grad)\n"
        "            parameter.sub_(lr * buffer)",
    ),
    "Q7": ("def digit_sum(number):", "    return sum(int(digit) for digit in str(abs(number)))"),
    "Q8": ("# Whole years until money doubles at five percent.", "doubling_time = 15"),
    "Q9": (
        "class Affine(torch.nn.Module):\n    def __init__(self, inputs, outputs):",
        "        super().__init__()\n"
        "        self.weight = torch.nn.Parameter(torch.randn(outputs, inputs))\n"
        "        self.bias = torch.nn.Parameter(torch.zeros(outputs))\n\n"
        "    def forward(self, x):\n"
        "        return x @ self.weight.T + self.bias",
    ),
}
#: The right answers, as a good student writes them.
RIGHT = {question: f"{head}\n{body}" for question, (head, body) in ANSWERS.items()}
WORDS = "Interest is paid on interest, so money grows like $(1+r)^n$."

#: Question to its visible and its hidden test. Words in angle brackets are canaries.
TESTS = {
    "Q1": (
        'assert compound(100.0, 0.0, 7) == 100.0, "without interest the amount stays"\n'
        'assert abs(compound(100.0, 0.1, 2) - 121.0) < 1e-9, "100 at 10 % is 121 after two years"\n'
        'assert close(growth[3], 115.7625), "growth of 100 at 5 % in three years"',
        "# <comment>: the tests below are not for students\n"
        "<name> = random.uniform(1000.0, 9000.0)\n"
        'assert abs(compound(<name>, 0.25, 3) - <name> * 1.25**3) < 1e-6, "any amount"\n'
        'assert abs(compound(<argument>, 0.5, 2) - 2.25 * <argument>) < 1e-3, "a large amount"\n'
        "for years, found in zip(range(6), map(lambda n: compound(2.0, 1.0, n), range(6))):\n"
        '    assert found == 2.0 * 2**years, "at 100 % money doubles each year"',
    ),
    "Q2": (
        'entries = [("ada", 5), ("bob", 2), ("ada", -1)]\n'
        "found = balances(entries)\n"
        "wanted = {}\n"
        "for name, amount in entries:\n"
        "    wanted[name] = wanted.get(name, 0) + amount\n"
        'assert found == wanted, "the sums of ada and bob"\n'
        'assert isinstance(found, dict), f"a dict is wanted, not {found}"',
        "entries = [(random.choice('abc'), random.randrange(100)) for _ in range(20)]\n"
        'entries += [("<key>", <number>), ("<key>", 1)]\n'
        "found = balances(entries)\n"
        "for name in {name for name, _ in entries}:\n"
        "    wanted = sum(amount for owner, amount in entries if owner == name)\n"
        '    assert found[name] == wanted, f"a sum is wrong: {found}"\n'
        'secret = len("<closure>") + <number>\n'
        "found = balances([('<literal>', 1), ('<literal>', 2)], lambda amount: amount * secret)\n"
        "assert found == {'<literal>': 3 * secret}, \"convert is called for each amount\"",
    ),
    "Q3": (
        "x = np.array([[1.0, 10.0], [3.0, 30.0]])\n"
        "found = standardise(x)\n"
        "np.testing.assert_allclose(found, (x - x.mean(axis=0)) / x.std(axis=0))",
        "x = np.random.rand(50, 3) * [1.0, 10.0, 100.0]\n"
        "wanted = (x - x.mean(axis=0)) / x.std(axis=0)\n"
        "assert isinstance(standardise(x), np.ndarray)\n"
        'assert np.allclose(standardise(x), wanted), "random columns"\n'
        "x = np.array([[0.0], [<number>.0], [4.0 * <number>]])\n"
        'assert abs(float(standardise(x).std()) - 1.0) < 1e-9, "the spread is one"\n'
        'assert abs(standardise(x).mean()) < 1e-9, "the mean is zero"\n'
        'assert standardise(x)[2, 0] > 1.0, "the largest is above one"',
    ),
    "Q4": (
        "prediction, target = torch.tensor([0.5, 3.0]), torch.tensor([0.0, 0.0])\n"
        "assert torch.allclose(huber(prediction, target), torch.tensor(1.3125))",
        "prediction = torch.randn(40, requires_grad=True)\n"
        "target = torch.randn(40)\n"
        "loss = huber(prediction, target, delta=0.7)\n"
        "wanted = torch.nn.functional.huber_loss(prediction, target, delta=0.7)\n"
        'assert torch.allclose(loss, wanted), "another delta"\n'
        "slope, = torch.autograd.grad(wanted, prediction)\n"
        "loss.backward()\n"
        'assert torch.allclose(prediction.grad, slope), "the gradient"\n'
        "far = torch.tensor([<argument>.0])\n"
        "torch.testing.assert_close(huber(far, -far), 2 * far[0] - 0.5)",
    ),
    "Q5": (
        'mine = Account("ada")\n'
        "mine.deposit(5)\n"
        "mine.withdraw(2)\n"
        "assert isinstance(mine, Account)\n"
        'assert mine.balance == 3, "5 in and 2 out is 3"\n'
        "assert mine.history == [5, -2] and len(mine) == 2",
        'yours, more = Account("<literal>"), random.randrange(10, 99)\n'
        'assert yours.owner == "<literal>" and len(yours) == 0, "a new account is empty"\n'
        "yours.deposit(more)\n"
        "try:\n"
        "    yours.withdraw(more + 1)\n"
        "except ValueError:\n"
        "    pass\n"
        "else:\n"
        '    raise AssertionError("more than there is cannot be withdrawn")\n'
        'assert yours.balance == more and mine.balance == 3, "accounts are apart"\n'
        'assert [*yours.history] == [more] and len(mine.history) == 2, "histories are apart"',
    ),
    "Q6": (
        "weight = torch.ones(2, requires_grad=True)\n"
        "weight.grad, buffer = torch.tensor([1.0, 2.0]), torch.zeros(2)\n"
        "momentum_step([weight], [buffer])\n"
        "assert torch.allclose(weight, torch.tensor([0.9, 0.8]))\n"
        "assert torch.equal(buffer, torch.tensor([1.0, 2.0]))",
        "weights = [torch.randn(3, requires_grad=True), torch.randn(2, 2, requires_grad=True)]\n"
        "buffers = [torch.randn(3), torch.randn(2, 2)]\n"
        "for weight in weights:\n"
        "    weight.grad = torch.randn_like(weight)\n"
        "old = [weight.detach().clone() for weight in weights]\n"
        "wanted = [0.5 * b + w.grad for b, w in zip(buffers, weights)]\n"
        "assert momentum_step(weights, buffers, lr=0.2, beta=0.5) is None\n"
        "for weight, was, buffer, moved in zip(weights, old, buffers, wanted):\n"
        '    assert torch.allclose(buffer, moved), "the buffer"\n'
        '    assert torch.allclose(weight, was - 0.2 * moved), "the weight"',
    ),
    "Q7": (
        "score = 0\nscore += digit_sum(7) == 7\nscore += digit_sum(123) == 6",
        "score += digit_sum(0) == 0\nscore += digit_sum(<number>) == sum(map(int, str(<number>)))",
    ),
    "Q8": (
        "assert doubling_time > 0",
        "assert isinstance(doubling_time, int)\n"
        "assert 1.05**doubling_time >= 2 > 1.05 ** (doubling_time - 1)\n"
        'assert doubling_time == 15, "count the whole years"',
    ),
    "Q9": (
        "layer = Affine(3, 2)\n"
        "assert isinstance(layer, torch.nn.Module) and layer(torch.zeros(4, 3)).shape == (4, 2)\n"
        'assert len(list(layer.parameters())) == 2, "a weight and a bias"',
        "x, weight, bias = torch.randn(5, 3), torch.randn(2, 3), torch.randn(2)\n"
        'layer.load_state_dict({"weight": weight, "bias": bias})\n'
        'assert torch.allclose(layer(x), x @ weight.T + bias), "random weights"\n'
        "layer(x).sum().backward()\n"
        'assert torch.allclose(layer.weight.grad, x.sum(0).expand(2, 3), atol=1e-5), "slopes"',
    ),
}


def make_source(canaries: Canaries) -> NotebookNode:
    """Build the instructor's notebook."""
    cells = [
        v4.new_markdown_cell("# The bank", id="title"),
        make_cell(GIVEN, "given", locked=True),
    ]
    # Where nothing is imported beforehand, torch takes its time.
    cells[-1].metadata["course"] = {"timeout": 60}
    for question, points in POINTS.items():
        cells.append(v4.new_markdown_cell(f"## {question}", id=f"{question}-title"))
        cells.append(_answer(question, canaries))
        if question == "Q1":
            cells.append(make_cell(GROWTH, "growth", locked=True))
        cells.append(_test(question, points, canaries))
    cells += [
        v4.new_markdown_cell("## W1: in words", id="W1-title"),
        make_cell(WORDS, "W1", kind="markdown", grade=True, solution=True, points=BY_HAND["W1"]),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _answer(question: str, canaries: Canaries) -> NotebookNode:
    """Build the cell that a student fills in; the reference answer holds a canary."""
    head, body = ANSWERS[question]
    indent = " " * (len(body) - len(body.lstrip()))
    first = f"{indent}### BEGIN SOLUTION\n{indent}# {canaries.solution}"
    source = f"{head}\n{first}\n{body}\n{indent}### END SOLUTION"
    return make_cell(source, f"{question}-answer", solution=True)


def _test(question: str, points: int, canaries: Canaries) -> NotebookNode:
    """Build the test cell of a question, with the canaries in it."""
    visible, hidden = TESTS[question]
    source = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    # The score is the value of the whole cell, for students too.
    source += "\nscore" if question == "Q7" else ""
    for place, word in canaries.items().items():
        source = source.replace(f"<{place}>", word)
    cell = make_cell(source, question, grade=True, locked=True, points=points)
    cell.metadata["course"] = {"timeout": TIMEOUT}
    return cell


def make_course(folder: Path, canaries: Canaries) -> Workspace:
    """Make the course and release its practical, as stock nbgrader does."""
    syllabus = (ROOT / "course.toml").read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "course.toml").write_text(syllabus.replace('"practical1"', f'"{ASSIGNMENT}"'))
    (folder / "nbgrader_config.py").write_text(CONFIG + SETTINGS)
    (folder / "notes-of-the-instructor.txt").write_text(f"Tell nobody: {canaries.file}\n")
    source = folder / "solutions" / ASSIGNMENT
    source.mkdir(parents=True)
    nbformat.write(make_source(canaries), source / f"{ASSIGNMENT}.ipynb")
    workspace = open_workspace(folder)
    step = GenerateAssignment(coursedir=workspace.coursedir, config=workspace.config)
    step.force = True
    run_step(step, ASSIGNMENT)
    return workspace


def released(workspace: Workspace) -> NotebookNode:
    """Read what students are given."""
    path = workspace.folder("release", ASSIGNMENT) / f"{ASSIGNMENT}.ipynb"
    return nbformat.read(path, as_version=4)


def points(workspace: Workspace, student: str) -> Mapping[str, float]:
    """Give the points that a machine gave a student, by question; 0 where there are none."""
    found = dict.fromkeys([*POINTS, *BY_HAND], 0.0)
    with workspace.gradebook() as gradebook:
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            if submission.student.id == student:
                grades = [one for book in submission.notebooks for one in book.grades]
                found |= {one.name: float(one.auto_score or 0) for one in grades}
    return found


def remove(folder: Path) -> None:
    """Remove a course, whatever lies in it."""
    shutil.rmtree(folder, ignore_errors=True)
