"""What a student may read of a failed test."""

import pytest

from autograder.examiner.messages import HIDDEN, Failure, TestText, Told

VISIBLE = "assert f(2) == 4, 'two squared'\nassert f(3) == 9"
FULL = VISIBLE + "\nassert f(1234) == 'CANARY', f'for {1234}: {f(1234)}'\nassert f(5) == 25"


def tell(kind, name, text, line):
    """Return what is told of a failure in the sample test."""
    return TestText(FULL, VISIBLE).tell(Failure(kind, name, text, line))


def test_visible_assertion_is_quoted_with_its_line():
    """Is the line named that students can see anyway?"""
    line = "It happened in the line: assert f(2) == 4, 'two squared'"

    assert tell("assertion", "AssertionError", "two squared", 1) == Told(
        "AssertionError", f"two squared {line}", True
    )


def test_hidden_assertion_without_words_tells_nothing():
    """Is a hidden line's source left out?"""
    assert tell("assertion", "AssertionError", "", 4) == Told("AssertionError", HIDDEN, False)


def test_message_that_quotes_a_hidden_literal_is_withheld():
    """Is a hidden argument kept out although the message would show it?"""
    told = tell("assertion", "AssertionError", "for 1234: 7", 3)

    assert told == Told("AssertionError", HIDDEN, False)


@pytest.mark.parametrize(
    ("value", "shown"), [("25", "25"), ("Q0FOQVJZ", "…"), ("1" * 30, "…"), ("None", "None")]
)
def test_only_short_numbers_fill_a_hidden_message(value, shown):
    """Can a returned text carry a hidden argument into the message?"""
    text = TestText("assert g() == 7, f'got {g()} here'", "")

    told = text.tell(Failure("assertion", "AssertionError", f"got {value} here", 1))

    assert told.message == f"got {shown} here"


def test_error_of_the_student_is_named_only_where_python_knows_it():
    """Can neither the message nor the class of an error smuggle words?"""
    known = tell("student", "ValueError", "Q0FOQVJZ", 3)
    unknown = tell("student", "Q0FOQVJZ", "", 3)

    assert known == Told("ValueError", "Your code stopped with ValueError.", False)
    assert unknown == Told("Error", "Your code stopped with an error of your own.", False)


def test_error_of_the_test_names_its_class_only():
    """Is the text of a test's own error kept from the student?"""
    told = tell("test", "KeyError", "'CANARY'", 3)

    assert told.message == "The test stopped with KeyError when it used what your code gave it."


def test_missing_name_is_named_where_students_can_see_it():
    """Is a student told which name is missing, but not one that only hidden lines use?"""
    known = tell("missing", "NameError", "name 'f' is not defined", 3)
    unknown = tell("missing", "NameError", "name 'secret' is not defined", 3)

    assert known.message == "Your notebook does not set the name 'f'."
    assert unknown.message == "Your notebook does not set a name that this test needs."


@pytest.mark.parametrize(
    ("source", "text", "message"),
    [
        ("assert a, 'x is %d, not %s' % (a, b)", "x is 3, not secret", "x is 3, not …"),
        ("assert a, 'x is {}'.format(a)", "x is 3", "x is 3"),
        ("assert a, 'x is ' + str(a)", "x is 3", "x is 3"),
        ("assert_equal(f(1), 2, msg='one more')", "1 != 2 : one more", "one more"),
        ("raise AssertionError('so not')", "so not", "so not"),
        ("assert a, words", "anything", HIDDEN),
    ],
)
def test_messages_of_every_form_are_read(source, text, message):
    """Is the author's own wording found in every usual form?"""
    told = TestText(source, "").tell(Failure("assertion", "AssertionError", text, 1))

    assert told.message == message


def test_outcome_of_a_hidden_check_loses_quoted_texts():
    """Is a box kept, without lines that could carry a hidden argument?"""
    outcome = {"title": "A", "status": "mistake", "message": "is wrong.\nYours is 'Q0FOQVJZ'."}

    cleaned = TestText(FULL, VISIBLE).clean_outcome(outcome)

    assert cleaned == {"title": "A", "status": "mistake", "message": "is wrong."}


NAMED = VISIBLE + "\nchecks.equal(f(1234), 7, name='f(1234)')\nassert f('secret') == 1"


@pytest.mark.parametrize(
    ("line", "message", "kept"),
    [
        (
            3,
            "f(1234): the value is wrong.\nYours is 5.",
            "f(1234): the value is wrong.\nYours is 5.",
        ),
        (3, "f(1234): the value is wrong.\nYours is secret.", "f(1234): the value is wrong."),
        (1, "two: Yours is 'secret'.", "two: Yours is 'secret'."),
    ],
    ids=["the author's own name", "an argument that was returned", "a line that students have"],
)
def test_box_says_what_its_author_meant_to_be_read(line, message, kept):
    """Does the name that a check was given stay, and nothing that students' code can word?"""
    outcome = {"title": "A", "status": "mistake", "message": message}

    assert TestText(NAMED, VISIBLE).clean_outcome(outcome, line)["message"] == kept


def test_error_in_a_hidden_check_is_told_by_its_class_and_meaning():
    """Are the student's own words of an error left out?"""
    meaning = "Something is divided by zero. Is a count or a sum zero for this input?"
    message = f"ZeroDivisionError: secret\nIn f(), line 2 of its cell: secret\n{meaning}"
    outcome = {"title": "A", "status": "error", "message": message}

    cleaned = TestText(FULL, VISIBLE).clean_outcome(outcome, 3)

    words = f"Your code stopped in a hidden check with ZeroDivisionError.\n{meaning}"
    assert cleaned["message"] == words
