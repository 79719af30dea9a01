"""All rooms of a worker: what dies, and what is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.rooms import Rooms, RoomsError, RoomSettings
from tests.autograder.rooms.conftest import LIMITS, rooms_of
from tests.autograder.rooms.kernels import run
from tests.autograder.rooms.processes import descendants

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys, time
from autograder.rooms import Rooms, RoomSettings
rooms = Rooms(RoomSettings(sys.argv[1]), examiner=False)
opened = [rooms.open({"marker": sys.argv[2].encode()}) for number in range(2)]
print(rooms._folder, flush=True)
time.sleep(60)
"""


def processes_with(text):
    """Return the processes whose command line holds a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if text.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_until(condition, seconds=5):
    """Return whether something becomes true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("isolation", ["warm", "none"])
def test_killed_zygote_is_replaced(isolation):
    """The next room is made by a new one."""
    with rooms_of(isolation) as rooms:
        rooms.open().close()
        rooms._zygote._process.kill()
        with rooms.open() as room:
            assert run(room, "1 + 1") == "2"


def test_rooms_end_with_a_killed_zygote():
    """Whoever waits for such a room learns that it is gone."""
    with rooms_of("warm") as rooms, rooms.open() as room:
        rooms._zygote._process.kill()

        assert wait_until(room.ended)
        assert room.ended() == "its room was ended from outside"
        assert room.vanished


def test_killed_kernel_leaves_other_rooms_alone(rooms):
    """Only the room whose kernel ended is over."""
    with rooms.open() as first, rooms.open() as second:
        with pytest.raises(Exception, match="died"):
            run(first, "import os; os.kill(os.getpid(), 9)")

        assert first.ended() == "it was killed (SIGKILL)"
        assert second.ended() == ""
        assert run(second, "1 + 1") == "2"


@pytest.mark.parametrize("isolation", ["warm", "cold", "none"])
def test_nothing_is_left_after_the_end(isolation, tmp_path, monkeypatch):
    """No process and no folder survives `close`, not even what a room detached."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    name = f"sleep-{time.monotonic_ns()}"
    detach = f"import subprocess; subprocess.Popen(['setsid', 'bash', '-c', 'sleep 60; : {name}'])"
    with rooms_of(isolation) as rooms:
        folder = rooms._folder
        run(rooms.open(), detach + ".pid > 0")
        assert wait_until(lambda: processes_with(name))

    assert wait_until(lambda: not processes_with(name))
    assert not folder.exists()


@pytest.mark.parametrize("isolation", ["warm", "cold", "none"])
def test_nothing_runs_on_after_the_worker_is_killed(isolation):
    """SIGKILL to the process that holds the rooms ends them too."""
    with rooms_of(isolation):
        pass
    name = f"worker-{time.monotonic_ns()}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CMP784_TEST": name}
    command = [sys.executable, "-c", WORKER, isolation, name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        folder = Path(worker.stdout.readline().strip())
        before = descendants(worker.pid)
        worker.kill()

    assert before
    assert wait_until(lambda: not any(Path(f"/proc/{number}").exists() for number in before))
    with rooms_of(isolation):
        assert not folder.exists()


def test_preload_that_fails_is_told():
    """A module that cannot be imported is named."""
    with (
        rooms_of("none", preload=("no_such_module",)) as rooms,
        pytest.raises(RoomsError, match="No module named 'no_such_module'"),
    ):
        rooms.open()


def test_preload_that_starts_threads_is_told(tmp_path, monkeypatch):
    """A fork would copy only one of them."""
    with (
        rooms_of(
            "none", preload=("autograder.rooms.inside.trial", "tests.autograder.rooms.busy")
        ) as rooms,
        pytest.raises(RoomsError, match=r"there are 2 threads \(MainThread, busy\)"),
    ):
        rooms.open()


def test_readable_place_that_is_missing_is_told(tmp_path):
    """A wrong path in the settings is an error at once."""
    settings = RoomSettings("warm", LIMITS, readable=(str(tmp_path / "nothing"),))

    with pytest.raises(RoomsError, match="which does not exist"):
        Rooms(settings)


def test_readable_folder_can_be_read_and_not_written(tmp_path):
    """What an instructor lets rooms read is there, read-only."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").write_text("abc")
    for folder in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        folder.chmod(0o755)
    place = str(tmp_path / "data")
    with rooms_of("warm", readable=(place,)) as rooms, rooms.open() as room:
        assert run(room, f"open({place!r} + '/a.txt').read()") == "'abc'"
    with rooms_of("warm", readable=(place,)) as rooms, rooms.open() as room:
        assert run(room, f"open({place!r} + '/a.txt', 'w')").startswith("OSError: [Errno 30]")


def test_device_that_is_missing_is_told():
    """The names of those there are help."""
    with pytest.raises(RoomsError, match="There is no device '/dev/nvidia77'"):
        Rooms(RoomSettings("warm", LIMITS, device="nvidia77"))


def test_device_is_there(bubblewrap):
    """A room sees the device that it is given, and only rooms that are given it."""
    with rooms_of("warm", device="kmsg" if Path("/dev/kmsg").exists() else "zero") as rooms:
        with rooms.open() as room:
            said = run(room, "import os; os.listdir('/dev')")

        assert rooms.settings.device in said


def test_interrupts_of_the_terminal_do_not_reach_rooms(rooms):
    """Ctrl-C belongs to the grader, which ends its rooms in order."""
    with rooms.open() as room:
        group = os.getpgid(room.zygote._process.pid)

    assert group != os.getpgid(0)
    assert signal.getsignal(signal.SIGINT) is not None
