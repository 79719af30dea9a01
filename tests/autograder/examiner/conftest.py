"""Rooms for tests of the examiner: one zygote of each kind for all of them."""

import pytest

from autograder.rooms import Rooms, RoomSettings, choose


@pytest.fixture(scope="session", params=["none", "warm"])
def rooms(request):
    """Return rooms without walls, and with the walls of a usual run where the machine allows."""
    choice = choose(request.param)
    if choice.isolation != request.param:
        pytest.skip(choice.why)
    with Rooms(RoomSettings(isolation=request.param)) as made:
        yield made


@pytest.fixture(scope="session")
def bare_rooms():
    """Return rooms without walls, for what does not depend on them."""
    with Rooms(RoomSettings(isolation="none")) as made:
        yield made
