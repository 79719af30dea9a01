"""What becomes of hostile and damaged hand-ins when `autograder grade` meets them all at once."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.batch import CASES, Result, run_batch
from tests.hostile.course import ASSIGNMENT, BY_HAND, POINTS
from tests.hostile.watching import holding

pytestmark = pytest.mark.slow

#: A fresh sandbox with its own imports costs seconds, so ``cold`` gets what touches walls, and
#: every sixth of the others.
COLD = {"write", "theft"}


def names_for(isolation: str) -> list[str]:
    """Choose the cases that a kind of isolation is tried with."""
    every = [one for one in CASES.values() if one.kind != "neighbour"]
    if isolation == "warm":
        return [one.name for one in every]
    others = [one.name for one in every if one.kind not in COLD]
    return [one.name for one in every if one.kind in COLD] + others[::6]


@pytest.fixture(scope="module", params=["warm", "cold"])
def batch(request, tmp_path_factory) -> Result:
    """Grade the batch once for all tests."""
    isolation = _possible(request.param)
    folder = tmp_path_factory.mktemp(isolation)
    return run_batch(folder, isolation, names_for(isolation))


def _possible(isolation: str) -> str:
    """Skip where this machine forbids such rooms."""
    rooms = pytest.importorskip("autograder.rooms")
    try:
        choice = rooms.choose(isolation)
    except rooms.RoomsError as error:
        pytest.skip(f"needs rooms: {error}")
    if choice.isolation != isolation:
        pytest.skip(f"needs '{isolation}' rooms: {choice.why}")
    return isolation


def test_corpus_holds_enough_of_each_kind():
    """Every kind of case is there in numbers."""
    kinds = Counter(one.kind for one in CASES.values())

    least = {"forgery": 35, "theft": 12, "write": 12, "flood": 12, "damage": 20}
    assert {kind: min(kinds[kind], number) for kind, number in least.items()} == least


def test_batch_ends_and_says_that_some_need_a_person(batch):
    """No hand-in stops it, and the exit status tells that there is something left to do."""
    assert batch.status == 1


def test_every_hand_in_gets_its_fair_mark(batch):
    """No point is gained, and none that was deserved is lost."""
    wrong = {}
    for student, case in batch.students.items():
        fair = {question: float(case.fair.get(question, 0)) for question in POINTS}
        found = {question: batch.points[student][question] for question in POINTS}
        if found != fair:
            wrong[student] = {q: (fair[q], found[q]) for q in POINTS if fair[q] != found[q]}

    assert wrong == {}


def test_machine_gives_no_points_for_words(batch):
    """What a person grades gets nothing from a machine, whatever the hand-in says of itself."""
    given = {student: points for student, points in batch.points.items() if points["W1"]}

    assert (given, [*BY_HAND]) == ({}, ["W1"])


def test_no_canary_comes_out(batch):
    """Nothing hidden is in any file or message that students may see."""
    assert told_canaries(batch) == []


def below(batch: Result, step: str) -> Path:
    """Give the folder in which a step writes for all students."""
    student = next(iter(batch.students))
    return batch.workspace.folder(step, ASSIGNMENT, student).parents[1]


def told_canaries(batch: Result) -> list[str]:
    """List where canaries turn up, in what shape ever."""
    shown = {f"autograder {words}": text.encode() for words, text in batch.told.items()}
    tops = [below(batch, step) for step in ("autograded", "feedback")]
    for top in (*tops, batch.workspace.run_time / "export"):
        for path in sorted(top.rglob("*")):
            if path.is_file() and not path.is_symlink():
                shown[str(path.relative_to(batch.workspace.root))] = path.read_bytes()
    owner = next(iter(batch.students))
    return [
        f"{place} in {where}"
        for where, content in shown.items()
        for place, word in batch.canaries.items().items()
        if holding(content, word) and not (place == "neighbour" and f"/{owner}/" in where)
    ]


def test_nothing_is_written_outside(batch):
    """Course, home, temporary folders and packages are as they were."""
    assert batch.written == ()


def test_nobody_is_reached_over_the_network(batch):
    """No room has sent anything to anybody on this machine."""
    assert batch.heard == ()


def test_no_process_is_left_behind(batch):
    """Whatever hand-ins have started has ended with the batch."""
    assert batch.left == ()


def test_mark_of_code_that_found_itself_outside_is_nowhere(batch):
    """Code that would have killed, spoken or read outside says so with its mark."""
    said = []
    for path in below(batch, "autograded").rglob("*.ipynb"):
        said += re.findall(r"hostile-mark (?:not alone|talked to|found)[^\"\\]*", path.read_text())

    assert said == []


def test_who_needs_a_person_is_told_in_words(batch):
    """Each hand-in that cannot be graded has a reason that says what is wrong with it."""
    for student, case in batch.students.items():
        if case.person:
            assert re.search(case.person, batch.persons.get(student, "")), student


def test_reasons_are_sentences_and_not_tracebacks(batch):
    """Whoever reads a reason learns what to do, without knowing Python."""
    for student, reason in batch.persons.items():
        assert " " in reason, student
        assert not {"Traceback", "\n"} & {*re.findall(r"Traceback|\n", reason)}, student
