"""A process of ours behind walls."""

import socket

import pytest

from autograder.rooms import Rooms, RoomSettings
from tests.autograder.rooms.conftest import LIMITS, need


@pytest.fixture(params=["warm", "cold", "none"])
def examiners(request):
    """Give rooms for examiners of each kind."""
    need(request.param)
    with Rooms(RoomSettings(request.param, LIMITS)) as made:
        yield made


def test_examiner_lives_until_it_is_closed(examiners):
    """It waits for its orders, in a room of its own."""
    with examiners.examiner({"data.txt": b"x"}) as examiner:
        assert examiner.ended() == ""
        assert examiner.socket.family == socket.AF_UNIX
        assert examiner.socket.type == socket.SOCK_STREAM

    assert examiner.ended() == "its room was closed"
