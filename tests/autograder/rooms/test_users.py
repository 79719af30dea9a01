"""Rooms of an ordinary user, and of root."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.rooms import bubblewrap
from tests.autograder.rooms.conftest import need
from tests.autograder.rooms.kernels import run
from tests.autograder.rooms.processes import descendants

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import os
from autograder.rooms import Rooms, RoomSettings, choose
from tests.autograder.rooms.kernels import run
from tests.autograder.rooms.processes import descendants
print(os.getuid(), choose("ISOLATION"))
with Rooms(RoomSettings("ISOLATION"), examiner=False) as rooms, rooms.open() as room:
    print(run(room, "import os; print(os.getuid(), os.path.exists('/work'), 1 + 1)"))
"""


def as_user(number, script):
    """Run Python as an ordinary user, who sees the Python of this one wherever it lies."""
    places = [*bubblewrap.readable_places(()), str(ROOT / "tests")]
    words = ["bwrap", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--tmpfs", "/tmp"]
    words += bubblewrap._tree(sorted(places))
    words += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--chmod", "1777", "/tmp"]
    words += ["--setenv", "PYTHONPATH", str(ROOT), "--setenv", "HOME", "/tmp", "--"]
    words += ["setpriv", f"--reuid={number}", f"--regid={number}", "--clear-groups"]
    done = subprocess.run([*words, sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("isolation", ["warm", "cold"])
def test_ordinary_user_has_the_same_rooms(isolation):
    """Neither root nor any right of root's is needed."""
    need(isolation)
    if os.getuid() != 0:
        pytest.skip("this run is an ordinary user's already")
    first, second = as_user(4321, SCRIPT.replace("ISOLATION", isolation))

    assert first == f"4321 Choice(isolation='{isolation}', why='')"
    assert second.split()[0] != "0"
    assert second.split()[2] == "2"


def test_root_is_never_inside(walled):
    """What runs in a room is nobody outside."""
    if os.getuid() != 0:
        pytest.skip("this run is an ordinary user's already")
    with walled.open() as room:
        run(room, "1")
        inside = [n for n in descendants(room.zygote._process.pid) if "bwrap" not in _status(n)]

        assert inside
        assert not [number for number in inside if "Uid:\t0" in _status(number)]


def _status(number):
    return Path(f"/proc/{number}/status").read_text()
