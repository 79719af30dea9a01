"""Tests of autograder.slip_days: accounts over the whole course, in any order of work."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.deadlines import Deadline, later
from autograder.extensions import Extension
from autograder.slip_days import (
    LatePolicy,
    charges,
    charges_of_class,
    charges_of_student,
    late_policy,
)
from autograder.tables import TableError
from tests.autograder.late_course import DUE, hand_in, make_course, write

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
#: Four assignments of autumn 2024: clocks change between the second and the third.
NAMES = ("ps1", "ps2", "ps3", "ps4")
DEADLINES = tuple(
    Deadline(name, datetime(2024, month, day, 17, tzinfo=BERLIN))
    for name, (month, day) in zip(NAMES, [(10, 1), (10, 25), (11, 8), (11, 8)], strict=True)
)
POLICY = LatePolicy(DEADLINES, frozenset(NAMES), 5, timedelta(minutes=15), Fraction(1, 5))


def late(**days):
    """Give hand-in times so many days late, to the minute; None where nobody knows."""
    due = {deadline.assignment: deadline.at for deadline in DEADLINES}
    return {
        name: None if value is None else due[name].astimezone(UTC) + value * DAY
        for name, value in days.items()
    }


def spent(account):
    """Sum up an account: days late, slip days, days to pay, and what is kept."""
    return {
        name: (one.days_late, one.slip_days, one.penalty_days, one.kept)
        for name, one in account.items()
    }


def test_late_days_are_covered_in_the_order_of_due_dates():
    """What needs 3 and finds 2 uses 2 and pays 1; what comes later pays all."""
    account = charges(POLICY, late(ps3=3, ps1=3, ps4=1, ps2=0))

    assert spent(account) == {
        "ps1": (3, 3, 0, 1),
        "ps2": (0, 0, 0, 1),
        "ps3": (3, 2, 1, Fraction(4, 5)),
        "ps4": (1, 0, 1, Fraction(4, 5)),
    }


def test_charge_says_when_it_was_due_and_came():
    """The record holds what a report shows."""
    came = DEADLINES[0].at + DAY
    extension = Extension("s", "ps1", DEADLINES[0].at + 2 * DAY)

    (charge,) = charges(POLICY, {"ps1": came}, {"ps1": extension}).values()

    assert (charge.due, charge.submitted, charge.extended) == (extension.at, came, True)
    assert (charge.days_late, charge.needs_person) == (0, False)


def test_more_days_than_the_mark_has_leave_nothing():
    """It is never below zero."""
    assert charges(POLICY, late(ps1=100))["ps1"].kept == 0


def test_not_handed_in_costs_nothing():
    """Only what came can be late."""
    assert charges(POLICY, late(ps2=1)).keys() == {"ps2"}
    assert charges(POLICY, {}) == {}


def test_unknown_time_costs_nothing_and_needs_a_person():
    """A hand-in whose time nobody knows counts as neither late nor in time."""
    account = charges(POLICY, late(ps1=None, ps2=5))

    assert spent(account) == {"ps1": (None, 0, 0, 1), "ps2": (5, 5, 0, 1)}
    assert [name for name, one in account.items() if one.needs_person] == ["ps1"]


def test_assessment_without_slip_days_pays_from_the_first_day():
    """Slip days are for what the syllabus names; the account is left to the others."""
    policy = replace(POLICY, covered=frozenset({"ps2"}))

    assert spent(charges(policy, late(ps1=2, ps2=1))) == {
        "ps1": (2, 0, 2, Fraction(3, 5)),
        "ps2": (1, 1, 0, 1),
    }


def test_extension_does_not_reshuffle_the_accounts():
    """The order stays that of the course's due dates, however long the extension."""
    extension = {"ps1": Extension("s", "ps1", datetime(2024, 12, 1, 17, tzinfo=BERLIN))}
    hand_ins = late(ps2=5) | {"ps1": datetime(2024, 12, 3, 16, tzinfo=UTC)}

    account = charges(POLICY, hand_ins, extension)

    assert spent(account) == {"ps1": (2, 2, 0, 1), "ps2": (5, 3, 2, Fraction(3, 5))}


def test_hand_in_of_no_assignment_is_passed_over():
    """What the syllabus does not name has no due time."""
    assert charges(POLICY, {"other": datetime(2030, 1, 1, tzinfo=UTC)}) == {}


# --- Properties -----------------------------------------------------------------------------------

moments = st.one_of(
    st.none(), st.integers(-3 * 24 * 60, 12 * 24 * 60).map(lambda n: n * timedelta(minutes=1))
)
offsets = st.dictionaries(st.sampled_from(NAMES), moments)
given_days = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 8))
policies = st.builds(
    LatePolicy,
    deadlines=st.just(DEADLINES),
    covered=st.frozensets(st.sampled_from(NAMES)),
    slip_days=st.integers(0, 8),
    grace=st.integers(0, 1439).map(lambda n: timedelta(minutes=n)),
    penalty_per_day=st.fractions(0, 1),
)


def times(chosen):
    """Turn offsets from the due times into hand-ins."""
    due = {deadline.assignment: deadline.at.astimezone(UTC) for deadline in DEADLINES}
    return {name: None if off is None else due[name] + off for name, off in chosen.items()}


def extended(days):
    """Turn days into extensions."""
    due = {deadline.assignment: deadline.at for deadline in DEADLINES}
    return {name: Extension("s", name, later(due[name], n)) for name, n in days.items()}


@given(policies, offsets, given_days)
def test_account_keeps_within_its_bounds(policy, chosen, days):
    """Slip days never exceed the budget, what is kept lies in 0 to 1, late days add up."""
    account = charges(policy, times(chosen), extended(days))

    assert account.keys() == chosen.keys()
    assert sum(one.slip_days for one in account.values()) <= policy.slip_days
    for one in account.values():
        assert 0 <= one.kept <= 1
        assert one.slip_days + one.penalty_days == (one.days_late or 0)
        assert one.kept == max(0, 1 - one.penalty_days * policy.penalty_per_day)
        assert one.slip_days == 0 or one.assignment in policy.covered


@given(policies, offsets, given_days, st.permutations(NAMES))
def test_order_of_grading_does_not_matter(policy, chosen, days, order):
    """However hand-ins and extensions are found, the account is the same, and stays so."""
    hand_ins, extensions = times(chosen), extended(days)
    shuffled = {name: hand_ins[name] for name in order if name in hand_ins}
    turned = dict(reversed(extensions.items()))

    account = charges(policy, hand_ins, extensions)

    assert charges(policy, shuffled, turned) == account
    assert list(charges(policy, shuffled, turned)) == list(account)
    assert charges(policy, hand_ins, extensions) == account


@given(policies, offsets, given_days, st.permutations(NAMES))
def test_correction_forgets_the_past(policy, chosen, days, order):
    """Hand-ins that come one by one, with a mistake corrected, end as if all were there at once."""
    hand_ins, extensions = times(chosen), extended(days)
    seen = {name: datetime(2025, 6, 1, tzinfo=UTC) for name in order[:2]}
    charges(policy, seen, extensions)
    for name in order:
        seen.pop(name, None)
        if name in hand_ins:
            seen[name] = hand_ins[name]
        account = charges(policy, seen, extensions)

    assert account == charges(policy, hand_ins, extensions)


@given(policies, offsets, given_days, st.sampled_from(NAMES), st.integers(0, 6 * 24 * 60))
def test_later_never_gives_more(policy, chosen, days, name, minutes):
    """Whoever hands in later keeps no more, of this work or of any other."""
    chosen = {key: off or timedelta(0) for key, off in chosen.items()} | {name: HOUR}
    after = chosen | {name: HOUR + timedelta(minutes=minutes)}

    before = charges(policy, times(chosen), extended(days))
    now = charges(policy, times(after), extended(days))

    assert all(now[key].kept <= before[key].kept for key in before)


@given(policies, offsets, given_days, st.sampled_from(NAMES), st.integers(1, 8))
def test_extension_never_costs(policy, chosen, days, name, more):
    """More time for one assignment lowers nothing, and uses up no more slip days."""
    longer = days | {name: days.get(name, 0) + more}

    before = charges(policy, times(chosen), extended(days))
    now = charges(policy, times(chosen), extended(longer))

    assert all(now[key].kept >= before[key].kept for key in before)
    assert sum(one.slip_days for one in now.values()) <= sum(
        one.slip_days for one in before.values()
    )


@given(policies, offsets, given_days, st.sampled_from(NAMES), st.integers(0, 9999))
def test_hand_in_on_time_changes_nothing(policy, chosen, days, name, minutes):
    """Work in time is free, for itself and for all others."""
    chosen.pop(name, None)
    early = chosen | {name: timedelta(minutes=-minutes)}

    before = charges(policy, times(chosen), extended(days))
    now = charges(policy, times(early), extended(days))

    assert now.pop(name).kept == 1
    assert now == before


@given(policies, offsets, given_days)
def test_one_slip_day_more_never_costs(policy, chosen, days):
    """A richer account keeps as much or more of everything."""
    richer = replace(policy, slip_days=policy.slip_days + 1)

    before = charges(policy, times(chosen), extended(days))
    now = charges(richer, times(chosen), extended(days))

    assert all(now[key].kept >= before[key].kept for key in before)


# --- A course, with its syllabus, its gradebook and its folders -----------------------------------


@pytest.fixture
def course(tmp_path):
    """Make a course with two assignments."""
    return make_course(tmp_path)


def of_class(workspace):
    """Compute and sum up all accounts."""
    with workspace.gradebook() as gradebook:
        return {who: spent(one) for who, one in charges_of_class(workspace, gradebook).items()}


def test_policy_is_that_of_the_syllabus(tmp_path):
    """Every number has one place, and 12.5 % is exactly an eighth."""
    workspace = make_course(
        tmp_path,
        ("penalty_percent_per_day = 20 ", "penalty_percent_per_day = 12.5 "),
        ("grace_minutes = 15 ", "grace_minutes = 30 "),
    )

    policy = late_policy(workspace.syllabus)

    assert (policy.slip_days, policy.grace) == (5, timedelta(minutes=30))
    assert policy.penalty_per_day == Fraction(1, 8)
    assert policy.covered == {"practical1", "practical2"}
    assert [one.assignment for one in policy.deadlines] == ["practical1", "practical2"]


def test_class_is_charged_from_the_gradebook_in_utc(course):
    """Sixteen minutes after midnight in Istanbul is a day late: 21:16 UTC."""
    hand_in(course, "sample-01", "practical2", datetime(2024, 11, 17, 21, 16))
    hand_in(course, "sample-01", "practical1", datetime(2024, 10, 27, 21, 14, 59))
    hand_in(course, "sample-02", "practical1", datetime(2024, 10, 24, 21, 14, 59))

    assert of_class(course) == {
        "sample-01": {"practical1": (3, 3, 0, 1), "practical2": (4, 2, 2, Fraction(3, 5))},
        "sample-02": {"practical1": (0, 0, 0, 1)},
    }


def test_extension_of_one_student_touches_no_other(course):
    """The file is read, and checked against those who are known."""
    for student in ("sample-01", "sample-02"):
        hand_in(course, student, "practical1", 3 * DAY)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-01,practical1,2\n")

    assert of_class(course) == {
        "sample-01": {"practical1": (1, 1, 0, 1)},
        "sample-02": {"practical1": (3, 3, 0, 1)},
    }


def test_extension_of_an_unknown_student_is_refused(course):
    """A misspelt id would leave the student without."""
    hand_in(course, "sample-01", "practical1", 3 * DAY)
    write(course, "students.csv", "student_id\nsample-02\n")
    write(course, "extensions.csv", "student_id,assignment,days\nsample_01,practical1,2\n")

    with pytest.raises(TableError, match=r"line 2: unknown student_id 'sample_01'. Did you mean"):
        of_class(course)


def test_student_of_the_roster_may_have_an_extension_before_any_hand_in(course):
    """Extensions are granted early."""
    write(course, "students.csv", "student_id\nsample-02\n")
    write(course, "extensions.csv", "student_id,assignment,days\nsample-02,practical1,2\n")

    assert of_class(course) == {}


def test_collected_hand_in_counts_before_it_is_graded(course):
    """Whichever assignment is graded first, the accounts are the same."""
    hand_in(course, "sample-01", "practical2", 3 * DAY)
    folder = "submitted/sample-01/practical1"
    write(course, f"{folder}/one.ipynb", "{}")
    write(course, f"{folder}/timestamp.txt", "2024-10-28 20:55:12 UTC\n")
    before = of_class(course)

    hand_in(course, "sample-01", "practical1", datetime(2024, 10, 28, 20, 55, 12))

    assert before == {
        "sample-01": {"practical1": (4, 4, 0, 1), "practical2": (3, 1, 2, Fraction(3, 5))}
    }
    assert of_class(course) == before


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2024-10-28 20:55:12 UTC", 4),
        ("2024-10-28 23:55:12 Europe/Istanbul", 4),
        ("2024-10-28 20:55:12", 4),
        ("2024-10-28T23:55:12.250+03:00\n", 4),
        ("\ufeff2024-10-28 20:55:12 +0000", 4),
        ("last night", None),
        ("", None),
        (None, None),
    ],
)
def test_time_of_a_collected_hand_in_is_read_as_nbgrader_reads_it(course, text, days):
    """A time that nobody can read is unknown, and no error."""
    write(course, "submitted/sample-01/practical1/one.ipynb", "{}")
    if text is not None:
        write(course, "submitted/sample-01/practical1/timestamp.txt", text)

    assert of_class(course)["sample-01"]["practical1"][0] == days


def test_time_missing_in_the_gradebook_is_taken_from_the_collected_hand_in(course):
    """A person may write the time down after grading."""
    hand_in(course, "sample-01", "practical1", None)
    assert of_class(course) == {"sample-01": {"practical1": (None, 0, 0, 1)}}

    write(course, "submitted/sample-01/practical1/timestamp.txt", "2024-10-28 20:55:12 UTC")

    assert of_class(course) == {"sample-01": {"practical1": (4, 4, 0, 1)}}


def test_hand_in_taken_away_gives_its_slip_days_back(course):
    """Nothing of an account is kept anywhere."""
    hand_in(course, "sample-01", "practical1", 5 * DAY)
    hand_in(course, "sample-01", "practical2", 1 * DAY)
    assert of_class(course)["sample-01"]["practical2"] == (1, 0, 1, Fraction(4, 5))

    with course.gradebook() as gradebook:
        gradebook.remove_submission("practical1", "sample-01")

    assert of_class(course) == {"sample-01": {"practical2": (1, 1, 0, 1)}}


def test_one_student_s_account_is_that_of_the_class(course):
    """Two ways to one account."""
    hand_in(course, "sample-01", "practical1", 5 * DAY)
    hand_in(course, "sample-01", "practical2", DUE["practical2"] + 2 * DAY)
    hand_in(course, "sample-02", "practical1", 7 * DAY)
    write(course, "extensions.csv", "student_id,assignment,days\nsample-02,practical1,2\n")

    with course.gradebook() as gradebook:
        everybody = charges_of_class(course, gradebook)
        alone = {who: charges_of_student(course, gradebook, who) for who in everybody}

    assert alone == everybody
