"""Tests of autograder.office.pool: threads here, and real workers of dask, which may be killed."""

import os
import signal
import threading
import time

import pytest
from distributed import LocalCluster

from autograder.grading import Options, grade
from autograder.grading_record import Record
from autograder.office.pool import Pool, PoolError
from autograder.scores import NeedsPerson, Score
from tests.autograder.graded_course import hand_in, make_course, make_handin
from tests.autograder.office import fakes

pytestmark = pytest.mark.slow

SCORES = tuple(Score(f"sample-0{number}", 9.0, 14.0, pending=1) for number in (1, 2, 3))
ENDED = "every process that graded it was ended from outside"


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


@pytest.fixture
def scheduler():
    """Start two workers as an institution does, and give the scheduler's address."""
    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def run(workspace, function, **where):
    """Grade with workers of dask that do something else than usual."""
    with Untaught(**where, function=function) as pool:
        return grade(workspace, "practical1", options=Options(pool=pool))


def test_hand_ins_are_graded_in_this_process_by_default(course):
    """No worker has to be started for it."""
    with Untaught(2, function=fakes.who) as pool:
        assert set(pool.run(iter(["task"] * 4))) == {os.getpid()}

    assert run(course, fakes.grade_here).graded == SCORES


def test_hand_in_whose_worker_was_killed_is_tried_again(course, scheduler):
    """Nobody is lost, nobody is flagged."""
    done = run(course, fakes.die_once, scheduler=scheduler)

    assert (done.graded, done.needs_person) == (SCORES, ())


def test_hand_in_that_kills_every_worker_is_told_and_stops_no_other(course, scheduler):
    """It is tried again three times."""
    done = run(course, fakes.die_always, scheduler=scheduler)

    assert done.graded == (SCORES[0], SCORES[2])
    assert done.needs_person == (NeedsPerson("sample-02", ENDED),)
    assert Record.load(course, "practical1").entries["sample-02"].state == "failed"


def test_worker_that_dies_with_results_costs_none(scheduler):
    """What it had graded and not yet given is graded again."""
    with Untaught(scheduler=scheduler, function=fakes.who) as pool:
        results = pool.run(iter(["task"] * 6))
        first = next(results)
        time.sleep(1)  # the others are graded meanwhile, and wait in the workers
        os.kill(first, signal.SIGKILL)

        rest = list(results)

    assert len(rest) == 5


def test_call_whose_worker_is_killed_is_made_again(scheduler, tmp_path):
    """So the reference solution is run to its end."""
    with Pool(scheduler=scheduler) as pool:
        assert pool.call(fakes.die_the_first_time, tmp_path / "mark") == "done"


def test_rooms_are_warmed_though_workers_die(scheduler, tmp_path, monkeypatch):
    """Nobody waits for one that never comes back."""
    monkeypatch.setattr("autograder.office.pool.pack", lambda plan: plan)
    monkeypatch.setattr("autograder.office.pool.warm", fakes.die_the_first_time)
    with Pool(scheduler=scheduler) as pool:
        assert [future.result(60) for future in pool.warm(tmp_path / "mark")] == ["done"] * 2


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


def test_run_that_is_given_up_ends_at_once():
    """Whoever leaves in the middle need not wait for what still runs."""
    begun = time.monotonic()
    with Pool(1, function=fakes.linger) as pool:
        running = pool.run(iter(["task"] * 3))
        threading.Timer(1, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            next(running)

    assert time.monotonic() - begun < fakes.LONG / 2


def test_scheduler_that_does_not_answer_is_told(monkeypatch):
    """The message says how to start one."""
    monkeypatch.setattr("autograder.office.pool.PATIENCE", 1)

    with pytest.raises(PoolError, match="does not answer"), Pool(scheduler="tcp://127.0.0.1:9"):
        pass
