"""How an exercise is shown and stored, in a real kernel and outside of one."""

import html
import json
import sys

import nbclient
import nbformat
import pytest

from cmp784 import checks
from cmp784.checks import Mistake, Outcome, OutcomeError, explanations
from cmp784.outputs import NotebookError

CELLS = {
    "imports": "from cmp784 import checks\nimport torch\nx = torch.zeros(2, 3)",
    "right": 'with checks.exercise("Right"):\n    checks.close(1.0, 1.0)',
    "wrong": 'with checks.exercise("Wrong <1 & 2>"):\n    checks.close(-2.0, 2.0, name="<w>")',
    "stub": 'def f(x):\n    raise NotImplementedError("your turn")\n'
    'with checks.exercise("Stub"):\n    checks.truth_table(f, {0: 0})',
    "cell not run": 'with checks.exercise("Not run"):\n    checks.close(half_adder(0, 1), 1)',
    "typo": "def g(x):\n    return torhc.exp(x)\n"
    'with checks.exercise("Typo"):\n    checks.close(g(x), x)',
    "shapes": 'def h(x):\n    return x @ x\nwith checks.exercise("Shapes"):\n'
    "    checks.function_close(h, h, [x])",
    "library": 'with checks.exercise("No forward"):\n    torch.nn.Module()(x)',
    "half precision": "def k(x):\n    return torch.linalg.inv(x.half())\n"
    'with checks.exercise("Half"):\n    k(torch.eye(2))',
    "assert": 'with checks.exercise("Assert"):\n    assert x.sum() == 1',
    "last": 'print("still here")',
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Return the path of a notebook that a real kernel has executed."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in CELLS.values()],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbclient.NotebookClient(notebook, timeout=120).execute()
    path = tmp_path_factory.mktemp("checks") / "executed.ipynb"
    nbformat.write(notebook, path)
    return path


def cell(path, name):
    """Return the only output of one cell."""
    outputs = nbformat.read(path, as_version=4).cells[list(CELLS).index(name)].outputs
    assert len(outputs) == 1
    return outputs[0]


def test_notebook_goes_on_and_its_outcomes_are_read_back(executed):
    """Every kind of outcome is stored, and nothing stops the notebook."""
    outcomes = checks.read(executed)

    assert [(outcome.title, outcome.status) for outcome in outcomes] == [
        ("Right", "passed"),
        ("Wrong <1 & 2>", "mistake"),
        ("Stub", "unanswered"),
        ("Not run", "error"),
        ("Typo", "error"),
        ("Shapes", "error"),
        ("No forward", "error"),
        ("Half", "error"),
        ("Assert", "mistake"),
    ]
    assert cell(executed, "last").text == "still here\n"


def test_read_takes_an_open_notebook_too(executed):
    """A notebook in memory reads like its file."""
    assert checks.read(nbformat.read(executed, as_version=4)) == checks.read(executed)


MESSAGES = {
    "right": "",
    "stub": "",
    "cell not run": "'half_adder' is not defined yet.\nRun the cell above first.",
    "typo": "'torhc' is not defined.\nIn g(), line 2 of its cell: return torhc.exp(x)\n"
    "Is it spelled right? If a cell above defines it, run the cell above first.",
    "shapes": "RuntimeError: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)\n"
    "In h(), line 2 of its cell: return x @ x\n"
    "It happened in h(x) for x = tensor([[0., 0., 0.], [0., 0., 0.]]).\n"
    "The inner sizes of a matrix product must agree: (a, b) @ (b, c). "
    "Is one of them transposed?",
    "assert": "This does not hold: assert x.sum() == 1",
}


@pytest.mark.parametrize(("name", "message"), MESSAGES.items(), ids=MESSAGES)
def test_error_of_the_student_is_explained_without_a_traceback(executed, name, message):
    """Type, message, the student's own line, the likely meaning."""
    data = cell(executed, name).data

    assert data[checks.MIME]["message"] == message
    assert "Traceback" not in data["text/plain"]


def test_not_implemented_in_a_library_is_no_unanswered_exercise(executed):
    """Torch raises NotImplementedError as well; the student's own line is shown."""
    assert "Define forward(self, x)." in cell(executed, "library").data["text/plain"]
    assert (
        "return torch.linalg.inv(x.half())"
        in cell(executed, "half precision").data[checks.MIME]["message"]
    )


def test_output_holds_text_html_and_data(executed):
    """The box is readable without colour, and escaped."""
    data = cell(executed, "wrong").data

    message = "<w>: the value is wrong.\nYours is -2, expected is 2.\n"
    message += "It looks as if the sign is flipped.\n"
    message += "Look for a minus sign that is missing or written twice."
    assert data[checks.MIME] == {"title": "Wrong <1 & 2>", "status": "mistake", "message": message}
    indented = "\n".join("  " + line for line in message.splitlines())
    assert data["text/plain"] == f"✗ Wrong <1 & 2>: not yet\n{indented}"
    assert "Wrong &lt;1 &amp; 2&gt;" in data["text/html"]
    assert html.escape("<w>: the value") in data["text/html"]
    assert "<w>" not in data["text/html"]


def test_success_is_one_quiet_line(executed):
    """One line, a tick, the title."""
    data = cell(executed, "right").data

    assert data["text/plain"] == "✓ Right"
    assert "<br>" not in data["text/html"]


@pytest.mark.parametrize("status", ["passed", "mistake", "unanswered", "error"])
def test_outcome_survives_json(status):
    """What is written is read back equal."""
    outcome = Outcome("Exercise <1>", status, "a\nb")

    assert Outcome.from_json(json.loads(json.dumps(outcome.to_json()))) == outcome


def test_symbols_tell_the_statuses_apart_without_colour():
    """Each status has its own symbol and words."""
    texts = [Outcome("E", status).to_text() for status in checks.outcomes.LOOKS]

    assert texts == ["✓ E", "✗ E: not yet", "○ E: not answered yet", "! E: your code stopped"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupt_passes_through(error, capsys):
    """Stopping the kernel stops the exercise, and shows nothing."""
    with pytest.raises(error, match="stop"), checks.exercise("E"):
        raise error("stop")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("title", ["", "  ", None, 3], ids=["empty", "spaces", "None", "number"])
def test_exercise_without_a_title_is_refused(title):
    """The author of the notebook is told at once."""
    with pytest.raises(OutcomeError, match="needs a title in words"), checks.exercise(title):
        pass


DAMAGED = {
    "field missing": ({"title": "E", "status": "passed"}, "KeyError: 'message'"),
    "unknown status": ({"title": "E", "status": "done", "message": ""}, "'done' is not one of"),
    "not text": ({"title": "E", "status": "passed", "message": 3}, "message is 3, expected text"),
    "list": ([1], "damaged"),
    "text": ("passed", "damaged"),
}


@pytest.mark.parametrize(("stored", "words"), DAMAGED.values(), ids=DAMAGED)
def test_damaged_outcome_names_its_cell(stored, words):
    """The cell is counted from 1 over all cells."""
    output = nbformat.v4.new_output("display_data", data={checks.MIME: stored})
    code = nbformat.v4.new_code_cell(outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text"), code])

    with pytest.raises(OutcomeError, match=f"^cell 2: .*{words}.*Run its notebook again"):
        checks.read(notebook)


def test_missing_notebook_is_named(tmp_path):
    """The path is in the message."""
    with pytest.raises(NotebookError, match=r"none.ipynb: there is no such file"):
        checks.read(tmp_path / "none.ipynb")


MEANINGS = {
    ZeroDivisionError("division by zero"): "divided by zero",
    RecursionError("maximum recursion depth exceeded"): "calls itself without end",
    UnboundLocalError("cannot access local variable 'x'"): "used before it gets a value",
    IndexError("list index out of range"): "An index lies outside",
    KeyError("w"): "The key is not there",
    AttributeError("'Tensor' object has no attribute 'foo'"): "no such attribute",
    ModuleNotFoundError("No module named 'x'"): "not installed here",
    ImportError("cannot import name"): "not in that module",
    MemoryError("cannot allocate"): "too large",
    OverflowError("math range error"): "grew too large",
    TypeError("bad operand"): "a type that does not fit",
    ValueError("bad"): "value or a shape does not fit",
    RuntimeError("anything"): "Run your function alone",
    RuntimeError("The size of tensor a (2) must match the size of tensor b (3)"): "from the right",
    TypeError("f() takes 1 positional argument but 2 were given"): "with other arguments",
    TypeError("f() missing 1 required positional argument: 'x'"): "with other arguments",
    TypeError("unsupported operand type(s) for +: 'NoneType' and 'int'"): "Something is None",
    RuntimeError("expected m1 and m2 to have the same dtype"): "different number types",
    RuntimeError("Expected all tensors to be on the same device"): "different devices",
    RuntimeError("element 0 of tensors does not require grad"): "does not depend on a tensor",
    RuntimeError("Trying to backward through the graph a second time"): "ran twice",
    RuntimeError("a leaf Variable that requires grad is being used"): "changed in place",
    RuntimeError("Can't call numpy() on Tensor that requires grad."): r"detach\(\).numpy\(\)",
    RuntimeError("Boolean value of Tensor with more than one value"): "many values at once",
    TypeError("'int' object is not subscriptable"): "Is it a plain number",
    TypeError("'list' object is not callable"): "Is a name used twice",
    TypeError("'int' object is not iterable"): "can be looped over",
}


@pytest.mark.parametrize(
    ("error", "words"),
    MEANINGS.items(),
    ids=[f"{type(e).__name__} {w}" for e, w in MEANINGS.items()],
)
def test_likely_meaning_of_an_error_is_told(error, words, capsys):
    """Each error that students meet has words of its own, shown in the box."""
    with checks.exercise("E"):
        raise error

    assert capsys.readouterr().out.startswith("! E: your code stopped\n")
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(explanations.meaning(error))


class Silent(Exception):  # noqa: N818 - a student may call it so
    """An error whose own text fails."""

    def __str__(self):
        """Fail."""
        raise ValueError("no text")


def test_error_whose_text_fails_is_still_shown(capsys):
    """A broken ``__str__`` does not break the check."""
    with checks.exercise("E"):
        raise Silent

    assert "  Silent\n" in capsys.readouterr().out


def test_message_of_an_assert_is_the_message(capsys):
    """An instructor may write a plain assert with words."""
    with checks.exercise("E"):
        raise AssertionError("must be positive")

    assert capsys.readouterr().out == "✗ E: not yet\n  must be positive\n"


def test_error_of_this_package_speaks_for_itself(capsys):
    """Its message already says what to do, so nothing is added."""
    with checks.exercise("E"):
        raise NotebookError("x.ipynb: there is no such file. Check the path.")

    assert capsys.readouterr().out.splitlines()[1:] == [
        "  x.ipynb: there is no such file. Check the path."
    ]


def test_blocks_raise_outside_of_an_exercise():
    """Hidden tests call the blocks directly and get an AssertionError."""
    with pytest.raises(AssertionError, match="sign is flipped") as caught:
        checks.close(-1.0, 1.0)

    assert type(caught.value) is Mistake


def test_public_names_are_held_still():
    """The list of public names changes on purpose only."""
    assert sorted(checks.__all__) == checks.__all__
    assert all(
        getattr(checks, name).__module__.startswith("cmp784.checks.")
        for name in checks.__all__
        if name != "MIME"
    )


def test_importing_the_checks_does_not_load_torch(tmp_path):
    """Torch is loaded by who uses it."""
    import subprocess

    code = "import sys; from cmp784 import checks; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )

    assert done.stdout == "False\n", done.stderr
