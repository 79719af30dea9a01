"""What ``handin.check`` tells a student, from fresh kernels."""

import sys

import nbclient
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from cmp784 import handin
from cmp784.handin import __main__ as command
from cmp784.handin import fresh_run
from tests.cmp784.handin_builders import (
    ANSWERS,
    PASSED,
    add,
    cell,
    leave_outcome,
    make_practical,
    save,
)

# Not ours: what the Jupyter packages say to each other while a kernel starts and stops.
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(autouse=True)
def by_a_person(monkeypatch):
    """Let no mark of a machine that runs notebooks reach the check."""
    for mark in ("CMP784_HANDIN", "CMP784_HEADLESS", "NBGRADER_EXECUTION"):
        monkeypatch.delenv(mark, raising=False)


def found(report):
    """Return title and status of each check of a report."""
    return [(check.title, check.status) for check in report.checks]


def check(notebook, folder, **settings):
    """Check a notebook from its file."""
    return handin.check(save(notebook, folder), **settings)


def test_right_answers_pass_and_nothing_is_said(tmp_path):
    """All visible checks pass, the file stays as it is, and the kernel works in its folder."""
    notebook = add(make_practical(), 2, 'open("here.txt", "w").close()')
    path = save(notebook, tmp_path)
    before = path.read_bytes()

    report = handin.check(path)

    assert found(report) == PASSED
    assert (report.warnings, report.passed) == ((), True)
    assert repr(report).splitlines()[1:] == [
        "✓ A1: double (3 points)",
        "✓ A2: square (2.5 points)",
        "✎ B1: in words (5 points): answered; a person grades it",
        "",
        "2 of 2 questions pass their visible checks: 5.5 of 5.5 points.",
        "Hidden tests decide the points: they also try what the visible checks leave out.",
        "",
        "Nothing to warn of. Pack it: handin.pack(...).",
    ]
    assert path.read_bytes() == before
    assert (tmp_path / "here.txt").is_file()


def test_every_kind_of_failure_is_told_by_question(tmp_path):
    """A wrong answer, a stub and an empty text: each question says what is wrong with it."""
    report = check(make_practical({"A1-answer": "def double(x):\n    return x * x"}), tmp_path)

    assert found(report) == [
        ("A1: double", "mistake"),
        ("A2: square", "unanswered"),
        ("in words", "empty"),
    ]
    assert report.checks[0].message.startswith("double(3): the value is wrong.")
    assert report.warnings == ()
    assert report.summary == "0 of 2 questions pass their visible checks: 0 of 5.5 points."
    assert not report.passed


def test_page_of_a_notebook_shows_no_markup_of_the_student(tmp_path):
    """Titles and messages are text in the HTML, whatever they hold."""
    hostile = '<script>alert("x")</script>'
    checks = (handin.Check("A1", f"A1 {hostile}", "mistake", hostile, 2.0),)

    shown = handin.Report(hostile, checks, (hostile,))._repr_html_()

    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 4
    assert "2 points" in shown


def test_cell_that_stops_is_named_and_the_checks_after_it_are_run(tmp_path):
    """An error in one answer is explained, and the next question is checked all the same."""
    report = check(make_practical({**ANSWERS, "A1-answer": "def double(x) return 2"}), tmp_path)

    assert found(report) == [("A1: double", "error"), *PASSED[1:]]
    (warning,) = report.warnings
    assert warning.startswith("Cell 'A1-answer' stops with SyntaxError: ")


def test_test_cell_without_setup_is_an_error_with_its_reason(tmp_path):
    """A lost setup cell is missing, and every check says which name it lacks."""
    notebook = make_practical()
    notebook.cells.remove(cell(notebook, "given"))

    report = check(notebook, tmp_path)

    assert [one.message for one in report.checks][:2] == [
        "NameError: name 'checks' is not defined"
    ] * 2
    assert [one.partition(".")[0] for one in report.warnings] == ["Cell 'given' is missing"]


def test_name_defined_further_down_is_found(tmp_path):
    """The cell that uses the name and the one that defines it are both named."""
    notebook = make_practical({**ANSWERS, "A1-answer": "def double(x):\n    return two * x"})
    cell(notebook, "A2-answer").source += "\ntwo = 2"

    report = check(notebook, tmp_path)

    assert found(report) == [("A1: double", "error"), *PASSED[1:]]
    assert report.warnings == (
        "Cell 'A1' uses 'two', which is defined only further down, in cell 'A2-answer'. "
        "Move the definition up.",
    )


def test_check_that_passed_only_in_the_old_session_is_told(tmp_path):
    """A helper in a cell that was deleted: the file says passed, the fresh run does not."""
    notebook = make_practical({**ANSWERS, "A1-answer": "def double(x):\n    return two * x"})
    leave_outcome(notebook, "A1", "A1: double")
    cell(notebook, "A1").execution_count = 9
    cell(notebook, "A2").execution_count = 4
    leave_outcome(notebook, "A2", "A2: square")

    report = check(notebook, tmp_path)

    lost, turned = report.warnings
    assert lost.startswith("'A1: double' passed when you last ran it, and does not pass in a fresh")
    assert turned.startswith("In your file, cell 'A1' was last run after cell 'A2'")


def test_cells_run_in_another_order_without_harm_are_no_warning(tmp_path):
    """Going back to an answer is how people work; only a difference counts."""
    notebook = leave_outcome(make_practical(), "A1", "A1: double")
    cell(notebook, "A1").execution_count = 9
    cell(notebook, "A2").execution_count = 4

    assert check(notebook, tmp_path).warnings == ()


def test_slow_cell_is_stopped_and_the_others_are_checked(tmp_path):
    """The cell is named with its limit, and the run goes on."""
    notebook = add(make_practical(), 2, "import time\ntime.sleep(60)")

    report = check(notebook, tmp_path, limit=1)

    assert found(report) == PASSED
    (warning,) = report.warnings
    assert warning.startswith("Cell 3 ran longer than 1 s and was stopped. Make it quicker")


def test_cell_that_ignores_the_interrupt_ends_the_run(tmp_path, monkeypatch):
    """The kernel is ended, and the checks after the cell are told as not run."""
    monkeypatch.setattr(fresh_run, "GRACE", 1.0)
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"

    report = check(add(make_practical(), 4, stubborn), tmp_path, limit=1)

    assert found(report) == [PASSED[0], ("tests", "not run"), PASSED[2]]
    assert report.warnings[1].startswith("Cell 5 could not be interrupted")


def test_kernel_that_dies_is_told_with_its_cell(tmp_path):
    """What stood before the cell counts; what stands after it was not run."""
    report = check(add(make_practical(), 4, "import os\nos._exit(1)"), tmp_path)

    assert found(report) == [PASSED[0], ("tests", "not run"), PASSED[2]]
    assert report.warnings == (
        "Cell 5 ended its kernel; the cells after it were not run. Look for too little memory, a "
        "call of exit(), or an endless loop in that cell.",
    )


def test_output_on_the_error_stream_of_a_test_is_told(tmp_path):
    """Nbgrader would take the points of that question."""
    notebook = make_practical()
    cell(notebook, "A1").source += '\nimport sys; print("careful", file=sys.stderr)'

    report = check(notebook, tmp_path)

    assert report.warnings[-1] == (
        "During the tests of A1 your code writes a warning: 'careful'. "
        "The grader counts that as a failed test. Remove its cause."
    )


def test_interrupt_by_the_student_ends_the_kernel(tmp_path):
    """Stopping the cell that checks leaves no process behind."""

    def stop(index):
        if index > 1:
            raise KeyboardInterrupt

    notebook = add(make_practical(), 2, "import time\ntime.sleep(60)")
    with pytest.raises(KeyboardInterrupt):
        fresh_run.run(notebook, tmp_path, 60, stop)

    assert [p for p in psutil.Process().children() if "ipykernel" in " ".join(p.cmdline())] == []


@pytest.mark.parametrize("mark", ["CMP784_HANDIN", "CMP784_HEADLESS", "NBGRADER_EXECUTION"])
def test_notebook_run_by_a_machine_checks_nothing(monkeypatch, tmp_path, capsys, mark):
    """Neither a fresh run nor a grader starts kernel after kernel."""
    monkeypatch.setenv(mark, "1")

    report = handin.check("no-such-file.ipynb")

    assert repr(report) == "handin.check: nothing to do, a machine runs this notebook."
    assert report.checks == ()
    assert handin.pack("no-such-file.ipynb") is None
    assert "nothing to do" in capsys.readouterr().out


def test_notebook_checks_itself_from_its_own_kernel(tmp_path):
    """The call works where a loop runs already, and its copy in the fresh run does nothing."""
    notebook = add(make_practical(), 7, 'handin.check("practical1.ipynb")')
    save(notebook, tmp_path)

    nbclient.NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": tmp_path}}
    ).execute()

    (shown,) = [out for out in notebook.cells[7].outputs if out.output_type == "execute_result"]
    assert (
        "2 of 2 questions pass their visible checks: 5.5 of 5.5 points." in shown.data["text/plain"]
    )
    assert "Nothing to warn of" in shown.data["text/html"]


def test_answer_that_ran_and_was_not_saved_is_told(tmp_path):
    """The file still holds the stub, while the kernel ran the answer."""
    save(make_practical({}), tmp_path)
    session = new_notebook(
        cells=[
            new_code_cell(ANSWERS["A1-answer"]),
            new_code_cell(f"import os; os.chdir({str(tmp_path)!r})\nfrom cmp784 import handin"),
            new_code_cell('print(handin.check("practical1.ipynb").warnings)'),
        ]
    )

    nbclient.NotebookClient(session, timeout=120).execute()

    said = "".join(out.text for out in session.cells[2].outputs if out.get("name") == "stdout")
    assert "The file holds another 'double' than the one that you ran last." in said


def test_command_prints_the_report_and_tells_by_its_status(tmp_path, capsys):
    """0 all is well, 1 something is not, 2 wrong usage."""
    right = save(make_practical(), tmp_path)

    assert command.main([str(right)]) == 0
    assert "5.5 of 5.5 points" in capsys.readouterr().out
    assert command.main([]) == command.main(["nothing.ipynb"]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_import_is_light():
    """Neither the package nor handin loads torch or a kernel's client."""
    import subprocess

    code = (
        "import sys, cmp784; from cmp784 import handin\n"
        "print([m for m in ('torch', 'nbclient', 'nbformat', 'matplotlib') if m in sys.modules])"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout == "[]\n"
