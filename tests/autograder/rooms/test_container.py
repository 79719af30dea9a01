"""Rooms in containers, with a program that stands in for podman."""

import sys
from pathlib import Path

import pytest

from autograder.rooms import Rooms, RoomsError, RoomSettings, container
from tests.autograder.rooms.conftest import LIMITS, need
from tests.autograder.rooms.kernels import run

FAKE = Path(__file__).with_name("fake_podman.py")
SETTINGS = RoomSettings("container", LIMITS, image="course:1")


@pytest.fixture
def podman(tmp_path, monkeypatch):
    """Put the stand-in first on the path and return it."""
    need("cold")
    program = tmp_path / "podman"
    program.write_text(FAKE.read_text().replace("PYTHON", sys.executable, 1))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def test_kernel_runs_in_a_container(podman):
    """The room calls the grader, and all goes on as with other walls."""
    if "/tmp/" in str(Path(sys.prefix).resolve()):
        pytest.skip("the stand-in covers the folder that this Python lies in")
    with Rooms(SETTINGS, examiner=False) as rooms, rooms.open({"a.txt": b"abc"}) as room:
        said = run(room, "import os; print(os.getcwd(), open('a.txt').read(), os.getpid() > 1)")

    assert said == "/room/work abc True"


def test_container_has_no_network_and_no_powers(podman):
    """The options that wall it in are there."""
    words = " ".join(container.command(["-c", ""], SETTINGS, "/tmp/meeting"))

    for option in (
        "--network none",
        "--read-only",
        "--cap-drop all",
        "--security-opt no-new-privileges",
        "--user 65534",
        "--pids-limit 68",
        f"--memory {600 << 20}",
        f"--tmpfs /room:rw,nosuid,nodev,mode=1777,size={32 << 20}",
        "--volume /tmp/meeting:/run/rooms:ro",
    ):
        assert option in words


def test_container_that_does_not_start_is_told(tmp_path, monkeypatch):
    """With what the engine said."""
    program = tmp_path / "podman"
    program.write_text("#!/bin/sh\necho 'no such image: course:1' >&2; exit 125\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with (
        Rooms(SETTINGS, examiner=False) as rooms,
        pytest.raises(RoomsError, match="no such image: course:1"),
    ):
        rooms.open()


def test_container_without_an_image_is_told(podman):
    """There is no image that every course could use."""
    with pytest.raises(RoomsError, match="need an image"):
        container.command([], RoomSettings("container"), "")
