"""Limits that Linux keeps for a room as a whole."""

from pathlib import Path

import pytest

from autograder.rooms import cgroups
from tests.autograder.rooms.conftest import LIMITS, rooms_of
from tests.autograder.rooms.kernels import run


@pytest.fixture
def bases():
    """Give the groups below which groups can be made."""
    found = cgroups.bases()
    if not found:
        pytest.skip("no control group may be changed here: run as root or in a delegated group")
    return found


@pytest.mark.parametrize("isolation", ["warm", "cold"])
def test_room_is_in_a_group_with_its_limits(bases, isolation):
    """Every process of it, and the group ends with the room."""
    with rooms_of(isolation) as rooms, rooms.open() as room:
        run(room, "import os; os.fork() or __import__('time').sleep(5) or os._exit(0)")
        folders = room._group.folders
        members = [(folder / "cgroup.procs").read_text().split() for folder in folders]

        assert all(len(numbers) == 3 for numbers in members)
    assert not [folder for folder in folders if folder.exists()]


def test_sudden_use_of_memory_is_told(bases):
    """Faster than any watch: Linux ends it, and the words say why."""
    if not any("memory" in str(folder) or (folder / "memory.max").exists() for folder in bases):
        pytest.skip("no control group for memory here: run as root")
    source = """
x = __import__("mmap").mmap(-1, 700 << 20)
for n in range(700):
    x[n << 20 : (n + 1) << 20] = bytes([1]) * (1 << 20)
"""
    with rooms_of("warm") as rooms, rooms.open() as room:
        with pytest.raises(Exception, match="died"):
            run(room, source)

        assert room.ended() == "it used more than 600 MiB of memory"
        assert not room.vanished


def test_groups_of_killed_graders_are_swept_up(bases):
    """An empty group whose grader is gone is removed by the next."""
    left = bases[0] / f"{cgroups.PREFIX}4194304-abcd"
    left.mkdir()
    cgroups.bases.cache_clear()

    assert cgroups.bases() == bases
    assert not left.exists()


def test_no_groups_are_no_reason_to_stop(monkeypatch):
    """Where there are none, the room's init watches alone."""
    monkeypatch.setattr(cgroups, "bases", lambda: ())

    assert cgroups.make(LIMITS) is None
    with rooms_of("warm") as rooms, rooms.open() as room:
        assert run(room, "1 + 1") == "2"


def test_version_2_is_found(tmp_path, monkeypatch):
    """A delegated group of the one tree that version 2 has."""
    own = tmp_path / "user.slice" / "run.scope"
    own.mkdir(parents=True)
    monkeypatch.setattr(cgroups, "MOUNT", tmp_path)
    monkeypatch.setattr(cgroups, "_own_groups", lambda: {"": "/user.slice/run.scope"})
    monkeypatch.setattr(cgroups, "_works", lambda base: base == own)
    cgroups.bases.cache_clear()

    assert cgroups.bases() == (own,)
    cgroups.bases.cache_clear()


def test_limits_are_written_as_each_version_wants_them(tmp_path):
    """Only the files that are there."""
    for name in ("memory.max", "memory.swap.max", "pids.max"):
        (tmp_path / name).write_text("max")
    cgroups._limit(tmp_path, LIMITS)

    written = {path.name: path.read_text() for path in Path(tmp_path).iterdir()}
    assert written == {"memory.max": "629145600", "memory.swap.max": "0", "pids.max": "68"}
