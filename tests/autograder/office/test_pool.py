"""Tests of autograder.office.pool: real workers of dask, which may be killed at any moment."""

import os
import signal
import threading

import pytest

from autograder.grading import Options, grade
from autograder.grading_record import Record
from autograder.office.pool import Pool, PoolError
from autograder.scores import NeedsPerson, Score
from tests.autograder.graded_course import hand_in, make_course, make_handin
from tests.autograder.office import fakes

pytestmark = pytest.mark.slow

SCORES = tuple(Score(f"sample-0{number}", 9.0, 14.0, pending=1) for number in (1, 2, 3))
ENDED = "the process that graded it was ended from outside, twice"


class Untaught(Pool):
    """A pool that needs no rooms: it learns nothing."""

    def call(self, function, *arguments):
        """Know that no test needs anything."""
        return {}

    def warm(self, plan):
        """Have no rooms to warm."""
        return []


@pytest.fixture
def course(tmp_path):
    """Make a course of three hand-ins, and a place for what fakes remember."""
    workspace = make_course(tmp_path / "course")
    (tmp_path / "place").mkdir()
    source = workspace.folder("source", "practical1")
    (source / "place.txt").write_text(str(tmp_path / "place"))
    for score in SCORES:
        hand_in(workspace, score.student, make_handin(workspace))
    return workspace


def run(workspace, function, workers=2):
    """Grade with workers of dask that do something else than usual."""
    with Untaught(workers, function=function) as pool:
        return grade(workspace, "practical1", options=Options(pool=pool))


def test_hand_in_whose_worker_was_killed_is_tried_again(course):
    """Nobody is lost, nobody is flagged."""
    done = run(course, fakes.die_once)

    assert (done.graded, done.needs_person) == (SCORES, ())


def test_hand_in_that_kills_every_worker_is_told_and_stops_no_other(course):
    """The second death counts."""
    done = run(course, fakes.die_always)

    assert done.graded == (SCORES[0], SCORES[2])
    assert done.needs_person == (NeedsPerson("sample-02", ENDED),)
    assert Record.load(course, "practical1").entries["sample-02"].state == "failed"


def test_few_hand_ins_are_in_memory_at_once():
    """Tasks are made as workers get free."""
    made, got = [], []

    def tasks(plan_task):
        for number in range(40):
            made.append(number)
            yield plan_task

    with Untaught(2, function=fakes.echo) as pool:
        for result in pool.run(tasks("task")):
            got.append(result)
            assert len(made) - len(got) <= 4

    assert got == ["task"] * 40


def test_no_process_is_left_when_a_run_is_given_up():
    """Whoever leaves in the middle need not wait for what still runs."""
    with Pool(1, function=fakes.linger) as pool:
        worker = pool.call(os.getpid)
        running = pool.run(iter(["task"] * 3))
        threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            next(running)

    with pytest.raises(ProcessLookupError, match="No such process"):
        os.kill(worker, 0)


def test_scheduler_that_does_not_answer_is_told(monkeypatch):
    """The message says how to start one."""
    monkeypatch.setattr("autograder.office.pool.PATIENCE", 1)

    with pytest.raises(PoolError, match="does not answer"), Pool(scheduler="tcp://127.0.0.1:9"):
        pass
