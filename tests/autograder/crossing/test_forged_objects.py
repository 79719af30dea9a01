"""A liar's objects, errors and callbacks: they decide nothing and get hold of nothing."""

import functools
import io
import math
import operator
import pickle
import random
import time
from unittest.mock import MagicMock

import numpy as np
import pytest
import torch

from autograder.crossing import CrossingError, Names, StudentTimeout
from autograder.crossing.channel import FrameLimits
from autograder.crossing.descriptions import OPERATORS
from tests.autograder.crossing.attacking import (
    SHORT,
    answer,
    ask,
    attacked,
    deep,
    text_of,
)
from tests.autograder.crossing.rooms import Liar
from tests.autograder.crossing.watching import MiB, watched

# --- What a student's code may ask of the test's objects ----------------------------------------


class Account:
    """An object of a test, with more to it than it shows."""

    limit = 3

    def __init__(self):
        self._secret, self.owner, self.library = "hidden", "Ada", math
        self.steps = [1, 2]

    def deposit(self, amount):
        """Return something."""
        return amount + 1

    @property
    def broken(self):
        """Fail."""
        raise LookupError("no")

    def endless(self):
        """Give items and items."""
        while True:
            yield 0


def function(value, secret="hidden"):
    """Return what it got."""
    return value


GIVEN = {
    "object": Account,
    "function": lambda: function,
    "method": lambda: Account().deposit,
    "class": lambda: Account,
    "generator": lambda: (step for step in ("hidden", 1)),
    "partial": lambda: functools.partial(function, "hidden"),
    "mock": lambda: MagicMock(return_value=3),
    "error": lambda: ValueError("hidden"),
    "builtin": lambda: [1].append,
    "stream": lambda: io.StringIO("text"),
}
HIDDEN = {
    "object": ("_secret", "__class__", "__dict__", "__init__", "__module__", "a b", "", "é.x"),
    "function": (
        "__globals__",
        "__code__",
        "__closure__",
        "__defaults__",
        "__wrapped__",
        "__get__",
    ),
    "method": ("__self__", "__func__", "im_func"),
    "class": ("mro", "__subclasses__", "__bases__", "__mro__", "__dict__", "_secret"),
    "generator": ("gi_frame", "gi_code", "send", "throw", "close", "f_back"),
    "partial": ("func", "args", "keywords"),
    "mock": ("return_value", "side_effect", "configure_mock", "assert_called", "method_calls"),
    "error": ("args", "with_traceback", "add_note", "__traceback__", "__cause__"),
    "builtin": ("__self__", "__module__"),
    "stream": ("__dict__", "_checkReadable"),
}
WAYS = {
    "get": lambda name: ("get", ["o", 1], name),
    "call": lambda name: ("method", ["o", 1], name, ["t"], ["d"]),
    "list": lambda name: ("listed", ["o", 1], name, ["t"], ["d"]),
    "set": lambda name: ("set", ["o", 1], name, 5),
}
CASES = [(kind, name) for kind, names in HIDDEN.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), CASES, ids=lambda value: value or "nothing")
def test_hidden_attribute_is_not_there(kind, name):
    """To get, call or set it is an AttributeError over there; as a method it ends the notebook."""
    given = GIVEN[kind]()
    words = [f"{type(given).__name__!r} object has no attribute {name!r}"]
    asked = [ask(*way(name)) for way in WAYS.values()]

    found, liar = attacked(*asked, answer("done"), args=(given,))

    assert found == "done"
    errors = [message[2][1:3] for message in liar.heard[1:]]
    assert errors == [[["b", "AttributeError"], words]] * len(WAYS)
    found, _ = attacked(answer(["om", ["o", 1], name]), args=(given,))
    assert type(found) is CrossingError


REFUSED = {
    "an operation that there is not": (("eval", ["o", 1], "1"), "TypeError", "there is not"),
    "an operation without a name": ((["l"], ["o", 1]), "TypeError", "short text"),
    "nobody": (("call",), "IndexError", "out of range"),
    "a call without arguments": (("call", ["o", 1]), "TypeError", "missing"),
    "what cannot be called": (("call", ["o", 1], ["t"], ["d"]), "TypeError", "not callable"),
    "arguments that are none": (("method", ["o", 1], "deposit", 5, ["d"]), "TypeError", "iterable"),
    "options that are none": (("method", ["o", 1], "deposit", ["t"], 5), "TypeError", "strings"),
    "options without names": (
        *(("method", ["o", 1], "deposit", ["t"], ["d", 1, 2]), "TypeError", "strings"),
    ),
    "plain data": (("method", "{0.x}", "format", ["t"], ["d"]), "TypeError", "never given"),
    "an array": (("get", ["k", 2], "data"), "TypeError", "never given"),
    "a class of data": (("method", ["B", "object"], "mro", ["t"], ["d"]), "TypeError", "given"),
    "a module": (("get", ["o", 1], "library"), "TypeError", "module cannot cross"),
    "an error of a property": (("get", ["o", 1], "broken"), "LookupError", "no"),
    "a method to replace": (("set", ["o", 1], "deposit", 5), "AttributeError", "the method"),
    "an operator that is none": (
        *(("operate", ["o", 1], "__getattribute__", ["t", "x"]), "TypeError", "no such operator"),
    ),
    "an operator that it has not": (
        *(("operate", ["o", 1], "__add__", ["t", 1]), "TypeError", "no such operator"),
    ),
    "its place in memory": (("operate", ["o", 1], "__hash__", ["t"]), "TypeError", "no such"),
    "its next item": (("next", ["o", 1]), "TypeError", "not an iterator"),
    "a width of gigabytes": (("format", ["o", 1], ">9999999999"), "ValueError", "too wide"),
    "gradients of no graph": (("vjp", 5, 5), "ValueError", "no such graph"),
    "gradients of a list": (("vjp", ["l"], 5), "TypeError", "unhashable"),
    "a deletion": (("delete", ["o", 1], "owner"), "TypeError", "there is not"),
    "a copy": (("deepcopy", ["o", 1]), "TypeError", "there is not"),
    "the notebook's own": (("library", "os.system", ["t", "ls"], ["d"]), "TypeError", "is not"),
}


@pytest.mark.parametrize(("question", "name", "words"), REFUSED.values(), ids=REFUSED)
def test_what_may_not_be_asked_is_an_error_over_there(question, name, words):
    """The test goes on and gets its answer; its object is as it was."""
    account = Account()
    found, liar = attacked(ask(*question), answer("done"), args=(account, torch.ones(2)))

    assert found == "done"
    kind, _, body, _ = liar.heard[1]
    assert (kind, body[1]) == ("!", ["b", name])
    assert words in body[3]
    assert vars(account).keys() == vars(Account()).keys()
    assert (account.owner, account.deposit(1)) == ("Ada", 2)


def test_list_of_an_endless_method_is_cut():
    """As many items are made as could cross, and then it is too large."""
    asked = ask("listed", ["o", 1], "endless", ["t"], ["d"])
    found, liar = attacked(asked, answer("done"), args=(Account(),))

    assert (found, liar.heard[1][0]) == ("done", "=")


NEVER_GIVEN = {
    "a number": ("call", ["o", 2], ["t"], ["d"]),
    "a huge number": ("call", ["o", 10**30], ["t"], ["d"]),
    "a negative number": ("call", ["o", -5], ["t"], ["d"]),
    "nought": ("call", ["o", 0], ["t"], ["d"]),
    "an array": ("call", ["o", 1], ["t", ["k", 2]], ["d"]),
    "a method": ("call", ["om", ["o", 2], "append"], ["t"], ["d"]),
    "a format": ("call", ["o", 1], ["t", ["om", "{0.__globals__}", "format"]], ["d"]),
    "a method's constants": (
        *("call", ["o", 1], ["t", ["om", ["om", ["o", 1], "__code__"], "co_consts"]], ["d"]),
    ),
}


@pytest.mark.parametrize("question", NEVER_GIVEN.values(), ids=NEVER_GIVEN)
def test_what_was_never_given_cannot_be_named(question):
    """A question that names it ends the notebook; nothing is called."""
    calls = []
    found, _ = attacked(ask(*question), answer("done"), args=(calls.append,))

    assert type(found) is CrossingError
    assert calls == []


CHANGES = {
    "a list": ({"m": [[5, 1, 2]]}, "does not hold"),
    "a negative list": ({"m": [[-1, 1, 2]]}, "does not hold"),
    "half a pair": ({"m": [[2, 1]]}, "without a value"),
    "an array": ({"u": [[2, ["a", "|u1", [3], 0, 0]]]}, "never sent"),
    "an array of another number": ({"u": [[-1, ["a", "|u1", [3], 0, 0]]]}, "never sent"),
    "an object": ({"u": [[1, ["owner", "Eve"]]]}, "never sent"),
}


@pytest.mark.parametrize(("extras", "words"), CHANGES.values(), ids=CHANGES)
def test_what_was_never_sent_cannot_be_changed(extras, words):
    """Only what went with this question, or is shared, can be changed by its answer."""
    account, given, kept = Account(), [{"k": 0}], np.zeros(3, dtype=np.uint8)
    found, _ = attacked(answer(None, [b"abc"], **extras), args=(account, given))

    assert type(found) is CrossingError
    assert words in str(found)
    assert (given, kept.tolist(), account.owner) == ([{"k": 0}], [0, 0, 0], "Ada")


# --- Callbacks without end ----------------------------------------------------------------------


def flood(room, serial):
    """Ask and ask, without listening."""
    while True:
        room.say("?", 1, ["call", [["o", 1], ["t", 1], ["d"]]], {})


def ping_pong(room, serial):
    """Ask, listen, and ask again."""
    while True:
        room.say("?", 1, ["call", [["o", 1], ["t", 1], ["d"]]], {})
        room.hear()


@pytest.mark.parametrize("lie", [flood, ping_pong], ids=["without listening", "and listening"])
def test_callbacks_without_an_end_are_cut_off_in_time(lie):
    """The deadline of the test holds for all that it is asked meanwhile."""
    found, _ = attacked(lie, args=(function,), seconds=0.4)

    assert text_of(found) == (StudentTimeout, "Your code did not come to an end in time.")


def test_calls_back_and_forth_end_at_a_depth():
    """A callback that asks again, and is called back again, is an error of the innermost call."""
    depth = []

    def again():
        depth.append(0)
        return liar.student.call("any", again)

    liar = Liar(then=ask("call", ["o", 1], ["t"], ["d"]), deadline=time.monotonic() + 0.6)
    with liar, watched(SHORT + 1), pytest.raises((StudentTimeout, RecursionError)):
        again()

    assert len(depth) < 10_000
    last = next(message for message in liar.heard if message[0] == "!")
    assert last[2][3] == "calls go back and forth without an end"


def test_answers_in_the_wrong_order_are_none():
    """An answer to the outer question is no answer to the inner one."""

    def callback():
        return liar.student.call("inner")

    lies = ask("call", ["o", 1], ["t"], ["d"]), lambda room, serial: room.say("=", 1, "forged", {})
    liar = Liar(*lies, deadline=time.monotonic() + SHORT)
    with liar, watched(SHORT), pytest.raises(CrossingError, match="another question"):
        liar.student.call("outer", callback)


# --- Objects of the student's -------------------------------------------------------------------


def kind(number=0, how="object", name="Value", module="__main__", operators=OPERATORS, bases=()):
    """Return the description of a kind of objects, as a message carries it."""
    return {"c": [[number, how, name, module, sorted(operators), list(bases)]]}


HANDLE = ["h", -1, 0]
AGREE = answer(True)

#: What is done with an object that has every operator and always agrees, and what comes of it.
DECISIONS = {
    "equal to a number": (lambda v: v == 3, False),
    "equal to a list": (lambda v: operator.eq([1, 2], v), False),
    "unequal": (lambda v: v != 3, True),
    "equal to an array": (lambda v: np.array_equal(v, np.ones(2)), False),
    "among numbers": (lambda v: v in [1, 2], False),
    "less": (lambda v: v < 3, TypeError),
    "more, turned round": (lambda v: operator.lt(3, v), TypeError),
    "a sum": (lambda v: v + 1, TypeError),
    "a difference": (lambda v: abs(3 - v) < 1e-6, TypeError),
    "a product in place": (lambda v: _in_place(v), TypeError),
    "a float": (float, TypeError),
    "a whole number": (int, TypeError),
    "an index": (lambda v: [1, 2][v], TypeError),
    "a length": (len, TypeError),
    "items": (list, TypeError),
    "an item": (lambda v: v[0], TypeError),
    "holding": (lambda v: 3 in v, TypeError),
    "rounded": (round, TypeError),
    "close": (lambda v: math.isclose(v, 3.0), TypeError),
    "close for numpy": (lambda v: np.allclose(v, [1.0, 2.0]), TypeError),
    "close for torch": (lambda v: torch.allclose(v, torch.ones(2)), TypeError),
    "an array": (lambda v: np.asarray(v, dtype=float), TypeError),
    "a tensor": (torch.as_tensor, (TypeError, RuntimeError)),
    "a sum of tensors": (lambda v: torch.ones(2) + v, TypeError),
    "numpy's hook": (lambda v: v.__array__, AttributeError),
    "torch's hook": (lambda v: v.__torch_function__, AttributeError),
    "what it is made of": (lambda v: v.__globals__, AttributeError),
    "a pickle": (pickle.dumps, TypeError),
    "one of the test's classes": (lambda v: isinstance(v, (Account, float, np.ndarray)), False),
}


def _in_place(value):
    value *= 2
    return value


@pytest.mark.parametrize(("use", "expected"), DECISIONS.values(), ids=DECISIONS)
def test_object_of_the_students_decides_nothing(use, expected):
    """Whatever operators it claims, it is asked for none that the solution's class has not."""
    found, liar = attacked(answer(HANDLE, **kind()), then=AGREE, use=use)

    if isinstance(expected, bool):
        assert found is expected
    else:
        assert isinstance(found, expected)
    assert [message[2][0] for message in liar.heard if message[2][0] == "operate"] == []


CLAIMS = {
    "a huge length": (len, 2**70, OverflowError),
    "a negative length": (len, -1, ValueError),
    "a length of text": (len, "3", TypeError),
    "a length that is true": (len, 2.0, TypeError),
    "an item of any number": (lambda v: v[10**6], 5, 5),
    "an iterator of nothing": (list, None, TypeError),
    "an iterator of plain data": (list, ["l", 1, 2], TypeError),
}


@pytest.mark.parametrize(("use", "result", "expected"), CLAIMS.values(), ids=CLAIMS)
def test_object_that_claims_to_be_a_librarys_can_be_read_at_most(use, result, expected):
    """Length and items are values of the student's; comparisons and sums are not asked for."""
    found, liar = attacked(
        answer(HANDLE, **kind(module="torch.nn.forged")), then=answer(result), use=use
    )

    assert found == expected if expected == 5 else type(found) is expected
    assert liar.gone == ""


ALLOWED = {
    "equal to plain data": (lambda v: v == 3, True, False),
    "unequal to plain data": (lambda v: v != 3, False, True),
    "equal by an object": (lambda v: v == v.other, HANDLE, TypeError),
    "less by an object": (lambda v: v < 3, HANDLE, TypeError),
    "a float of text": (float, "3", TypeError),
    "a float of an object": (float, HANDLE, TypeError),
    "an index of a float": (lambda v: [1, 2][v], 1.0, TypeError),
    "an index that is huge": (lambda v: [1, 2][v], 10**30, IndexError),
    "a truth that is a number": (bool, 1, TypeError),
    "holding, in words": (lambda v: 3 in v, "yes", TypeError),
    "a hash of text": (hash, "a", TypeError),
    "a number that is true": (lambda v: int(v) is True, True, False),
    "a length hint": (lambda v: v.__length_hint__(), "a", TypeError),
    "not implemented": (lambda v: v + 1, ["ni"], TypeError),
}


@pytest.mark.parametrize(("use", "result", "expected"), ALLOWED.values(), ids=ALLOWED)
def test_class_of_the_solution_says_what_its_operators_may(use, result, expected):
    """Results of an odd type are refused, and plain data is never its to judge."""
    with Liar(
        answer(HANDLE, **kind()), then=answer(result), allowed_classes={"Value": OPERATORS}
    ) as liar:
        value = liar.student.call("any")
        with watched(SHORT):
            try:
                found = use(value)
            except Exception as error:
                found = type(error)

    assert found is expected


def items(room, serial):
    """Say an item after the other, each a large array of its own."""
    name, number = room.heard[-1][2][0], len(room.heard)
    array = ["A", -number - 10, ["a", "|u1", [4 * MiB], 0, 0]]
    if name == "library":
        room.say("=", serial, HANDLE, kind(how="iterator", name="generator"))
    else:
        room.say("=", serial, ["t", array], {}, buffers=[bytes(4 * MiB)])


def test_items_without_an_end_stay_within_time():
    """A generator that never ends, and a sequence without a length, are cut off."""
    endless = answer(HANDLE, **kind(how="iterator", name="generator"))
    found, _ = attacked(endless, then=answer(["t", 1]), use=list, seconds=0.4)
    assert type(found) is StudentTimeout

    claimed = answer(HANDLE, **kind(module="torch", operators=["__getitem__"]))
    found, _ = attacked(claimed, then=answer(1), use=list, seconds=0.4)
    assert type(found) is StudentTimeout


def test_items_that_a_test_keeps_stay_within_memory():
    """Each frame is small enough; all together are not."""
    with Liar(then=items, limits=FrameLimits(growth=48 * MiB)) as liar:
        endless = liar.student.call("any")
        with watched(10, 100 * MiB), pytest.raises(CrossingError, match="more than 48 MiB"):
            list(endless)


def test_items_that_a_test_drops_may_go_on():
    """What a test does not keep is no burden: a long test may get many arrays."""
    with Liar(then=items, limits=FrameLimits(growth=48 * MiB)) as liar:
        endless = liar.student.call("any")
        with watched(10, 100 * MiB):
            total = sum(next(endless).nbytes for _ in range(30))

    assert total == 120 * MiB


def test_generator_that_ends_early_ends_a_loop_and_nothing_else():
    """It gives no items, as an empty list would; its next item is an error."""
    ending = answer(HANDLE, **kind(how="iterator", name="generator"))
    found, _ = attacked(ending, then=answer(["t"]), use=list)
    assert found == []

    found, _ = attacked(ending, then=answer(["t", 1, 2]), use=list)
    assert text_of(found) == (TypeError, "an iterator returned something else than an item")


def test_answer_to_a_dead_object_is_its_last():
    """After a lie an object says nothing, and the test fails in words."""
    found, liar = attacked(
        answer(HANDLE, **kind(how="function", name="f")),
        answer(["unknown"]),
        answer(3),
        use=lambda f: [_failing(f), _failing(f)],
    )

    assert found == ["CrossingError", "StudentGoneError"]
    assert liar.gone == "gave an answer that is none"


def _failing(call):
    try:
        return call(1)
    except Exception as error:
        return type(error).__name__


def test_network_without_torch_is_an_object(monkeypatch):
    """A forged network does not make the examiner import torch."""
    import sys

    monkeypatch.delitem(sys.modules, "torch")
    found, _ = attacked(answer(HANDLE, **kind(how="network", name="Net")))

    assert type(found).__name__ == "Net"


# --- Gradients ----------------------------------------------------------------------------------

LEAF = ["T", -2, ["float32", [1], None, 1], None, True, 1, None]
RESULT = ["T", -1, ["float32", [1], None, 0], None, None, 1, [-9, LEAF]]
WRONG = {
    "nothing": (answer(None), "do not fit"),
    "too few": (answer(["l"]), "do not fit"),
    "numbers": (answer(["l", 1.0]), "do not fit"),
    "an object": (answer(["l", HANDLE], **kind()), "do not fit"),
    "of another shape": (answer(["l", ["N", ["float32", [2], None, 0]]], [bytes(8)]), "fit"),
    "of another type": (answer(["l", ["N", ["int32", [1], None, 0]]], [bytes(4)]), "do not fit"),
    "the answer to another question": (lambda room, serial: room.say("=", 1, None, {}), "another"),
}


@pytest.mark.parametrize(("lie", "words"), WRONG.values(), ids=WRONG)
def test_gradients_that_do_not_fit_are_refused(lie, words):
    """Nothing of them reaches a tensor of the test's."""
    found, _ = attacked(
        answer(RESULT, [bytes(4), bytes(4)]), then=lie, use=lambda result: result.sum().backward()
    )

    assert type(found) is CrossingError
    assert words in str(found)


# --- Generators of random numbers ---------------------------------------------------------------


def state(name, inner, **more):
    """Return the node of a generator's state."""
    pairs = [["d", *(part for pair in inner.items() for part in pair)]]
    rest = [part for pair in more.items() for part in pair]
    return ["d", "bit_generator", name, "state", *pairs, *rest, "has_uint32", 0, "uinteger", 0]


MT = {"key": ["l", "array", *[1] * 624]}
PHILOX = {"counter": ["l", "array", *[1] * 4], "key": ["l", "array", 1, 1]}
BUFFER = ["l", "array", 1, 1, 1, 1]
STATES = {
    "before its numbers": state("MT19937", MT | {"pos": -3}),
    "far before them": state("MT19937", MT | {"pos": -(10**8)}),
    "beyond them": state("MT19937", MT | {"pos": 10**8}),
    "at no number": state("MT19937", MT | {"pos": "1"}),
    "before its buffer": state("Philox", PHILOX, buffer=BUFFER, buffer_pos=-3),
    "far before it": state("Philox", PHILOX, buffer=BUFFER, buffer_pos=-(10**8)),
}


@pytest.mark.parametrize("node", STATES.values(), ids=STATES)
@pytest.mark.parametrize("which", ["numpy", "legacy"])
def test_generator_that_would_read_elsewhere_is_refused(node, which):
    """Numpy reads its next number wherever a state says; only within it is that a number."""
    found, _ = attacked(answer(["G", -1, which, node]))
    assert type(found) is CrossingError

    found, _ = attacked(answer(["G", -1, "random", ["t", 3, ["t", *[1] * 624, -5], None]]))
    assert type(found) is CrossingError


def test_generator_that_was_passed_cannot_be_led_elsewhere():
    """The same holds for a generator of the test's."""
    mine = np.random.RandomState(1)
    update = {"u": [[1, "legacy", STATES["far before them"]]]}
    found, _ = attacked(answer(None, **update), args=(mine,))

    assert type(found) is CrossingError
    assert mine.rand() == np.random.RandomState(1).rand()
    assert random.Random(1).random() == random.Random(1).random()


# --- Errors -------------------------------------------------------------------------------------


def raises(kind, args=(), message="words", *, notes=(), frames=(), cause=None, home=None, **more):
    """Answer with an error."""
    values = [part for pair in more.pop("attributes", {}).items() for part in pair]
    node = ["x", kind, list(args), message, values, list(notes), list(frames), cause, home]
    return lambda room, serial: room.say("!", serial, node, more)


def error_kind(name, *bases, module="__main__"):
    """Return the description of a class of errors."""
    return kind(how="error", name=name, module=module, operators=(), bases=bases)


class Done(StopIteration):
    """A class of a test's that would end a loop."""


class NotYet(AssertionError):  # noqa: N818 - as the one of `cmp784.checks`
    """A class that would say that an exercise is not done yet."""


STEERING = {
    "SystemExit": ["b", "SystemExit"],
    "KeyboardInterrupt": ["b", "KeyboardInterrupt"],
    "GeneratorExit": ["b", "GeneratorExit"],
    "StopIteration": ["b", "StopIteration"],
    "StopAsyncIteration": ["b", "StopAsyncIteration"],
    "BaseException": ["b", "BaseException"],
    "BaseExceptionGroup": ["b", "BaseExceptionGroup"],
    "a group of nothing": ["b", "ExceptionGroup"],
    "a function": ["b", "print"],
    "nothing": ["b", "no such class"],
    "StopIteration by a library": ["L", "torch", "builtins.StopIteration"],
    "an exercise that waits": ["L", "cmp784.checks", "NotYet"],
    "the same by another way": ["L", "cmp784", "checks.NotYet"],
    "a test to be left out": ["L", "unittest", "SkipTest"],
    "a module to import": ["L", "torch", "_dynamo.exc.Unsupported"],
    "a module to import it from": ["L", "os", "error"],
}


@pytest.mark.parametrize("kind_node", STEERING.values(), ids=STEERING)
def test_error_that_steers_a_test_is_an_ordinary_one(kind_node):
    """It ends no loop, leaves no test out, and stops no process."""
    pytest.importorskip("cmp784.checks")

    found, liar = attacked(raises(kind_node, ["m"]))

    assert type(found) is RuntimeError
    assert liar.gone == ""


NAMED_LIKE = {
    "AssertionError": (error_kind("AssertionError"), Exception),
    "SystemExit": (error_kind("SystemExit", "builtins.SystemExit"), Exception),
    "StopIteration": (error_kind("StopIteration", "builtins.StopIteration"), RuntimeError),
    "Mistake": (error_kind("Mistake", "cmp784.checks.mistakes.Mistake"), AssertionError),
    "NotYet": (error_kind("NotYet", "cmp784.checks.graded.NotYet"), Exception),
    "a group": (error_kind("Group", "builtins.ExceptionGroup"), RuntimeError),
    "a class of the test's that ends loops": (
        error_kind("Done", "__main__.Done", "builtins.StopIteration"),
        RuntimeError,
    ),
    "a class of the test's that waits": (
        error_kind("NotYet", "__main__.NotYet", "builtins.AssertionError"),
        AssertionError,
    ),
    "a class that is none": (error_kind("Account", "__main__.Account"), Exception),
}


@pytest.mark.parametrize(("description", "base"), NAMED_LIKE.values(), ids=NAMED_LIKE)
def test_error_class_is_what_it_descends_from_and_not_what_it_is_called(description, base):
    """A class of the student's is one made here; it has no code, and is none that steers."""
    names = Names(Done=Done, NotYet=NotYet, Account=Account)
    with (
        Liar(raises(HANDLE, ["words"], **description), names=names) as liar,
        watched(SHORT),
        pytest.raises(base, match="words") as caught,
    ):
        liar.student.call("any")

    found = caught.value
    assert isinstance(found, Exception)
    assert not isinstance(found, (StopIteration, Done, NotYet))


EXCESSES = {
    "a long message": (raises(["b", "ValueError"], message="a" * MiB), None),
    "a long argument": (raises(["b", "ValueError"], ["a" * MiB]), None),
    "many arguments": (raises(["b", "ValueError"], [1] * 10_000), None),
    "an argument that is no data": (raises(["b", "ValueError"], [HANDLE]), None),
    "a nest of arguments": (raises(["b", "ValueError"], [deep(1, 500, "t")]), None),
    "thousands of notes": (raises(["b", "ValueError"], notes=["a"] * 5000), None),
    "a long note": (raises(["b", "ValueError"], notes=["a" * MiB]), None),
    "thousands of frames": (raises(["b", "ValueError"], frames=[["f", "g", 1, ""]] * 5000), None),
    "a frame that is none": (raises(["b", "ValueError"], frames=[1]), None),
    "thousands of attributes": (
        raises(["b", "NameError"], attributes={f"a{n}": 1 for n in range(5000)}),
        None,
    ),
    "a class that is a value": (raises(["l"]), None),
    "a class that is a function": (raises(["g", "os:system"]), None),
    "a number of another's": (raises(["b", "ValueError"], home="x"), None),
}


@pytest.mark.parametrize(("lie", "_"), EXCESSES.values(), ids=EXCESSES)
def test_error_that_says_too_much_is_none(lie, _):
    """What no room of ours would send ends the notebook."""
    found, _ = attacked(lie)

    assert type(found) is CrossingError


def test_causes_without_an_end_are_cut():
    """Of a long chain of causes the first few are kept; a circle of them ends as well."""
    cause = None
    for _ in range(100):
        cause = ["x", ["b", "KeyError"], [], "", [], [], [], cause, None]
    found, _ = attacked(raises(["b", "ValueError"], cause=cause))

    length = 0
    while found is not None:
        found, length = found.__cause__, length + 1
    assert length == 5


def test_error_of_the_tests_own_comes_home_as_it_was():
    """A room may raise again what a callback raised, and nothing that it was not told of."""

    def fail():
        raise LookupError("mine")

    again = lambda room, serial: room.say("!", room.heard[0][1], ["o", 2], {})  # noqa: E731
    found, _ = attacked(ask("call", ["o", 1], ["t"], ["d"]), again, args=(fail,))
    assert text_of(found) == (LookupError, "mine")

    found, _ = attacked(lambda room, serial: room.say("!", serial, ["o", 1], {}), args=(fail,))
    assert text_of(found) == (CrossingError, "The answer raises something that is no error.")


def test_files_beside_the_code_lie_where_files_lie():
    """A name that would leave the folder, or that no file can have, is left out."""
    odd = ["/etc/x", "../x", "a/../../x", ".", "", "a\0b", "\ud800", "a//b", "n" * 300, "d", 5]
    files = ["d", *(part for name in [*odd, "d/x", "é.txt"] for part in (name, ["b", 0]))]
    with Liar(lambda room, serial: answer(_own_buffers(files), [b"1"] * 13)(room, serial)) as liar:
        assert liar.student.files() == {"d/x": b"1", "é.txt": b"1"}


def _own_buffers(nodes):
    """Let each file have a buffer of its own."""
    numbers = iter(range(len(nodes)))
    return [["b", next(numbers)] if node == ["b", 0] else node for node in nodes]


def test_after_the_deadline_nothing_is_asked():
    """Neither is what would be sent looked through, nor the room told."""
    with Liar(answer(None), deadline=time.monotonic() + 0.2) as liar:
        liar.student.call("any")
        time.sleep(0.25)
        with watched(0.2), pytest.raises(StudentTimeout, match="in time"):
            liar.student.call("any", np.ones(10))

        assert len(liar.heard) == 1


def test_result_beside_the_code_is_plain_or_left_out():
    """What a room says of a test that ran in it has the types that its readers rely on."""
    forged = [
        "d",
        "completed",
        1,
        "line",
        "7",
        "ename",
        HANDLE,
        "displays",
        ["l", 1, ["d", "a", 1]],
    ]
    with Liar(answer(forged, **kind())) as liar:
        ran = liar.student.run("")

    assert ran == {
        **{"completed": False, "line": 0, "ename": "", "evalue": "", "value": None},
        **{"value_type": "", "displays": [{"a": 1}]},
    }
