"""No room outlives the module that opened it."""

import pytest

from tests.autograder.crossing.rooms import end_all


@pytest.fixture(autouse=True, scope="module")
def _no_room_is_left():
    yield
    end_all()
