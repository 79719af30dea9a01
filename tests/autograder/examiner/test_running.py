"""A hand-in runs to its end, whatever its cells do."""

import pytest

from autograder.examiner.running import Runner, first_tests
from tests.autograder.examiner.builders import answer, assignment, check, given, hand_in, job

SOURCE = assignment(
    given("import os, sys\nprint('given')"),
    answer("a", "x = 1"),
    check("t", "assert x == 1"),
    answer("b", "y = 2"),
    check("u", "print(x, y)"),
    check("v", "print('last')"),
)


def run(rooms, *, source=SOURCE, timeout=5.0, **more):
    """Return what came of a hand-in."""
    runner = Runner(rooms, job(source, hand_in(source, **more), timeout=timeout))
    try:
        return runner.go()
    finally:
        runner.close()


def texts(found):
    """Return the printed texts and the errors of cells, in order."""
    return [
        [one.get("text") or one.get("ename") for one in outputs]
        for _, outputs in sorted(found.outputs.items())
    ]


def test_groups_begin_after_other_code():
    """Is a run of test cells one group?"""
    assert first_tests(hand_in(SOURCE).cells) == {2: 1, 4: 2}


def test_cells_run_and_snapshots_are_kept(bare_rooms):
    """Does each group of tests have its snapshot?"""
    found = run(bare_rooms, a="x = 1", b="y = 2")

    assert texts(found) == [["given\n"], [], [], [], ["1 2\n"], ["last\n"]]
    assert (sorted(found.moments), found.notes, found.why) == ([2, 4], [], "")


def test_error_does_not_end_the_notebook(bare_rooms):
    """Do later cells run after an error?"""
    found = run(bare_rooms, a="1/0", b="x, y = 1, 2")

    assert texts(found) == [
        ["given\n"],
        ["ZeroDivisionError"],
        ["NameError"],
        [],
        ["1 2\n"],
        ["last\n"],
    ]


@pytest.mark.parametrize(
    "bad",
    [
        "x = 1\nos._exit(0)",
        "os.kill(os.getpid(), 11)",
        "get_ipython().kernel.do_shutdown(False); os._exit(1)",
    ],
    ids=["exit", "crash", "shutdown"],
)
def test_cell_that_ends_the_kernel_is_left_out(bare_rooms, bad):
    """Is the notebook run again without the cell that ended it?"""
    found = run(bare_rooms, a=bad, b="x, y = 1, 2")

    assert texts(found) == [
        ["given\n"],
        ["KernelEnded"],
        ["NameError"],
        [],
        ["1 2\n"],
        ["last\n"],
    ]
    assert len(found.notes) == 1


def test_kernel_killed_twice_is_the_cells_fault(bare_rooms):
    """Is a kill repeated once, as if it came from outside, and then counted?"""
    found = run(bare_rooms, a="os.kill(os.getpid(), 9)", b="x, y = 1, 2")

    assert texts(found)[1:3] == [["KernelEnded"], ["NameError"]]


def test_slow_cell_is_interrupted(bare_rooms):
    """Does a cell that takes too long end, and leave its names?"""
    found = run(bare_rooms, timeout=0.4, a="x = 1\nwhile True: pass", b="y = 2")

    assert texts(found) == [["given\n"], ["Timeout"], [], [], ["1 2\n"], ["last\n"]]


def test_cell_that_ignores_interrupts_is_left_out(bare_rooms):
    """Is a kernel killed that does not stop?"""
    bad = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    found = run(bare_rooms, timeout=0.4, a=bad, b="x, y = 1, 2")

    assert texts(found)[1:] == [["Timeout"], ["NameError"], [], ["1 2\n"], ["last\n"]]


def test_flood_ends_its_cell_in_words(bare_rooms):
    """Is a cell stopped that prints without end?"""
    found = run(bare_rooms, a="x = 1\nwhile True: print('a' * 1000)", b="y = 2")

    assert found.outputs[1][-1]["ename"] == "TooMuchOutput"
    assert texts(found)[4] == ["1 2\n"]


def test_lost_way_to_snapshots_is_survived(bare_rooms):
    """Does a notebook run to its end that cannot be kept?"""
    bad = "x = 1\nos.fork = None"
    found = run(bare_rooms, a=bad, b="y = 2")

    assert (texts(found)[4], found.moments) == (["1 2\n"], {})


def test_threads_that_talk_end_nothing(bare_rooms):
    """Does a notebook run to its end beside a thread that prints?"""
    bad = (
        "import threading, time\nx = 1\ndef talk():\n    while True: print('noise'); "
        "time.sleep(0.001)\nthreading.Thread(target=talk, daemon=True).start()"
    )
    found = run(bare_rooms, a=bad, b="y = 2")

    assert (len(found.outputs), len(found.moments)) == (6, 2)
    assert "last\n" in texts(found)[5][0]


def test_input_is_refused(bare_rooms):
    """Does a cell that asks for input stop with an error?"""
    found = run(bare_rooms, a="x = input()", b="x, y = 1, 2")

    assert texts(found)[1] == ["StdinNotImplementedError"]


def test_exit_ends_its_cell_only(bare_rooms):
    """Does a notebook go on after `exit()`, as after an error?"""
    found = run(bare_rooms, a="x = 1\nexit()\nx = 5", b="y = 2\nsys.exit(1)")

    assert (texts(found)[4], found.notes) == (["1 2\n"], [])


def test_output_that_is_too_large_costs_its_own_cell_only(bare_rooms):
    """Are later outputs kept after one that cut the connection?"""
    found = run(bare_rooms, timeout=20, a="x = 1\nprint('a' * 70_000_000)", b="y = 2")

    assert found.outputs[1][-1]["ename"] == "TooMuchOutput"
    assert texts(found)[4:] == [["1 2\n"], ["last\n"]]
