"""What a student's code can do in a room, and what the grader can."""

import time

import pytest

from autograder.rooms import RoomsError
from tests.autograder.rooms.kernels import ANSWERING, Kernel, ask, run


def test_files_lie_in_the_work_folder(rooms):
    """The kernel starts beside the files of the hand-in and may change them."""
    with rooms.open({"a.txt": b"one", "data/b.txt": b"two"}) as room, Kernel(room) as kernel:
        said = kernel.run("print(open('a.txt').read(), open('data/b.txt').read())")
        changed = kernel.run("print(open('a.txt', 'w').write('three'), open('a.txt').read())")

    assert said == "one two"
    assert changed.split()[0] == "5"


@pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", ""])
def test_file_outside_the_work_folder_is_refused(rooms, name):
    """A hand-in cannot name a path that leads out."""
    with pytest.raises(RoomsError, match="must be a path below the folder"):
        rooms.open({name: b""})


def test_modules_beside_the_notebook_can_be_imported(rooms):
    """A helper module of the assignment is found."""
    with rooms.open({"helper.py": b"value = 5"}) as room:
        assert run(room, "import helper\nhelper.value") == "5"


def test_variables_are_given(rooms):
    """The grader adds variables for one room."""
    with rooms.open(environment={"NBGRADER_EXECUTION": "autograde"}) as room:
        assert run(room, "import os\nos.environ['NBGRADER_EXECUTION']") == "'autograde'"


def test_shell_and_subprocess_work(rooms):
    """Magics, shell commands and processes do what they do elsewhere."""
    source = """!echo one
import subprocess
subprocess.getoutput("expr 1 + 1")"""
    with rooms.open() as room, Kernel(room) as kernel:
        assert kernel.run("%%bash\necho $((1 + 1))") == "2"
        assert kernel.run(source).split() == ["one", "'2'"]


def test_loopback_works(rooms):
    """Processes of one room may talk to each other."""
    source = """
import socket
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
client.sendall(b"x")
server.accept()[0].recv(1)
"""
    with rooms.open() as room:
        assert run(room, source) == "b'x'"


def test_two_rooms_draw_different_random_numbers(rooms):
    """Forks of one zygote do not share their random numbers."""
    source = "import random\nrandom.random()"
    with rooms.open() as first, rooms.open() as second:
        assert run(first, source) != run(second, source)


def test_interrupt_reaches_the_kernel(rooms):
    """A cell that runs too long is interrupted, and the next one runs."""
    with rooms.open() as room, Kernel(room, timeout=1, interrupt_on_timeout=True) as kernel:
        said = kernel.run("while True: pass")
        after = kernel.run("1 + 1")

    assert said.startswith("KeyboardInterrupt")
    assert after == "2"


def test_interrupt_reaches_what_the_kernel_started(walled):
    """A shell command that runs too long is interrupted too."""
    with walled.open() as room, Kernel(room, timeout=1, interrupt_on_timeout=True) as kernel:
        start = time.monotonic()
        kernel.run("%%bash\nsleep 50")

    assert time.monotonic() - start < 10


def test_snapshot_keeps_the_moment(rooms):
    """A question meets the names as they were, whatever came later."""
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.run("x = 1")
        kernel.snapshot(0)
        kernel.run("x = 2")
        kernel.snapshot(1)
        kernel.run("x = 3")

        assert [ask(room, 0, "x"), ask(room, 1, "x"), kernel.run("x")] == ["1", "2", "3"]


def test_question_leaves_no_trace(rooms):
    """What one question changes, the next does not meet."""
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.run("x = [1]")
        kernel.snapshot(0)

        assert ask(room, 0, "x.append(2) or x") == "[1, 2]"
        assert ask(room, 0, "x") == "[1]"
        assert kernel.run("x") == "[1]"


def test_seeded_random_numbers_survive_the_fork(rooms):
    """What the student seeded goes on from there in the snapshot."""
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.run("import random; random.seed(5)")
        kernel.snapshot(0)

        assert ask(room, 0, "random.random()") == kernel.run("random.random()")


def test_crash_in_a_question_costs_that_question(rooms):
    """The next question gets a fresh fork."""
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.snapshot(0)

        assert ask(room, 0, "__import__('os').kill(__import__('os').getpid(), 9)") == ""
        assert ask(room, 0, "1 + 1") == "2"
        assert room.ended() == ""


def test_endless_question_ends_before_the_next(rooms):
    """A fork that hangs is killed when something else is asked."""
    look = "[p for p in __import__('os').listdir('/proc') if p.isdigit()]"
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.snapshot(0)
        before = len(eval(ask(room, 0, look)))
        with room.ask(0, 5) as sock:
            sock.sendall(b"[None for x in iter(int, 1)]")
            time.sleep(0.2)
        after = len(eval(ask(room, 0, look)))

    assert after <= before or room.zygote.settings.isolation == "none"


def test_snapshots_outlive_the_kernel(rooms):
    """A kernel that ends in a later cell takes no answers with it."""
    with rooms.open({"answering.py": ANSWERING}) as room:
        with Kernel(room) as kernel:
            _use_own_answering(kernel)
            kernel.run("x = 1")
            kernel.snapshot(0)
            with pytest.raises(Exception, match="died"):
                kernel.run("import os; os._exit(0)")

        assert room.ended() == "it ended itself (exit status 0)"
        assert ask(room, 0, "x") == "1"


def test_snapshot_prints_into_no_output(rooms):
    """What a question prints reaches no channel of the kernel."""
    with rooms.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.snapshot(0)
        ask(room, 0, "print('hidden') or __import__('os').system('echo hidden')")

        assert kernel.run("import time; time.sleep(0.3); print('open')") == "open"


def test_snapshot_keeps_open_files_of_the_student(rooms):
    """A file that a cell opened can still be read by the snapshot."""
    with rooms.open({"answering.py": ANSWERING, "a.txt": b"abc"}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.run("f = open('a.txt')")
        kernel.snapshot(0)

        assert ask(room, 0, "f.read()") == "'abc'"


@pytest.mark.parametrize("name", ["SIGSTOP", "SIGTERM", "SIGINT", "SIGUSR1", "SIGALRM", "SIGHUP"])
def test_snapshot_outlives_signals_of_the_student(walled, name):
    """Code that signals all it reaches costs itself no answer."""
    with walled.open({"answering.py": ANSWERING}) as room, Kernel(room) as kernel:
        _use_own_answering(kernel)
        kernel.run("import os, signal\nx = 3")
        kernel.snapshot(0)
        # Without walls it would reach everybody: only this process is first of few.
        kernel.run(f"if os.getpid() < 100: os.kill(-1, signal.{name})")

        assert ask(room, 0, "x") == "3"


def test_snapshot_that_was_never_taken_is_an_error(rooms):
    """There is nothing to ask."""
    with rooms.open() as room, pytest.raises(RoomsError, match="Snapshot 7 was never taken"):
        room.ask(7, 1)


def test_snapshot_of_a_dead_kernel_is_an_error(rooms):
    """The words say why there can be none."""
    with rooms.open() as room:
        with pytest.raises(Exception, match="died"):
            run(room, "import os; os._exit(4)")
        with pytest.raises(RoomsError, match="exit status 4"):
            room.snapshot_code(0)


def _use_own_answering(kernel):
    kernel.run("from autograder.rooms.inside import snapshots; snapshots.ANSWERING = 'answering'")
