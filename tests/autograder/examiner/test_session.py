"""A hand-in is examined: only tests that ran to their end in the examiner's room count."""

import pytest

from autograder.examiner import Verdict, examine
from autograder.examiner.messages import HIDDEN
from tests.autograder.examiner.builders import answer, assignment, check, given, hand_in, job

SQUARE = assignment(
    given("N = 3\n\ndef shifted(x):\n    return f(x) + N"),
    answer("f", "def f(x):\n    return x * x", "def f(x):\n    raise NotImplementedError()"),
    check(
        "small",
        "from math import sqrt\nassert f(2) == 4, 'two squared'\nassert shifted(2) == 7",
        "assert f(1234) == 1522756, f'for {1234}: {f(1234)}'",
        points=2.0,
    ),
    check("root", "assert abs(f(sqrt(2)) - 2) < 1e-9"),
)
GOOD = "def f(x):\n    return x * x"


def examined(rooms, source=SQUARE, *, timeout=3.0, more=None, **answers):
    """Return what came of a hand-in with ``answers``."""
    return examine(rooms, job(source, hand_in(source, **answers), timeout=timeout, **(more or {})))


def points(found):
    """Return the points of each test."""
    return {verdict.grade_id: verdict.points for verdict in found.verdicts}


def told(found, name):
    """Return what the student is told of a test."""
    return next(verdict.message for verdict in found.verdicts if verdict.grade_id == name)


def outputs(found, name):
    """Return the outputs of a cell."""
    cells = found.notebook["cells"]
    return next(cell["outputs"] for cell in cells if cell["id"] == name)


def everything(found):
    """Return all that is kept of an examination, as text."""
    return str(found)


def test_right_answer_gets_all_points(rooms):
    """Does a right answer pass across the rooms, given code and helpers included?"""
    found = examined(rooms, f=GOOD)

    assert points(found) == {"small": 2.0, "root": 1.0}
    assert (found.problem, found.notes, outputs(found, "small")) == ("", (), [])


def test_untouched_hand_in_gets_nothing(rooms):
    """Is a stub told what it lacks?"""
    found = examined(rooms)

    line = "It happened in the line: assert f(2) == 4, 'two squared'"
    assert points(found) == {"small": 0.0, "root": 0.0}
    assert told(found, "small") == f"Your code stopped with NotImplementedError. {line}"


def test_hidden_failure_tells_nothing_hidden(rooms):
    """Are a hidden line, its argument and an error that names it kept out of everything?"""
    sly = "def f(x):\n    if x > 100: raise ValueError('got', x)\n    return x * x"
    found = examined(rooms, f=sly)

    assert points(found) == {"small": 0.0, "root": 1.0}
    assert told(found, "small") == "Your code stopped with ValueError."
    assert "1234" not in everything(found)
    assert "1522756" not in everything(found)


def test_hidden_message_that_quotes_is_withheld(rooms):
    """Is an assertion's message left out that shows a hidden argument?"""
    found = examined(rooms, f="def f(x):\n    return x * x if x < 100 else x")

    assert told(found, "small") == HIDDEN


def test_own_words_of_visible_failures_are_kept(rooms):
    """Does a student read the own error's message, from the run before anything hidden?"""
    found = examined(rooms, f="def f(x):\n    raise ValueError('my words')")

    assert told(found, "root") == "ValueError: my words"
    assert outputs(found, "root") == [
        {
            "output_type": "error",
            "ename": "ValueError",
            "evalue": "my words",
            "traceback": ["ValueError: my words"],
        }
    ]


AGREEABLE = """
    def __eq__(self, other): return True
    def __lt__(self, other): return True
    def __add__(self, other): return self
    def __abs__(self): return self
    __sub__ = __rsub__ = __add__

def f(x):
    return A()
"""
FORGERIES = {
    "exit": "import os\ndef f(x):\n    os._exit(0)",
    "sys-exit": "import sys\ndef f(x):\n    sys.exit(0)",
    "interrupt": "def f(x):\n    raise KeyboardInterrupt",
    "builtins": "import builtins\nbuiltins.abs = lambda x: 0\ndef f(x):\n    return -1",
    "hooks": "import sys\nsys.excepthook = sys.displayhook = print\ndef f(x):\n    return 0",
    "number": "class A(float):" + AGREEABLE,
    "object": "class A:" + AGREEABLE,
    "shell": "get_ipython = None\nIn = Out = display = 3\ndef f(x):\n    return 0",
    "modules": "import sys\nsys.modules.clear()\ndef f(x):\n    return 0",
    "frames": """
import sys
def f(x):
    frame = sys._getframe()
    while frame:
        frame.f_globals.clear()
        frame = frame.f_back
""",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_forgery_gains_nothing(rooms, forgery):
    """Does no point come from anything but right results?"""
    assert points(examined(rooms, f=forgery)) == {"small": 0.0, "root": 0.0}


HANGING = """
def f(x):
    while True:
        try:
            while True: pass
        except BaseException: pass
"""


def test_hanging_answer_costs_its_own_tests_only(rooms):
    """Does a call that never returns end in words, and the next test go on?"""
    source = assignment(*SQUARE.cells, answer("g", "y = 1"), check("g-test", "assert y == 1"))
    found = examined(rooms, source, timeout=0.7, f=HANGING, g="y = 1")

    assert points(found) == {"small": 0.0, "root": 0.0, "g-test": 1.0}
    assert "in time" in told(found, "small")


def test_crash_costs_its_own_test_only(rooms):
    """Is the next question asked of a fresh copy of the notebook?"""
    found = examined(rooms, f="import os\ndef f(x):\n    return os._exit(0) if x == 2 else x * x")

    assert points(found) == {"small": 0.0, "root": 1.0}


def test_test_that_expects_errors_is_not_fooled_by_silence(rooms):
    """Does a dead room not pass for the error that a test waits for?"""
    source = assignment(
        answer("f", "def f(x):\n    raise ValueError"),
        check("t", "try:\n    f(1)\nexcept Exception:\n    pass\nelse:\n    raise AssertionError"),
    )

    assert points(examined(rooms, source, f="import os\ndef f(x):\n    os._exit(0)")) == {"t": 0.0}
    assert points(examined(rooms, source, f="def f(x):\n    raise ValueError")) == {"t": 1.0}


def test_names_of_tests_live_on(rooms):
    """May a later test use what an earlier one set, also where that one failed?"""
    source = assignment(
        answer("f", GOOD),
        check("one", "import math\nassert f(2) == 5\ndef helper(x):\n    return math.sqrt(f(x))"),
        check("two", "assert helper(3) == 3"),
    )

    assert points(examined(rooms, source, f=GOOD)) == {"one": 0.0, "two": 1.0}


def test_what_a_test_replaces_for_a_while_is_the_students_again(bare_rooms):
    """Does a test's stand-in for an answer end with that test, even if it failed before its end?"""
    source = assignment(
        answer("f", GOOD),
        check("one", "kept = f\ndef f(x):\n    return 4\nassert f(2) == 5\nf = kept"),
        check("two", "assert f(2) == 4"),
    )

    assert points(examined(bare_rooms, source, f="def f(x):\n    return 3 * x")) == {
        "one": 0.0,
        "two": 0.0,
    }


def test_test_in_the_room_builds_on_earlier_tests(bare_rooms):
    """Has a test beside the student's code what stock nbgrader's tests share?"""
    source = assignment(
        answer("f", GOOD),
        check("one", "import inspect", "n = 3\nassert f(2) == 0\ndef wanted(x):\n    return n"),
        check("two", "assert inspect.isfunction(f) and wanted(1) == 3", in_room=True),
        answer("g", "n = 4"),
        check("three", "assert n == 4", in_room=True),
    )

    found = examined(bare_rooms, source, f=GOOD, g="n = 4")

    assert points(found) == {"one": 0.0, "two": 1.0, "three": 1.0}


@pytest.mark.parametrize("in_room", [False, True], ids=["across", "in-room"])
def test_last_value_that_is_not_shown_is_no_partial_credit(bare_rooms, in_room):
    """Does a semicolon at the end hide a number from the marks, as in stock nbgrader?"""
    source = assignment(
        answer("f", GOOD),
        check("hidden", "f(2) - 4;  # not shown", in_room=in_room),
        check("shown", "f(2) - 4  # shown;", in_room=in_room),
    )

    assert points(examined(bare_rooms, source, f=GOOD)) == {"hidden": 1.0, "shown": 0.0}


@pytest.mark.parametrize("in_room", [False, True], ids=["across", "in-room"])
def test_captured_test_counts(bare_rooms, in_room):
    """Does a test fail that hides its output, and pass that is right?"""
    source = assignment(
        answer("f", GOOD),
        check("right", "%%capture said\nassert f(2) == 4", in_room=in_room),
        check("wrong", "%%capture said\nassert f(2) == 5", in_room=in_room),
    )

    assert points(examined(bare_rooms, source, f=GOOD)) == {"right": 1.0, "wrong": 0.0}


def test_captured_text_is_there_for_the_next_test(bare_rooms):
    """Can a test look at what an answer printed in a captured one?"""
    source = assignment(
        answer("f", "def f(x):\n    print(x)"),
        check("one", "%%capture --no-stderr said\nf('hello')\n0"),
        check("two", "assert said.stdout == 'hello\\n'"),
    )
    found = examined(bare_rooms, source, f="def f(x):\n    print(x)")

    assert points(found) == {"one": 1.0, "two": 1.0}


def test_partial_credit_and_checks(rooms):
    """Do a number and a list of checks as last value give part of the points?"""
    source = assignment(
        answer("f", GOOD),
        check("number", "(f(2) == 4) + 0.5 * (f(3) == 0)", points=2.0),
        check(
            "checks",
            "{'checks': [{'name': 'two', 'points': int(f(2) == 4), 'of': 1},"
            " {'name': 'three', 'points': int(f(3) == 0), 'of': 1}]}",
            points=2.0,
        ),
        check("many", "f(5)", points=2.0),
    )
    found = examined(rooms, source, f=GOOD)

    assert points(found) == {"number": 1.0, "checks": 1.0, "many": 0.0}
    assert told(found, "checks") == "three: 0 of 1"
    assert found.notes == ("Test 'many': its last value is 25, expected a number from 0 to 2.",)


def test_random_inputs_repeat_with_the_seed(rooms):
    """Are a test's random numbers the same when the hand-in is examined again?"""
    source = assignment(
        answer("f", "def f(x):\n    return x"), check("t", "import random\nf(random.random())")
    )
    found = [examined(rooms, source, f="def f(x):\n    return x") for _ in range(2)]

    assert points(found[0]) == points(found[1])
    assert 0 < points(found[0])["t"] < 1


def test_files_of_both_rooms_are_there(rooms):
    """Can a test read the instructor's files, and those that the student's code writes?"""
    source = assignment(
        answer("f", "open('out.txt', 'w').write('done')"),
        check(
            "t", "assert open('out.txt').read() == 'done'\nassert open('in.txt').read() == 'data'"
        ),
        check("m", "import helper\nassert helper.x == 1"),
    )
    files = {"in.txt": b"data", "helper.py": b"x = 1"}
    sly = "open('out.txt', 'w').write('done'); open('helper.py', 'w').write('x = 1 / 0')"
    found = examined(rooms, source, more={"files": files, "trusted": files}, f=sly)

    assert points(found) == {"t": 1.0, "m": 1.0}


def test_instructors_bug_is_said(rooms):
    """Is a test that ends itself named for the instructor?"""
    source = assignment(check("t", "exit()"))
    (verdict,) = examined(rooms, source).verdicts

    message = "The test itself stopped with SystemExit; it is not your fault."
    error = "it stopped with SystemExit, line 1: exit"
    assert verdict == Verdict("t", 0.0, 1.0, message, error, verdict.seconds)


def test_test_in_the_room_is_weaker(rooms):
    """Is a test that runs beside the student's code marked so?"""
    source = assignment(
        answer("f", GOOD),
        check("t", "import inspect\nassert inspect.isfunction(f)", in_room=True),
    )
    (verdict,) = examined(rooms, source, f=GOOD).verdicts

    assert (verdict.points, verdict.weaker) == (1.0, True)


def test_notebook_keeps_released_tests_only(rooms):
    """Do kept test cells hold what students were given, and the outputs of their visible run?"""
    source = assignment(answer("f", GOOD), check("t", "print('hello')", "assert f(4321) == 1"))
    found = examined(rooms, source, f=GOOD)

    cell = found.notebook["cells"][1]
    assert (cell["source"], cell["outputs"][0]["text"]) == ("print('hello')", "hello\n")
    assert "4321" not in everything(found)


@pytest.mark.parametrize("test", ["small", "root"])
@pytest.mark.parametrize("victim", ["room", "snapshot", "examiner"])
def test_process_killed_from_outside_costs_nothing(bare_rooms, kill_at, victim, test):
    """Is a question asked again when a process of the grader's vanishes during it?"""
    killed = kill_at(test, victim)

    found = examined(bare_rooms, f=GOOD)

    assert killed == [victim]
    assert (points(found), found.problem) == ({"small": 2.0, "root": 1.0}, "")
