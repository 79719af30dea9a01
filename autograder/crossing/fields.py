"""Objects that are nothing but fields, such as a course's ``Parameter``: copies kept alike.

A test's object whose class has no methods of its own crosses as an object of the class of that name
that the notebook has. Its fields are compared before each message, and sent when they changed: an
optimiser that sets ``parameter.value`` need not ask for each field.
"""

import sys
import types
from typing import Any

from autograder.crossing.codec import Node, Reader, Writer, text
from autograder.crossing.errors import CrossingError

_LIBRARIES = ("__main__", "cmp784")
_HOOKS = ("__getattribute__", "__setattr__", "__delattr__")
_ALLOWED = frozenset({"__init__", "__repr__", "__str__", "__eq__", "__hash__", "__post_init__"})
_SCALARS = (type(None), bool, int, float, complex, str, bytes)


def is_plain_object(value: Any) -> bool:
    """Tell whether an object is nothing but its fields, which hold plain numbers and arrays."""
    kind = type(value)
    known = _KNOWN.get(kind)
    if known is None:
        known = _KNOWN[kind] = _is_plain_class(kind)
    return known and all(_is_plain_field(part) for part in vars(value).values())


_KNOWN: dict[type, bool] = {}


def _is_plain_class(kind: type) -> bool:
    if kind.__module__.partition(".")[0] not in _LIBRARIES or kind.__bases__ != (object,):
        return False
    if not kind.__dictoffset__ or hasattr(kind, "__getattr__") or issubclass(kind, type):
        return False
    names = vars(kind)
    if any(hook in names for hook in _HOOKS):
        return False
    return not any(
        isinstance(value, types.FunctionType | property | staticmethod | classmethod)
        and name not in _ALLOWED
        for name, value in names.items()
    )


def _is_plain_field(value: Any) -> bool:
    if type(value) in _SCALARS:
        return True
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and isinstance(value, torch.Tensor):
        return True
    return numpy is not None and type(value) is numpy.ndarray


class Stamp:
    """The fields of an object at one time, to be compared by identity."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Stamp) or self.fields.keys() != other.fields.keys():
            return False
        return all(_is_same(value, other.fields[name]) for name, value in self.fields.items())

    def __hash__(self) -> int:
        return 0


def _is_same(new: Any, old: Any) -> bool:
    if new is old:
        return True
    return type(new) is type(old) and type(new) in _SCALARS and (new == old or new != new)


def stamp_of(value: Any) -> Stamp:
    """Return what tells an object from what it was before."""
    return Stamp(dict(vars(value)))


def write(writer: Writer, value: Any) -> Node:
    """Write the fields of an object."""
    return [part for pair in vars(value).items() for part in (pair[0], writer.write(pair[1]))]


def make(kind: type | None, name: Any) -> Any:
    """Return an empty object of a class, or of a new one of that name."""
    if kind is None or not kind.__dictoffset__ or kind.__new__ is not object.__new__:
        kind = type(text(name, 200), (), {})
    return object.__new__(kind)


def put(reader: Reader, value: Any, nodes: list[Node]) -> None:
    """Give an object the fields that were sent, and no others."""
    names = [text(name) for name in nodes[::2]]
    for name in names:
        odd = not name.isidentifier() or name.startswith("__") or hasattr(type(value), name)
        if odd and not _is_default(type(value), name):
            raise CrossingError("The answer sets something that is no field.")
    fields = dict(zip(names, reader.each(nodes[1::2]), strict=True))
    vars(value).clear()
    vars(value).update(fields)


def _is_default(kind: type, name: str) -> bool:
    """Tell whether a class has a plain default for a field, as a dataclass has."""
    return not name.startswith("__") and type(getattr(kind, name, ...)) in _SCALARS
