"""The student's side of the socket lies in every way; the examiner keeps its time and its wits."""

import json
import time

import pytest

from autograder.crossing import CrossingError, StudentGone, StudentTimeout
from autograder.crossing.channel import MAGIC
from autograder.crossing.descriptions import OPERATORS
from tests.autograder.crossing.attacking import (
    HUGE,
    SHORT,
    answer,
    attacked,
    deep,
    frame,
    hang_up,
    raw,
    text_of,
)
from tests.autograder.crossing.rooms import Liar
from tests.autograder.crossing.watching import MiB, watched

# --- Frames and messages ------------------------------------------------------------------------

NOT_IN_TIME = StudentTimeout, "Your code did not come to an end in time."
ENDED = StudentGone, "Your code ended the Python process it ran in."
ODD = CrossingError, "The answer is not one that can be understood."
TOO_LARGE = (
    CrossingError,
    "The answer is too large: at most 256 MiB of arrays and 16 MiB of everything else can cross.",
)

FRAMES = {
    "nothing at all": (lambda room, serial: None, NOT_IN_TIME),
    "the end of the connection": (hang_up, ENDED),
    "half a head": (raw(MAGIC), NOT_IN_TIME),
    "half a head, and the end": (lambda *to: (raw(MAGIC)(*to), hang_up(*to)), ENDED),
    "another protocol": (
        raw(b"GET / HTTP/1.1\r\n\r\n"),
        (CrossingError, "The student's room sent something that is no answer."),
    ),
    "a text of 4 GiB": (raw(frame(b"", size=2**32 - 1)), TOO_LARGE),
    "a buffer of 1 GiB": (raw(frame(b"[]", [2**30])), TOO_LARGE),
    "buffers that overflow together": (raw(frame(b"[]", [2**64 - 1, 1])), TOO_LARGE),
    "four billion buffers": (raw(frame(b"[]", count=2**32 - 1)), TOO_LARGE),
    "less than was announced": (raw(frame(b"[]", size=10)), NOT_IN_TIME),
    "a text that is not UTF-8": (raw(frame(b'["=", 1, "\xff", {}]')), ODD),
    "no JSON": (raw(frame(b"import os")), ODD),
    "no text": (raw(frame(b"")), ODD),
    "two values": (raw(frame(b"[][]")), ODD),
    "nothing but a number": (raw(frame(b"1")), ODD),
    "too few parts": (raw(frame(b'["=", 1, 2]')), ODD),
    "too many parts": (raw(frame(b'["=", 1, 2, {}, 3]')), ODD),
    "a table in place of parts": (raw(frame(b'{"a":1,"b":2,"c":3,"d":4}')), ODD),
    "ten thousand digits": (raw(frame(b"1" * 10_000)), ODD),
    "100000 levels of lists": (raw(frame(b"[" * 100_000)), ODD),
    "100000 levels of tables": (raw(frame(b'{"":' * 100_000)), ODD),
}


@pytest.mark.parametrize(("lie", "expected"), FRAMES.values(), ids=FRAMES)
def test_frame_that_is_none_is_told_in_words(lie, expected):
    """The notebook counts as lost, and is not asked again."""
    found, liar = attacked(lie, seconds=0.3)

    assert text_of(found) == expected
    assert liar.gone != ""


MESSAGES = {
    "another serial": (["=", 2, None, {}], "The answer belongs to another question."),
    "an old serial": (["=", 0, None, {}], "The answer belongs to another question."),
    "a negative serial": (["=", -1, None, {}], "The answer belongs to another question."),
    "a huge serial": (["=", HUGE, None, {}], "The answer belongs to another question."),
    "a serial that is true": (["=", True, None, {}], ODD[1]),
    "a serial of text": (["=", "1", None, {}], ODD[1]),
    "an unknown kind": (["eval", 1, None, {}], ODD[1]),
    "a kind that is a list": ([["="], 1, None, {}], ODD[1]),
    "extras that are none": (["=", 1, None, None], ODD[1]),
    "kinds that are none": (["=", 1, None, {"c": 1}], ODD[1]),
    "a kind of a huge number": (
        ["=", 1, None, {"c": [[HUGE, "object", "A", "m", [], []]]}],
        "The answer names something that it does not hold.",
    ),
    "changes of what was never sent": (
        ["=", 1, None, {"m": [[10**6, 1]]}],
        "The answer names something that it does not hold.",
    ),
    "changes that are none": (["=", 1, None, {"m": 5}], ODD[1]),
    "an update of what was never sent": (
        ["=", 1, None, {"u": [[1, 1]]}],
        "The answer names an array that was never sent.",
    ),
    "an update of a huge number": (
        ["=", 1, None, {"u": [[HUGE, 1]]}],
        "The answer names an array that was never sent.",
    ),
    "an update of nothing": (["=", 1, None, {"u": [[]]}], ODD[1]),
    "releases of no number": (
        ["=", 1, None, {"f": "ab"}],
        "The answer releases something that is no object.",
    ),
    "printed text that is none": (["=", 1, None, {"x": [[["out", 5]], None]}], "short text"),
    "names that are none": (["=", 1, None, {"x": [[], [1]]}], "short text"),
    "too many names": (
        ["=", 1, None, {"x": [[], [f"n{n}" for n in range(100_001)]]}],
        "too many names",
    ),
    "an error that is no error": (["!", 1, 5, {}], "no error"),
}


@pytest.mark.parametrize(("message", "words"), MESSAGES.values(), ids=MESSAGES)
def test_message_that_makes_no_sense_is_told_in_words(message, words):
    """Serials, numbers and extras are checked before they are used."""
    found, _ = attacked(lambda room, serial: room.say(*message))

    assert type(found) is CrossingError
    assert words in str(found)


def test_replies_to_nothing_are_no_answers():
    """What was sent before anybody asked is held against the next question."""
    with Liar(deadline=time.monotonic() + SHORT) as liar:
        liar.say("=", 7, "agreed", {})

        with watched(SHORT), pytest.raises(CrossingError, match="another question"):
            liar.student.call("any")


# --- Values -------------------------------------------------------------------------------------


FALSE_VALUES = {
    "a table": {"a": 1},
    "an empty list": [],
    "no tag": [1, 2],
    "an unknown tag": ["pickle", "cos\nsystem\n"],
    "a library's function": ["g", "os:system"],
    "150 levels": deep(1, 150),
    "900 levels": deep(1, 900),
    "a buffer that is not there": ["b", 9],
    "a buffer of a negative number": ["b", -1],
    "a buffer of no number": ["b", "0"],
    "one buffer twice": ["l", ["b", 0], ["b", 0]],
    "a reference to nothing": ["m", 0],
    "a reference to an argument of none": ["am", 10**6],
    "a key without a value": ["d", 1],
    "a key that cannot be one": ["d", ["l"], 1],
    "an integer that is none": ["i", "print"],
    "an integer of ten million bits": ["i", "0x" + "f" * 2_500_000],
    "half a complex number": ["c", 1],
    "a range without a step": ["r", 0, 1, 0],
    "a deque of negative length": ["dq", -1],
    "a fraction by nothing": ["fr", 1, 0],
    "a decimal of a huge exponent": ["de", "1e999999999"],
    "a date that is none": ["dt", "date", "yesterday"],
    "a date of an odd kind": ["dt", ["l"], "2024-01-01"],
    "a path that is too long": ["pa", True, "a" * 5000],
    "a class that is no data": ["B", "torch.load"],
    "a class of a module": ["B", "os.system"],
    "a record of code": ["rec", "A", "m", ["x=print()"], 1],
    "a record of a keyword": ["rec", "A", "m", ["lambda"], 1],
    "a record of too few values": ["rec", "A", "m", ["a", "b"], 1],
    "a record of many fields": ["rec", "A", "m", [f"f{n}" for n in range(3000)], *range(3000)],
    "numbers cut off": ["ld", 0],
    "a handle without a kind": ["h", -1, 0],
    "a handle of the examiner's": ["h", 1, 0],
    "a handle of number nought": ["h", 0, 0],
    "an object never given": ["o", 1],
    "an object of a huge number": ["o", HUGE],
    "an object of no number": ["o", "1"],
    "a method of an object never given": ["om", ["o", 1], "append"],
    "a method of plain data": ["om", "text", "format"],
    "a shared array never sent": ["k", 1],
    "a shared object with fields": ["R", -1, "A", "m", ["x", 1]],
    "a generator without a state": ["G", -1, "numpy", 1],
    "a generator of a file": ["G", -1, "numpy", ["d", "bit_generator", "open"]],
    "a generator of an odd state": ["G", -1, "torch", ["b", 0]],
    "an array of the examiner's number": ["A", 1, ["a", "|u1", [3], 0, 0]],
    "an array that does not fit": ["A", -1, ["a", "<f8", [3], 0, 0]],
    "an array of a negative shape": ["A", -1, ["a", "|u1", [-3], 0, 0]],
    "an array of an overflowing shape": ["A", -1, ["a", "|u1", [2**47, 2**47, 3], 0, 0]],
    "an array of empty texts": ["A", -1, ["a", "<U0", [2**40], 1, 0]],
    "an array of nothing, overflowing": ["A", -1, ["a", "<f8", [0, *[2**47] * 20], 1, 0]],
    "an array of 40 dimensions": ["A", -1, ["a", "|u1", [3, *[1] * 40], 0, 0]],
    "an array of objects": ["A", -1, ["a", "|O", [3], 0, 0]],
    "an array of records": ["A", -1, ["a", "u1,u2", [1], 0, 0]],
    "an array of no type": ["A", -1, ["a", "<f3", [1], 0, 0]],
    "boxes that do not fit": ["A", -1, ["ao", [2], [1]]],
    "text beyond Unicode": ["A", -1, ["a", "<U1", [1], 2, 0]],
    "a tensor that does not fit": ["N", ["float64", [3], None, 0]],
    "a tensor of a negative shape": ["N", ["uint8", [-1, -3], None, 0]],
    "a tensor of an overflowing shape": ["N", ["uint8", [2**47, 2**47], None, 0]],
    "a tensor of a quantised type": ["N", ["quint8", [3], None, 0]],
    "a tensor of a function": ["N", ["load", [3], None, 0]],
    "a tensor of a module to import": ["N", ["_dynamo", [3], None, 0]],
    "a tensor with far strides": ["N", ["uint8", [3], [10**6], 0]],
    "a tensor with negative strides": ["N", ["uint8", [3], [-1], 0]],
    "a size that is negative": ["tz", [-1]],
    "a device that is none": ["tv", "/dev/mem"],
    "a type of a function": ["tt", "load"],
    "a result without leaves": ["T", -1, ["uint8", [3], None, 0], None, None, 1, [-5, 1]],
    "a gradient that does not fit": [
        *("T", -1, ["float32", [1], None, 2], ["uint8", [3], None, 0], None, 1, None)
    ],
    "a table of pandas": ["ps", [["a", "|u1", [3], 0, 0], None], "name", 5],
}
BUFFERS = [b"abc", b"", b"\xff\xff\xff\xff"]


@pytest.mark.parametrize("node", FALSE_VALUES.values(), ids=FALSE_VALUES)
def test_value_that_is_none_is_told_in_words(node):
    """Nothing is made of it, and nothing looked up for it."""
    found, liar = attacked(answer(node, BUFFERS))

    assert type(found) is CrossingError
    assert str(found).startswith(("The answer ", "The class "))
    assert liar.gone == "gave an answer that is none"


def message(node, **extras):
    """Return a frame that answers the first question with a node written as JSON."""
    return frame(b'["=",1,%b,%b]' % (node, json.dumps(extras).encode()))


def many(part, size=6 * MiB):
    """Return a list of equal parts."""
    return b'["l",' + b",".join([part] * (size // (len(part) + 1))) + b"]"


def numbered(part, count):
    """Return a list of parts, each with its number in place of ``%d``."""
    return b'["l",' + b",".join(part % number for number in range(1, count + 1)) + b"]"


def colliding(tag, *, distinct=0, equal=20_000):
    """Return a dict or a set of keys, most of which have one and the same hash."""
    keys = [*range(distinct), *(n * (2**61 - 1) for n in range(equal))]
    return json.dumps([tag, *(part for key in keys for part in (key, 0))]).encode()


FRACTION = b'["fr",["i","0x%b"],["i","0x%b1"]]' % (b"7" * 16_000, b"5" * 16_000)
ERROR = [0, "error", "E", "m", [], ["builtins.ValueError"]]
OBJECT = [0, "object", "A", "m", [], []]
NETWORK = [0, "network", "A", "m", sorted(OPERATORS), []]
NOTED = ["x", ["b", "ValueError"], [], "", [], ["n"] * 10**5, [], None, None]
#: What Python does to make a class of records; it asks for nothing but names of fields.
OF_RECORDS = "compile", "exec", "sys._getframe"
LATE = "did not come to an end in time"
MORE = "holds more than 2000000 values"

FLOODS = {
    "empty lists": (lambda: message(many(b"[]")), MORE),
    "lists": (lambda: message(many(b'["l"]', 7 * MiB)), MORE),
    "lists in lists": (lambda: message(many(b'["l",["l"]]', 7 * MiB)), MORE),
    "tables of nothing": (lambda: message(many(b'{"":0}', 8 * MiB)), MORE),
    "texts": (lambda: message(many(b'"a"', 9 * MiB)), MORE),
    "texts of marks": (lambda: message(many(b'",\\\\\\",[{"', 10 * MiB)), ""),
    "fewer lists": (lambda: message(many(b'["l"]', 5 * MiB)), ""),
    "numbers": (lambda: message(many(b"1.5")), ""),
    "fractions": (lambda: message(many(FRACTION, 14 * MiB)), ""),
    "records": (lambda: message(numbered(b'["rec","A%d","m",["a","b"],1,2]', 20_000)), LATE),
    "keys that fall on each other": (lambda: message(colliding("d")), "cannot be told apart"),
    "as many keys that do not": (
        *(lambda: message(colliding("d", distinct=20_000)), "cannot be told apart"),
    ),
    "a set of such keys": (
        *(lambda: message(colliding("s", distinct=20_000)), "cannot be told apart"),
    ),
    "objects": (lambda: message(numbered(b'["h",-%d,0]', 100_000), c=[OBJECT]), ""),
    "objects let go at once": (
        *(lambda: message(numbered(b'["sub",0,["h",-%d,0]]', 100_000), c=[OBJECT]), ""),
    ),
    "classes of errors": (
        *(lambda: message(numbered(b'["h",-%d,0]', 100_000), c=[ERROR]), "classes of errors"),
    ),
    "kinds of objects": (
        *(lambda: message(b"0", c=[[n, *NETWORK[1:]] for n in range(2_001)]), "does not hold"),
    ),
    "one kind many times": (lambda: message(b"0", c=[OBJECT] * 50_000), "twice"),
    "releases": (lambda: message(b"0", f=list(range(-1, -(10**5), -1))), ""),
    "printed text": (lambda: message(b"0", x=[[["out", "a"]] * 200_001, None]), "prints too much"),
    "notes": (lambda: frame(json.dumps(["!", 1, NOTED, {}]).encode()), "says too much"),
}


@pytest.mark.parametrize(("make", "words"), FLOODS.values(), ids=FLOODS)
def test_flood_is_read_within_time_and_memory(make, words):
    """It is read before the deadline, or refused in words, or cut off."""
    lie = raw(make())
    found, _ = attacked(lie, seconds=0.5, memory=400 * MiB, but=OF_RECORDS)

    if words or isinstance(found, Exception):
        assert isinstance(found, CrossingError)
        assert words in str(found) or LATE in str(found)
