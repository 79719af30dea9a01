"""Rooms for tests: made once for each isolation, where this machine can make them."""

import contextlib
import shutil

import pytest

from autograder.rooms import Limits, Rooms, RoomsError, RoomSettings, choose

MiB = 1 << 20
LIMITS = Limits(
    memory=600 * MiB,
    cpu=20,
    processes=60,
    file_size=16 * MiB,
    files=200,
    folder=32 * MiB,
    shared_memory=16 * MiB,
)


def need(isolation):
    """Skip where this machine cannot build such rooms."""
    try:
        choice = choose(isolation)
    except RoomsError as error:
        pytest.skip(f"needs bubblewrap and user namespaces: {error}")
    if choice.isolation != isolation:
        pytest.skip(f"needs namespaces within bubblewrap: {choice.why}")


@contextlib.contextmanager
def rooms_of(isolation, **settings):
    """Give rooms with small limits."""
    need(isolation)
    with Rooms(RoomSettings(isolation, LIMITS, **settings), examiner=False) as made:
        yield made


@pytest.fixture(scope="session", params=["warm", "cold"])
def walled(request):
    """Give rooms with walls."""
    with rooms_of(request.param) as made:
        yield made


@pytest.fixture(scope="session", params=["warm", "cold", "none"])
def rooms(request):
    """Give rooms of each kind."""
    with rooms_of(request.param) as made:
        yield made


@pytest.fixture
def warm():
    """Give warm rooms of one's own, to break."""
    with rooms_of("warm") as made:
        yield made


@pytest.fixture(scope="session")
def bubblewrap():
    """Skip where bubblewrap is missing."""
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap: apt install bubblewrap")
