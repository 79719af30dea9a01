"""The practical that the graders are measured on, and hand-ins of all sorts for it.

Five questions about tensors, of eleven code cells; a test has a visible and a hidden part, and all
of them together take about 0.02 s. It is an ordinary course of stock nbgrader, which any grader of
nbgrader's notebooks can grade; `otter_tests` writes the same tests down for otter-grader.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from nbformat import v4
from nbgrader.api import Gradebook

NAME = "tensors"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "benchmark"
"""
GIVEN = """import math

import torch
from torch import nn


def close(a, b):
    return torch.allclose(a, b, atol=1e-5)"""
POINTS = {"softmax": 2, "loss": 3, "step": 3, "layer": 4, "accuracy": 1}
#: Question to answers: the first is the reference's, the others are right or wrong.
ANSWERS: Mapping[str, Sequence[str]] = {
    "softmax": (
        "def softmax(x):\n"
        "    e = torch.exp(x - x.max(dim=-1, keepdim=True).values)\n"
        "    return e / e.sum(dim=-1, keepdim=True)",
        "def softmax(x):\n    return x.softmax(dim=-1)",
        "def softmax(x):\n    return torch.exp(x) / torch.exp(x).sum(dim=-1, keepdim=True)",
        "def softmax(x):\n    return torch.exp(x) / torch.exp(x).sum()",
    ),
    "loss": (
        "def loss(scores, labels):\n"
        "    rows = torch.arange(len(labels))\n"
        "    return -torch.log_softmax(scores, dim=-1)[rows, labels].mean()",
        "def loss(scores, labels):\n    return nn.functional.cross_entropy(scores, labels)",
        "def loss(scores, labels):\n"
        "    print('scores of', len(labels))\n"
        "    return nn.functional.cross_entropy(scores.detach(), labels)",
        "def loss(scores, labels):\n    return nn.functional.nll_loss(scores, labels)",
    ),
    "step": (
        "def step(parameters, rate):\n"
        "    with torch.no_grad():\n"
        "        for parameter in parameters:\n"
        "            parameter -= rate * parameter.grad",
        "@torch.no_grad()\n"
        "def step(parameters, rate):\n"
        "    for one in parameters:\n"
        "        one.add_(one.grad, alpha=-rate)",
        "def step(parameters, rate):\n"
        "    for parameter in parameters:\n"
        "        parameter = parameter - rate * parameter.grad",
        "def step(parameters, rate):\n"
        "    for parameter in parameters:\n"
        "        parameter -= rate * parameter.grad",
    ),
    "layer": (
        "class Layer(nn.Module):\n"
        "    def __init__(self, inputs, outputs):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(outputs, inputs) / math.sqrt(inputs))\n"
        "        self.bias = nn.Parameter(torch.zeros(outputs))\n\n"
        "    def forward(self, x):\n"
        "        return torch.relu(x @ self.weight.T + self.bias)",
        "class Layer(nn.Module):\n"
        "    def __init__(self, inputs, outputs):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.empty(outputs, inputs))\n"
        "        self.bias = nn.Parameter(torch.zeros(outputs))\n"
        "        nn.init.kaiming_uniform_(self.weight)\n\n"
        "    def forward(self, x):\n"
        "        return nn.functional.linear(x, self.weight, self.bias).clamp(min=0)",
        "class Layer(nn.Module):\n"
        "    def __init__(self, inputs, outputs):\n"
        "        super().__init__()\n"
        "        self.weight = nn.Parameter(torch.randn(outputs, inputs))\n"
        "        self.bias = nn.Parameter(torch.zeros(outputs))\n\n"
        "    def forward(self, x):\n"
        "        return x @ self.weight.T + self.bias",
    ),
    "accuracy": (
        "def accuracy(scores, labels):\n"
        "    return (scores.argmax(dim=-1) == labels).float().mean().item()",
        "def accuracy(scores, labels):\n"
        "    hits = 0\n"
        "    for row, label in zip(scores, labels):\n"
        "        hits += int(row.argmax()) == int(label)\n"
        "    return hits / len(labels)",
        "def accuracy(scores, labels):\n    return (scores.argmax(dim=0) == labels).sum()",
    ),
}
#: Question to its visible and its hidden test.
TESTS = {
    "softmax": (
        "x = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])\n"
        'assert close(softmax(x).sum(dim=-1), torch.ones(2)), "each row sums to one"',
        "for seed in range(5):\n"
        "    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(seed))\n"
        '    assert close(softmax(x), torch.softmax(x, dim=-1)), "random rows"\n'
        'assert close(softmax(x + 500), torch.softmax(x, dim=-1)), "large numbers"',
    ),
    "loss": (
        "scores, labels = torch.zeros(3, 10), torch.tensor([1, 2, 3])\n"
        'assert abs(loss(scores, labels).item() - math.log(10)) < 1e-5, "a guess among ten"',
        "for seed in range(3):\n"
        "    draw = torch.Generator().manual_seed(seed)\n"
        "    scores = torch.randn(8, 5, generator=draw, requires_grad=True)\n"
        "    labels = torch.randint(5, (8,), generator=draw)\n"
        "    wanted = nn.functional.cross_entropy(scores, labels)\n"
        "    found = loss(scores, labels)\n"
        '    assert close(found, wanted), "random scores"\n'
        "    slope, = torch.autograd.grad(wanted, scores)\n"
        "    found.backward()\n"
        '    assert close(scores.grad, slope), "the gradient"',
    ),
    "step": (
        "w = torch.ones(2, requires_grad=True)\n"
        "w.grad = torch.tensor([1.0, 2.0])\n"
        "step([w], rate=0.1)\n"
        'assert close(w, torch.tensor([0.9, 0.8])), "one step of 0.1"',
        "draw = torch.Generator().manual_seed(4)\n"
        "parameters = [torch.randn(n, 3, generator=draw, requires_grad=True) for n in (1, 4)]\n"
        "for one in parameters:\n"
        "    one.grad = torch.randn(one.shape, generator=draw)\n"
        "wanted = [one.detach() - 0.3 * one.grad for one in parameters]\n"
        "step(parameters, rate=0.3)\n"
        "for one, then in zip(parameters, wanted):\n"
        '    assert close(one, then), "all parameters"\n'
        '    assert one.requires_grad, "they still learn"',
    ),
    "layer": (
        "layer = Layer(3, 2)\n"
        'assert layer(torch.zeros(5, 3)).shape == (5, 2), "a row for each example"\n'
        'assert {name for name, _ in layer.named_parameters()} == {"weight", "bias"}',
        "draw = torch.Generator().manual_seed(5)\n"
        "weight, bias = torch.randn(2, 3, generator=draw), torch.randn(2, generator=draw)\n"
        "x = torch.randn(7, 3, generator=draw)\n"
        'layer.load_state_dict({"weight": weight, "bias": bias})\n'
        'assert close(layer(x), torch.relu(x @ weight.T + bias)), "random weights"\n'
        "layer(x).sum().backward()\n"
        "on = (x @ weight.T + bias > 0).float()\n"
        'assert close(layer.weight.grad, on.T @ x), "the gradient"',
    ),
    "accuracy": (
        "scores = torch.tensor([[0.1, 0.9], [0.8, 0.2]])\n"
        'assert accuracy(scores, torch.tensor([1, 1])) == 0.5, "one of two"',
        "scores = torch.eye(6)\n"
        'assert accuracy(scores, torch.arange(6)) == 1.0, "all of six"\n'
        "assert isinstance(accuracy(scores, torch.arange(6)), float)",
    ),
}


def make_course(folder: Path) -> Path:
    """Make the course and its release, by stock nbgrader alone."""
    (folder / "source" / NAME).mkdir(parents=True)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(_source(), folder / "source" / NAME / f"{NAME}.ipynb")
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", NAME]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"'{folder}': nbgrader cannot make the release:\n{done.stderr}")
    return folder


def environment() -> dict[str, str]:
    """Give the environment of a grader: nbgrader calls programs that lie beside this Python."""
    beside = str(Path(sys.executable).parent)
    return os.environ | {"PATH": beside + os.pathsep + os.environ["PATH"]}


def copy_course(course: Path, folder: Path, students: Sequence[str]) -> Path:
    """Copy a fresh course, and hand in for some students."""
    shutil.copytree(course, folder)
    for student in students:
        hand_in(folder, student)
    return folder


def students(count: int) -> list[str]:
    """Name some students; halves of them can be told apart by the first letter."""
    return [f"{'ab'[number % 2]}{number:05}" for number in range(count)]


def hand_in(course: Path, student: str) -> Path:
    """Put a student's hand-in where it belongs; what is in it depends on the name alone."""
    folder = course / "submitted" / student / NAME
    folder.mkdir(parents=True, exist_ok=True)
    notebook = json.loads((course / "release" / NAME / f"{NAME}.ipynb").read_text("utf-8"))
    answers = choose(student)
    for cell in notebook["cells"]:
        question = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removesuffix("-answer")
        if cell["metadata"].get("nbgrader", {}).get("solution") and question in answers:
            cell["source"] = answers[question]
    path = folder / f"{NAME}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def choose(student: str) -> dict[str, str]:
    """Choose a student's answers: most are right, one in eight was not touched."""
    draw, answers = random.Random(student), {}
    for question, known in ANSWERS.items():
        if draw.random() < 0.875:
            chosen = draw.choice(known[:2]) if draw.random() < 0.6 else draw.choice(known)
            # No two hand-ins are alike, as in life.
            answers[question] = f"{chosen}\n# {student}: {draw.random()}"
    return answers


def marks(course: Path) -> dict[str, dict[str, float]]:
    """Read from the gradebook what each student was given, by question."""
    found: dict[str, dict[str, float]] = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "benchmark") as gradebook:
        for submission in gradebook.assignment_submissions(NAME):
            grades = [grade for book in submission.notebooks for grade in book.grades]
            found[submission.student.id] = {
                grade.name: float(grade.auto_score or 0.0) for grade in grades
            }
    return found


def otter_tests(path: Path) -> Path:
    """Write the same tests, one case a question, into an archive for otter-grader."""
    config = {"lang": "python", "show_hidden": True, "print_summary": False, "logo": False}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps(config))
        for question, points in POINTS.items():
            archive.writestr(f"tests/{question}.py", _otter_test(question, points))
    return path


def _otter_test(question: str, points: float) -> str:
    """Write a test file: the whole cell is one case, all or nothing as with nbgrader."""
    source = "\n".join(TESTS[question])
    return (
        "from otter.test_files import test_case\n\n"
        f"OK_FORMAT = False\nname = {question!r}\npoints = {points}\nSOURCE = {source!r}\n\n\n"
        "@test_case(hidden=False)\ndef test_cell(env):\n    exec(SOURCE, env)\n"
    )


def _source() -> nbformat.NotebookNode:
    """Build the instructor's notebook."""
    cells = [
        v4.new_markdown_cell("# Tensors\n\nFive small parts of a network.", id="title"),
        _cell(GIVEN, "given", locked=True),
    ]
    for question, points in POINTS.items():
        visible, hidden = TESTS[question]
        answer = f"### BEGIN SOLUTION\n{ANSWERS[question][0]}\n### END SOLUTION"
        tests = f"{visible}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        cells += [
            _cell(answer, f"{question}-answer", solution=True),
            _cell(tests, question, grade=True, locked=True, points=points),
        ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _cell(source: str, grade_id: str, **about: float) -> nbformat.NotebookNode:
    """Build a cell that nbgrader knows."""
    cell = v4.new_code_cell(source, id=grade_id)
    known = {"grade": False, "solution": False, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {"schema_version": 3, "grade_id": grade_id} | known | about
    return cell
