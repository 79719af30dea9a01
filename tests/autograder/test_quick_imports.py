"""Tests of imports that are kept quick."""

import subprocess
import sys

import pytest


def outcome_of(code):
    """Run Python code in a process of its own; gives what it printed."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_course_is_opened_without_the_grammar_of_addresses():
    """No command of the grader waits a second for what it never uses."""
    assert outcome_of("import sys, autograder.workspace; print('lark' in sys.modules)") == "False\n"


@pytest.mark.parametrize("address", ["a:b", "not one"])
def test_grammar_still_answers(address):
    """Who checks an address gets the package's own answer."""
    pytest.importorskip("rfc3987_syntax")
    question = f"rfc3987_syntax.is_valid_syntax('iri', {address!r})"

    found = outcome_of(f"import autograder, rfc3987_syntax; print({question})")

    assert found == outcome_of(f"import rfc3987_syntax; print({question})")


def test_other_names_of_the_package_are_there():
    """What jsonschema does not use is found as well."""
    pytest.importorskip("rfc3987_syntax")

    found = outcome_of("import autograder; from rfc3987_syntax import parse; print(parse.__name__)")

    assert found == "parse\n"
