"""Whatever is killed at whatever moment, the marks are the same.

A run goes on by itself, unless it is the office that is killed: then the next run goes on. Here are
five moments of a small batch; ``python -m tests.kill.moments`` kills a batch of 40 at fifty.
"""

import shutil

import pytest

from tests.kill import batch

MOMENTS = (1, 3, 4, 5, 6)  # of these, the second kills the office
HAND_INS = 8


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade the batch in peace once: an untouched course, the seconds it took, what it leaves."""
    reason = batch.environment_is_ready()
    if reason:
        pytest.skip(reason)
    fresh = batch.make(tmp_path_factory.mktemp("kill"), HAND_INS)
    course = fresh.parent / "whole"
    shutil.copytree(fresh, course)
    seconds, whole = batch.undisturbed(course)
    return fresh, seconds, whole


@pytest.mark.slow
def test_undisturbed_batch_is_graded_once_and_kept(graded):
    """A second run over a graded batch changes no mark, no record and no file."""
    fresh, _, whole = graded
    course = fresh.parent / "whole"

    status = batch.finish(batch.start(course))

    assert (status, batch.state(course)) == (0, whole)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MOMENTS)
def test_killed_batch_ends_with_the_same_marks(graded, tmp_path, seed):
    """Nothing is lost, nothing is graded twice, no grade is half, and nobody is left behind."""
    fresh, seconds, whole = graded

    killed = batch.disturbed(fresh, tmp_path / "course", batch.Moment(seed), seconds)

    assert batch.faults(killed, whole) == [], killed.who
