"""Rooms for tests of the examiner: one zygote of each kind for all of them."""

import pytest

from autograder.examiner.questions import Questions
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


@pytest.fixture
def kill_at(monkeypatch):
    """Return a function that has a process vanish when a test is first asked, and tells whether."""
    ask, killed = Questions.ask, []

    def end(questions, moment, victim):
        if victim == "snapshot":
            moment.room._questions[moment.number].close()
        else:
            (moment.room if victim == "room" else questions._ready()).close()

    def prepare(test, victim):
        def ask_and_kill(self, cell, moment, **how):
            if cell.grade_id == test and not killed:
                killed.append(victim)
                end(self, moment, victim)
            return ask(self, cell, moment, **how)

        monkeypatch.setattr(Questions, "ask", ask_and_kill)
        return killed

    return prepare
