"""Names that code needs and binds."""

import pytest

from autograder.examiner.given_code import bound, changed, statements


@pytest.mark.parametrize(
    ("source", "needs", "binds"),
    [
        ("import numpy as np", set(), {"np"}),
        ("import os.path", set(), {"os"}),
        ("from a import b as c", set(), {"c"}),
        ("def f(x=y):\n    return z", {"y"}, {"f"}),
        ("f = lambda: later", set(), {"f"}),
        ("x = [i * k for i in range(3)]", {"k"}, {"x"}),
        ("class A(B):\n    c = d\n    def m(self):\n        return e", {"B", "d"}, {"A"}),
        ("for i in items:\n    total = i", {"items"}, {"i", "total"}),
        ("with open('f') as file:\n    text = file.read()", set(), {"file", "text"}),
        ("x += 1", {"x"}, {"x"}),
        ("x: int", set(), set()),
        ("try:\n    a = 1\nexcept E as e:\n    pass", {"E"}, {"a", "e"}),
        ("del x", {"x"}, {"x"}),
        ("print((n := 3) + n)", set(), {"n"}),
    ],
)
def test_statement_needs_and_binds(source, needs, binds):
    """Are names found that a statement reads when it runs, and not those in bodies?"""
    (found,) = statements(source)

    assert (set(found.needs), set(found.binds)) == (needs, binds)


def test_names_changed_in_place_are_found():
    """Are objects named that a cell changes without binding them?"""
    source = "a[0] = 1\nb.c.d = 2\ne.append(3)\nf = e.copy()"

    assert (set(changed(source)), set(bound(source))) == ({"a", "b", "e"}, {"f"})


def test_decorated_function_keeps_its_decorator():
    """Does a statement's text begin with its decorators?"""
    (found,) = statements("@wraps(g)\ndef f():\n    pass")

    assert found.source == "@wraps(g)\ndef f():\n    pass"


@pytest.mark.parametrize(
    ("source", "acts"),
    [
        ("np.random.seed(0)", "np"),
        ("plt.plot(x)", ""),
        ("plt.rcParams['a'] = 1", "plt"),
        ("from math import *", "*"),
        ("get_ipython().run_line_magic('matplotlib', 'inline')", "get_ipython"),
    ],
)
def test_statement_that_sets_up_is_known(source, acts):
    """Is code found that matters although it binds no name?"""
    (found,) = statements(source)

    assert found.acts == acts


def test_broken_code_has_no_statements():
    """Does a syntax error in given code stop nothing?"""
    assert statements("def f(:") == []
