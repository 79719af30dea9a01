"""A student's functions, classes and errors, used by a test from another process."""

import contextlib
import io
import random
from unittest.mock import patch

import numpy as np
import pytest
import torch

from autograder.crossing import Names, StudentGone, StudentTimeout
from tests.autograder.crossing.rooms import across, open_room, run

SQUARES = """
def squares(n):
    if n < 1:
        raise ValueError("n must be greater than or equal to 1")
    return [i ** 2 for i in range(1, n + 1)]

def sum_of_squares(n):
    return sum(squares(n))
"""

WORKS = {
    "a call": ("def f(x, *, y=2): return x * y", "assert f(3) == 6 and f(3, y=4) == 12"),
    "a variable": ("answer = 42", "assert answer == 42"),
    "an error": (
        "def f(x): return 1 / x",
        """
        try: f(0)
        except ZeroDivisionError as error: assert str(error) == "division by zero"
        else: raise AssertionError
        """,
    ),
    "an error of the student's own": (
        """
        class Empty(LookupError):
            def __init__(self, size): super().__init__(f"size {size}"); self.size = size
        def pop(): raise Empty(3)
        """,
        """
        try: pop()
        except Empty as error: assert error.size == 3 and str(error) == "size 3"
        try: raise Empty(4)
        except LookupError as error: assert error.size == 4
        """,
    ),
    "a function as an argument": (
        "def apply(f, xs): return [f(x) for x in xs]",
        "assert apply(lambda x: x + 1, [1, 2]) == [2, 3]",
    ),
    "an error of that function": (
        "def apply(f): return f()",
        """
        class Mine(Exception): pass
        def fail(): raise Mine("here")
        try: apply(fail)
        except Mine as error: assert error.args == ("here",)
        else: raise AssertionError
        """,
    ),
    "a function of the student's that comes home": (
        "def twice(f): return lambda x: f(f(x))\ndef inc(x): return x + 1",
        "assert twice(inc)(3) == 5 and twice(twice(inc))(0) == 4",
    ),
    "identity": (
        "kept = object()\ndef give(): return kept\ndef is_kept(x): return x is kept",
        "assert give() is give() and is_kept(give())",
    ),
    "a list that is changed": (
        "def add(xs): xs.append(len(xs))\ndef clear(d): d.clear(); d['k'] = [1]",
        (
            "xs, d = [5], {1: 2}\nadd(xs); add(xs)\nassert xs == [5, 1, 2]\n"
            "clear(d)\nassert d == {'k': [1]}"
        ),
    ),
    "a list that is sorted in place": (
        "def sort(xs): xs.sort()\ndef nested(rows): rows[1].append(rows[0])",
        """
        xs = [3, 1, 2]
        sort(xs)
        assert xs == [1, 2, 3]
        rows = [[1], [2]]
        nested(rows)
        assert rows == [[1], [2, [1]]] and rows[1][1] is rows[0]
        """,
    ),
    "the same list comes back": ("def same(x): return x", "x = [1]\nassert same(x) is x"),
    "an object": (
        """
        class Account:
            rate = 2
            def __init__(self, balance=0): self.balance = balance
            def deposit(self, amount): self.balance += amount; return self
            @property
            def double(self): return 2 * self.balance
            @staticmethod
            def bank(): return "B"
        """,
        """
        account = Account(5)
        assert account.deposit(3) is account and account.balance == 8 and account.double == 16
        account.balance = 1
        account.deposit(1)
        assert account.balance == 2 and Account.rate == 2 and Account.bank() == "B"
        assert isinstance(account, Account) and not isinstance(3, Account)
        assert type(account).__name__ == "Account"
        assert str(type(account)) == "<class '__main__.Account'>"
        assert hasattr(account, "balance") and not hasattr(account, "missing")
        assert Account.__name__ == "Account" and account.deposit.__name__ == "deposit"
        """,
    ),
    "a subclass": (
        (
            "class A:\n    def who(self): return 'A'\nclass B(A):\n"
            "    def who(self): return super().who() + 'B'"
        ),
        (
            "assert B().who() == 'AB' and issubclass(B, A)\n"
            "assert isinstance(B(), A) and not isinstance(A(), B)"
        ),
    ),
    "a generator": (
        "def count(n):\n    for i in range(n): yield i\ndef forever():\n    while True: yield 1",
        """
        import itertools, inspect
        assert list(count(3)) == [0, 1, 2] and next(count(1)) == 0
        assert list(itertools.islice(forever(), 3)) == [1, 1, 1]
        assert inspect.isgenerator(count(2))
        g = count(2)
        assert [next(g), next(g), next(g, None)] == [0, 1, None]
        """,
    ),
    "a context manager": (
        """
        import contextlib
        log = []
        @contextlib.contextmanager
        def opened(): log.append("in"); yield 5; log.append("out")
        """,
        "with opened() as x: assert x == 5 and log == ['in']\nassert log == ['in', 'out']",
    ),
    "a coroutine": (
        "import asyncio\nasync def later(x): await asyncio.sleep(0); return x + 1",
        "import asyncio\nassert asyncio.run(later(2)) == 3",
    ),
    "a signature": (
        "def f(a, b=2, *rest, c, **more): 'Words.'",
        """
        import inspect
        assert str(inspect.signature(f)) == "(a, b=2, *rest, c, **more)" and f.__doc__ == "Words."
        assert callable(f) and f.__name__ == "f" and inspect.isfunction(f)
        """,
    ),
    "a function kept in a dict": (
        "table = {'add': lambda a, b: a + b}",
        "assert table['add'](1, 2) == 3",
    ),
    "a library function as an argument": (
        "import math\ndef is_sqrt(f): return f is math.sqrt\ndef is_int(t): return t is int",
        "import math\nassert is_sqrt(math.sqrt) and is_int(int)",
    ),
    "a type that is returned": ("def kind(x): return type(x)", "assert kind(3) is int"),
    "recursion back and forth": (
        "def down(f, n): return f(n) if n else 0",
        "def back(n): return 1 + down(back, n - 1)\nassert down(back, 5) == 5",
    ),
    "a global that functions read": (
        "factor = 2\ndef scaled(x): return factor * x",
        "factor = 5\nassert scaled(1) == 5\ndel factor\nassert scaled(1) == 2",
    ),
    "a test double": (
        "def use(store): store.put(1); store.limit = 3; return store.size, store.name",
        """
        class Store:
            name, limit = "s", 0
            def __init__(self): self._items, self.size = [], 0
            def put(self, x): self._items.append(x); self.size += 1
        store = Store()
        assert use(store) == (1, "s") and store._items == [1] and store.limit == 3
        """,
    ),
    "iteration over an object of the test's": (
        "def total(xs): return sum(xs) + len(xs) + xs[0] + (2 in xs)",
        """
        class Numbers:
            def __iter__(self): return iter([1, 2])
            def __len__(self): return 10
            def __getitem__(self, i): return 100
            def __contains__(self, x): return True
        assert total(Numbers()) == 114
        """,
    ),
    "a generator of the test's": (
        "def total(xs): return sum(xs)",
        "assert total(i for i in range(4)) == 6",
    ),
    "a file of the test's": (
        "def lines(file): return [line.strip() for line in file]",
        "import io\nassert lines(io.StringIO('a\\nb\\n')) == ['a', 'b']",
    ),
    "a module of the standard library": (
        "import math, collections\nx = 2",
        "assert math.sqrt(4) == x",
    ),
}


@pytest.mark.parametrize(("source", "test"), WORKS.values(), ids=WORKS)
def test_works_across(source, test):
    """An ordinary test passes although the student's code lives elsewhere."""
    names = across(source, test)

    assert names._link is None


def test_nbgraders_own_demonstration_passes():
    """Its hidden test deletes `squares`, and puts it back."""
    across(
        SQUARES,
        """
        assert squares(3) == [1, 4, 9]
        orig_squares = squares
        del squares
        try:
            sum_of_squares(1)
        except NameError:
            pass
        else:
            raise AssertionError("sum_of_squares does not use squares")
        finally:
            squares = orig_squares
        assert sum_of_squares(3) == 14
        """,
    )


def test_error_tells_where_it_passed_in_the_students_code():
    """The frames of the room come with the error, oldest first."""
    source = "def f(x):\n    return g(x)\ndef g(x):\n    return 1 / x"
    with open_room(source) as student, pytest.raises(ZeroDivisionError) as caught:
        student.names["f"](0)

    places = [(name, line) for _, name, line, _ in caught.value.frames_elsewhere]
    assert places == [("f", 2), ("g", 4)]


def test_notes_and_causes_come_along():
    """What `raise ... from` and `add_note` say is kept."""
    with (
        open_room(
            """
        def f():
            try:
                {}["k"]
            except KeyError as error:
                new = ValueError("no")
                new.add_note("look")
                raise new from error
        """
        ) as student,
        pytest.raises(ValueError, match="no") as caught,
    ):
        student.names["f"]()

    assert caught.value.__notes__ == ["look"]
    assert repr(caught.value.__cause__) == "KeyError('k')"


def test_printed_text_is_written_where_the_test_captures_it():
    """`redirect_stdout` sees what the student printed; the student's room keeps none of it."""
    with (
        open_room("def f(): print('hi', end='!')") as student,
        contextlib.redirect_stdout(io.StringIO()) as out,
    ):
        student.names["f"]()

        assert out.getvalue() == "hi!"
        assert student.printed == "hi!"


def test_patched_input_and_print_reach_the_student():
    """`unittest.mock.patch` of a built-in function holds for the student's code, too."""
    source = "def ask(): print('hello'); return int(input('n? ')) + 1"
    asking, printing = patch("builtins.input", return_value="4"), patch("builtins.print")
    with open_room(source) as student, asking as asked, printing as printed:
        assert student.names["ask"]() == 5

    asked.assert_called_once_with("n? ")
    printed.assert_called_once_with("hello")


@pytest.mark.parametrize(
    "name", ["StopIteration", "SystemExit", "KeyboardInterrupt", "GeneratorExit"]
)
def test_errors_that_steer_a_program_are_ordinary_ones(name):
    """None of them ends a loop of the test's, or the test itself."""
    with open_room(f"def f(x): raise {name}()") as student:
        with pytest.raises(RuntimeError, match="did not return"):
            list(map(student.names["f"], [1]))

        assert student.gone == ""


def test_seeds_of_the_test_hold_for_the_student():
    """The same seed gives the same numbers on either side, and only explicit seeds cross."""
    source = (
        "import random, numpy as np, torch\n"
        "def draw(): return random.random(), np.random.rand(), torch.rand(()).item()"
    )
    with open_room(source) as student:
        draw = student.names["draw"]
        found = []
        for seed in (1, 1, 2):
            random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)
            found.append((draw(), draw()))
        random.seed(1), np.random.seed(1), torch.random.default_generator.manual_seed(1)
        here = random.random(), np.random.rand(), torch.rand(()).item()

    assert found[0] == found[1] != found[2]
    assert found[0][0] == here
    assert found[0][0] != found[0][1]


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.Generator().manual_seed(3),
        lambda: np.random.default_rng(3),
        lambda: random.Random(3),
    ],
    ids=["torch", "numpy", "random"],
)
def test_generator_that_is_passed_moves_on(make):
    """What the student draws is drawn from the test's generator."""
    source = (
        "import torch\ndef draw(g):\n"
        "    if isinstance(g, torch.Generator): "
        "return torch.rand((), generator=g).item()\n    return g.random()"
    )
    with open_room(source) as student:
        mine, theirs = make(), make()
        draw = student.names["draw"]
        run_here = {}
        exec(source, run_here)

        assert [draw(theirs), draw(theirs)] == [run_here["draw"](mine), run_here["draw"](mine)]
        assert not student.changed_arguments


def test_changes_can_be_ignored():
    """Then the test's objects stay as they were, and the attempt is noted."""
    source = "def f(xs, a, t): xs.append(1); a += 1; t += 1"
    with open_room(source, apply_changes=False) as student:
        xs, a, t = [0], np.zeros(2), torch.zeros(2)
        student.names["f"](xs, a, t)

        assert (xs, a.tolist(), t.tolist()) == ([0], [0, 0], [0, 0])
        assert student.changed_arguments


def test_unchanged_arguments_are_not_noted():
    """A function that leaves its arguments alone is not suspected."""
    with open_room("def f(xs, a): return sum(xs) + a.sum()") as student:
        student.names["f"]([1, 2.5, "x" and 3], np.ones(2))

        assert not student.changed_arguments


def test_files_of_the_work_folder_are_read_within_bounds(tmp_path, monkeypatch):
    """What student code wrote can be looked at; links are not followed."""
    monkeypatch.chdir(tmp_path)
    source = (
        "import os\ndef f():\n    open('out.txt', 'w').write('x')\n"
        "    os.symlink('/etc/passwd', 'link')"
    )
    with open_room(source) as student:
        student.names["f"]()

        assert student.files() == {"out.txt": b"x"}


def test_context_is_entered_around_each_call_and_library_functions_run_there():
    """`by_hand` watches the student's call in the room, and nothing of the crossing itself."""
    pytest.importorskip("cmp784.checks")
    from cmp784.checks import Mistake

    source = (
        "import torch\ndef f(x, g): return g(torch.relu(x))\ndef h(x, g): return g(x * (x > 0))"
    )
    with open_room(source) as student:
        f, h = student.names["f"], student.names["h"]
        x = torch.tensor([-1.0, 2.0])
        with student.context("cmp784.checks.by_hand", "f"):
            with pytest.raises(Mistake, match=r"f: uses torch\.relu"):
                f(x, lambda y: y)
            assert h(x, torch.relu(x).add).tolist() == [0, 4]
        assert student.call("cmp784.checks.sources.used", f, ["relu", "tanh"]) == ["relu"]


def test_process_that_ends_is_told_in_words():
    """`os._exit` in a call is an error of the test, and of every later call."""
    with open_room("import os\ndef f(): os._exit(0)\ndef g(): return 1") as student:
        f, g = student.names["f"], student.names["g"]
        with pytest.raises(StudentGone, match="ended the Python process"):
            f()
        with pytest.raises(StudentGone, match="ended the Python process"):
            g()

        assert student.gone.startswith("ended the Python process")


def test_call_that_does_not_end_is_cut_off():
    """The deadline holds for the whole test, and is told in words."""
    import time

    with open_room("def f():\n    while True: pass", deadline=time.monotonic() + 0.7) as student:
        f, before = student.names["f"], time.monotonic()
        with pytest.raises(StudentTimeout, match="in time"):
            f()

        assert time.monotonic() - before < 3
        assert "in time" in student.gone


def test_names_without_a_student_are_a_plain_dict():
    """Given cells run before anybody is asked."""
    names = Names(a=1)
    names["b"] = 2
    names.update(c=3)
    del names["a"]

    assert dict(names) == {"b": 2, "c": 3}
    with pytest.raises(KeyError):
        names["squares"]


def test_names_of_the_examiner_come_first_and_are_all_that_is_listed():
    """Python's own functions come before the student's, unless the solution defines them."""
    source = "x = 'theirs'\nsum = lambda xs: 'forged'\ny = 3\n_private = 4"
    with open_room(source, solution_names=frozenset()) as student:
        names = run(student, "total = sum([1, 2])\nz = y\np = _private")

        assert {"total": 3, "z": 3, "p": 4}.items() <= names.own().items()
        assert "x" in names
        assert "missing" not in names
        assert "y" not in list(names)
        assert (names.get("x"), names.get("missing", 5)) == ("theirs", 5)
    with open_room(source, solution_names=frozenset({"sum"})) as student:
        assert run(student, "total = sum([1, 2])")["total"] == "forged"


def test_functions_of_the_test_find_the_students_names():
    """A helper that a test defines, and one of an earlier cell, look there when they run."""
    names = Names()
    exec("def helper(): return answer + 1", names)
    with open_room("answer = 1", names=names) as student:
        run(student, "def inner(): return [answer for _ in range(2)]\nfound = helper(), inner()")

        assert names["found"] == (2, [1, 1])
    with pytest.raises(NameError):
        names["helper"]()


def test_patched_names_are_the_students_until_they_are_put_back():
    """As `checks.given` does it: by update, and back by assignment."""
    with open_room(
        "def double(x): return 3 * x\ndef fourfold(x): return double(double(x))"
    ) as student:
        names = student.names
        before = names.get("double")
        names.update({"double": lambda x: 2 * x})
        assert names["fourfold"](1) == 4
        names["double"] = before

        assert names["fourfold"](1) == 9
        assert "double" not in names.own()


def test_in_room_test_says_how_it_went():
    """The whole test runs beside the student's code."""
    with open_room("def f(x): return x") as student:
        good = student.run("y = f(2)\nassert y == 2\ny")
        bad = student.run("x = 1\nassert f(x) == 2, 'not two'")

    assert (good["completed"], good["value"], good["value_type"]) == (True, "2", "int")
    assert (bad["completed"], bad["ename"], bad["evalue"], bad["line"]) == (
        False,
        "AssertionError",
        "not two",
        2,
    )
