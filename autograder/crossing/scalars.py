"""Values of the standard library that are plain data: fractions, decimals, times, paths."""

import datetime
import sys
import uuid
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from autograder.crossing.codec import READERS, WRITERS, Node, Reader, Writer, text, whole
from autograder.crossing.errors import CrossingError

#: Classes that are data themselves, such as ``int`` in ``type(x) is int``; known by name.
DATA_CLASSES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        *(bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset),
        *(range, slice, object, type(None), Fraction, Decimal),
        *(datetime.date, datetime.datetime, datetime.time, datetime.timedelta),
    )
}
_NUMPY_CLASSES = (
    *("ndarray", "generic", "number", "integer", "floating", "bool_", "str_"),
    *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "complex64", "complex128"),
)
_TORCH_CLASSES = ("Tensor", "dtype", "device", "Size", "Generator")
#: How large the exponent of a decimal may be: beyond it, ``int(x)`` would take for ever.
_MOST_DIGITS = 10_000


def class_name(kind: type) -> str | None:
    """Return by which name a class of plain data crosses; None when it does not."""
    if DATA_CLASSES.get(kind.__name__) is kind:
        return kind.__name__
    for root, names in (("numpy", _NUMPY_CLASSES), ("torch", _TORCH_CLASSES)):
        module = sys.modules.get(root)
        if module and kind.__name__ in names and getattr(module, kind.__name__, None) is kind:
            return f"{root}.{kind.__name__}"
    return None


def class_of(name: Any) -> type:
    """Return the class of plain data by its name."""
    root, _, last = text(name).rpartition(".")
    if not root and name in DATA_CLASSES:
        return DATA_CLASSES[name]
    known = {"numpy": _NUMPY_CLASSES, "torch": _TORCH_CLASSES}.get(root, ())
    if last in known and root in sys.modules:
        kind: type = getattr(sys.modules[root], last)
        return kind
    raise CrossingError(f"The class {name!r} is not one of plain data.")


def write_type(writer: Writer, value: type) -> Node:
    """Write a class: by name where it is one of plain data."""
    name = class_name(value)
    return ["B", name] if name else writer.link.write_object(writer, value)


def _read_fraction(reader: Reader, node: Node) -> Fraction:
    top, bottom = (whole(part, bits=2**16) for part in node[1:])
    return Fraction(top, bottom)


def _read_decimal(reader: Reader, node: Node) -> Decimal:
    value = Decimal(text(node[1], 2 * _MOST_DIGITS))
    if value.is_finite() and value and abs(value.adjusted()) > _MOST_DIGITS:
        raise CrossingError("The answer holds a decimal number that is too large.")
    return value


def _write_datetime(writer: Writer, value: Any) -> Node:
    return ["dt", type(value).__name__, value.isoformat()]


def _read_datetime(reader: Reader, node: Node) -> Any:
    kinds: dict[Any, Any] = {
        "datetime": datetime.datetime,
        "date": datetime.date,
        "time": datetime.time,
    }
    return kinds[node[1]].fromisoformat(text(node[2]))


def _read_delta(reader: Reader, node: Node) -> datetime.timedelta:
    days, seconds, microseconds = (whole(part, bits=64) for part in node[1:])
    return datetime.timedelta(days, seconds, microseconds)


def _path(kind: type[PurePath]) -> Callable[[Writer, Any], Node]:
    return lambda writer, value: ["pa", kind is Path, str(value)]


def _read_path(reader: Reader, node: Node) -> PurePath:
    return (Path if node[1] is True else PurePosixPath)(text(node[2], 4096))


_WRITERS: dict[Any, Callable[[Writer, Any], Node]] = {
    Fraction: lambda writer, value: [
        "fr",
        writer.write(value.numerator),
        writer.write(value.denominator),
    ],
    Decimal: lambda writer, value: ["de", str(value)],
    datetime.datetime: _write_datetime,
    datetime.date: _write_datetime,
    datetime.time: _write_datetime,
    datetime.timedelta: lambda writer, value: [
        "de2",
        value.days,
        value.seconds,
        value.microseconds,
    ],
    uuid.UUID: lambda writer, value: ["uu", value.hex],
    PurePosixPath: _path(PurePosixPath),
    type(Path()): _path(Path),
    type: write_type,
}
WRITERS.update(_WRITERS)
READERS.update(
    {
        "fr": _read_fraction,
        "de": _read_decimal,
        "dt": _read_datetime,
        "de2": _read_delta,
        "uu": lambda reader, node: uuid.UUID(hex=text(node[1])),
        "pa": _read_path,
        "B": lambda reader, node: class_of(node[1]),
    }
)
