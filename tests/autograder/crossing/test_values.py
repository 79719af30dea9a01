"""Plain data crosses by value, both ways, with exact types."""

import datetime
import math
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder.crossing import CannotCrossError, Student
from tests.autograder.crossing.rooms import across, open_room, run

ECHO = """
import torch, numpy as np
kinds = []
def echo(x): kinds.append(type(x).__name__); return x
"""


@pytest.fixture(scope="module")
def student():
    """Open a room whose function returns what it gets."""
    with open_room(ECHO) as student:
        yield student


Point = namedtuple("Point", "x y")

VALUES = [
    None,
    True,
    0,
    -1,
    2**63,
    -(2**200),
    1.5,
    -0.0,
    math.inf,
    1e-320,
    "",
    "naïve \U0001f600 \ud800 \0",
    b"",
    b"\0\xff",
    bytearray(b"abc"),
    1 + 2j,
    ...,
    NotImplemented,
    [],
    [1, [2, [3]]],
    (),
    (1, (2,)),
    {},
    {"a": [1], 2: None, (1, 2): {3}},
    set(),
    {1, "a", None},
    frozenset({1, 2}),
    range(5),
    range(10, 0, -3),
    slice(1, None, 2),
    OrderedDict([("b", 1), ("a", 2)]),
    Counter("hello"),
    defaultdict(list, {"a": [1]}),
    deque([1, 2], maxlen=3),
    Fraction(-3, 7),
    Decimal("1.10"),
    Decimal("NaN"),
    datetime.date(2024, 2, 29),
    datetime.datetime(2024, 2, 29, 12, 30, 1, 5),
    datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
    datetime.time(12, 30),
    datetime.timedelta(days=-1, microseconds=3),
    Path("a/b.txt"),
    [0.5] * 100,
    list(range(1000)),
    tuple(range(1000)),
    [2**70] * 70,
    int,
    type(None),
    torch.float16,
    torch.Size([2, 3]),
    torch.device("cpu"),
    np.dtype("float32"),
    np.float64(1.5),
    np.int8(-3),
    np.bool_(True),
    np.str_("abc"),
]


def same(one: Any, two: Any) -> bool:
    """Tell whether two values are alike in type and in print, deeply."""
    if type(one) is not type(two):
        return False
    if isinstance(one, list | tuple | deque):
        return len(one) == len(two) and all(map(same, one, two))
    if isinstance(one, dict):
        return same(list(one), list(two)) and same(list(one.values()), list(two.values()))
    return repr(one) == repr(two)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_plain_data_comes_back_as_it_was(student, value):
    """The type, the order and every value are kept."""
    assert same(student.names["echo"](value), value)


ARRAYS = [
    np.zeros((2, 3)),
    np.zeros((0, 3), dtype=np.int16),
    np.array(5.0),
    np.arange(6).reshape(2, 3).T,
    np.arange(10)[::3],
    np.arange(10)[::-1],
    np.array([True, False]),
    np.array(["a", "bcd"]),
    np.array([b"a", b"bcd"]),
    np.array(["2024-01-01"], dtype="datetime64[D]"),
    np.array([1 + 2j], dtype=np.complex64),
    np.array([1.5], dtype=">f4"),
    np.array([None, "a", 3], dtype=object),
]


@pytest.mark.parametrize("value", ARRAYS, ids=lambda value: f"{value.dtype} {value.shape}")
def test_array_comes_back_as_the_same_object(student, value):
    """An array that was passed is known again, and its copy over there was alike."""
    assert student.names["echo"](value) is value
    copied = student.names["echo"]([value, value.copy()])

    assert copied[0] is value
    assert copied[1].dtype == value.dtype
    np.testing.assert_array_equal(copied[1], value)


TENSORS = [
    torch.zeros(2, 3),
    torch.zeros(0, 3),
    torch.tensor(5),
    torch.arange(6).reshape(2, 3).T,
    torch.arange(10)[::3],
    torch.zeros(3, 1).expand(3, 4),
    torch.tensor([True, False]),
    torch.tensor([1.5, 2.5], dtype=torch.bfloat16),
    torch.tensor([1 + 2j]),
    torch.tensor([1.0], requires_grad=True),
    torch.nn.Parameter(torch.ones(2)),
    torch.ones(2).to(torch.float8_e5m2),
    torch.ones(1, 3)[:, ::2],
]


@pytest.mark.parametrize("value", TENSORS, ids=lambda value: f"{value.dtype} {value.shape}")
def test_tensor_keeps_type_shape_and_flags(value):
    """A tensor made over there arrives as it was: type, shape, strides, requires_grad."""
    with open_room("import torch, copy\ndef made(x): return copy.deepcopy(x)") as student:
        found = student.names["made"](value)

    assert type(found) is type(value)
    assert (found.dtype, found.shape, found.requires_grad) == (
        value.dtype,
        value.shape,
        value.requires_grad,
    )
    assert torch.equal(
        found.float() if found.dtype.itemsize == 1 else found,
        value.float() if value.dtype.itemsize == 1 else value,
    )


def test_strides_are_kept_where_memory_allows():
    """A transposed tensor is transposed over there as well, an expanded one is not."""
    across(
        "def strides(x): return x.stride(), x.is_contiguous()",
        """
        assert strides(torch.zeros(2, 3).T) == ((1, 3), False)
        assert strides(torch.zeros(1, 3).expand(5, 3)) == ((3, 1), True)
        """,
        given="import torch",
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: torch.eye(3).to_sparse(), "sparse tensor"),
        (lambda: torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8), "quantised"),
        (lambda: torch.ones(2, device="meta"), "meta tensor"),
        (lambda: math, "module"),
        (lambda: (lambda: 0).__code__, "code"),
        (lambda: 1 << 2**21, "bits"),
    ],
    ids=["sparse", "quantised", "meta", "module", "code", "huge integer"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_what_cannot_cross_is_refused_in_words(student, make, words):
    """The test's author reads what it was; the room goes on."""
    with pytest.raises(CannotCrossError, match=words):
        student.names["echo"](make())

    assert student.names["echo"](1) == 1
    assert student.gone == ""


def test_result_that_cannot_cross_is_an_error_of_the_call():
    """A student who returns a sparse tensor gets a TypeError in words, and the room goes on."""
    across(
        "import torch\ndef f(): return torch.eye(2).to_sparse()\ndef g(): return 1",
        """
        try:
            f()
        except TypeError as error:
            assert "sparse" in str(error)
        else:
            raise AssertionError
        assert g() == 1
        """,
    )


def test_nesting_deeper_than_allowed_is_refused(student):
    """A list in a list, two hundred times, is an error in words."""
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]

    with pytest.raises(CannotCrossError, match="nested"):
        student.names["echo"](deep)


def test_cycles_and_aliases_keep_their_shape(student):
    """A list that holds itself, and a list that stands in two places, come back so."""
    cycle: list[Any] = [1]
    cycle.append(cycle)
    once = [0]

    assert student.names["echo"](cycle) is cycle
    found = student.names["echo"]((once, once))
    assert found[0] is once
    assert found[1] is once


def test_subclasses_arrive_as_plain_values():
    """A str, int, float, list, dict or tensor with methods of its own arrives without them."""
    across(
        """
        import torch
        class S(str):
            def __eq__(self, other): return True
            __hash__ = str.__hash__
        class I(int):
            def __eq__(self, other): return True
            def __rsub__(self, other): return 0
            __hash__ = int.__hash__
        class F(float):
            def __rsub__(self, other): return 0.0
        class L(list):
            def __eq__(self, other): return True
        class D(dict):
            def __eq__(self, other): return True
        class T(torch.Tensor):
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None): return True
        values = [S("a"), I(3), F(2.5), L([1]), D(a=1), torch.ones(2).as_subclass(T)]
        """,
        """
        found = list(values)
        kinds = [type(value).__name__ for value in found]
        assert kinds == ["str", "int", "float", "list", "dict", "Tensor"], kinds
        assert found[0] != "b" and found[1] != 4 and found[3] != [2]
        assert not torch.equal(found[5], torch.zeros(2))
        """,
        given="import torch",
    )


def test_named_tuple_and_dataclass_are_records():
    """Fields are read by name; equality with a record of the same given class is the class's."""
    given = """
from collections import namedtuple
from dataclasses import dataclass
Pair = namedtuple("Pair", "left right")
@dataclass
class Point:
    x: float
    y: float = 0.0
"""
    across(
        """
        def pair(): return Pair(1, [2])
        def point(): return Point(1.5)
        def length(p): return (p.x ** 2 + p.y ** 2) ** 0.5, isinstance(p, Point)
        """,
        """
        assert pair().right == [2] and pair() == Pair(1, [2]) and type(pair()) is Pair
        assert point().x == 1.5 and point() == Point(1.5) and point() != Point(2.0)
        assert isinstance(point(), Point)
        assert length(Point(3.0, 4.0)) == (5.0, True)
        """,
        given,
    )


def test_student_may_return_an_enum_or_a_path():
    """Members of an enumeration are objects that stay the same."""
    across(
        """
        from enum import Enum
        class Colour(Enum):
            RED = 1
        def red(): return Colour.RED
        """,
        """
        assert red().value == 1 and red().name == "RED"
        first, second = red(), red()
        assert first is second and first == second
        """,
    )


def test_pandas_tables_cross():
    """A table, a column and an index keep types, names and order."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": ["x", None]}, index=["r", "s"])
    with open_room(
        "import pandas\ndef double(f): f = f.copy(); f['a'] *= 2; return f, f['b'], f.index"
    ) as student:
        doubled, column, index = student.names["double"](frame)

    pandas.testing.assert_frame_equal(doubled, frame.assign(a=[2, 4]))
    pandas.testing.assert_series_equal(column, frame["b"])
    pandas.testing.assert_index_equal(index, frame.index)


def test_large_array_crosses_in_pieces():
    """Sixteen megabytes go there and back."""
    across(
        "def f(x): return x + 1",
        "x = np.arange(2**21, dtype=np.float64)\nassert (f(x) == x + 1).all()",
        "import numpy as np",
    )


def test_types_are_seen_as_they_are_over_there(student: Student):
    """The student's code sees int, list, ndarray and Tensor, not stand-ins."""
    run(student, "for x in ([1], {}, 2.5): echo(x)\nassert kinds[-3:] == ['list', 'dict', 'float']")
