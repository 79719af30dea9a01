"""Stand-ins: objects here that pass on to an object on the other side what is done with them."""

import functools
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.crossing.descriptions import Description

if TYPE_CHECKING:
    from autograder.crossing.link import Link

_NAMES = frozenset({"__name__", "__qualname__", "__module__"})
#: Names with two underscores that may be asked for, besides operators.
_ASKED = frozenset({"__doc__", "__annotations__", "__dict__", "__version__"})
_NUMBERS = frozenset({"__len__", "__index__", "__hash__", "__int__", "__length_hint__"})
_TRUTHS = frozenset({"__bool__", "__contains__"})


class Remote:
    """An object of the other side. Each class of theirs has a subclass of this one here."""

    __slots__ = ("__weakref__", "_crossing_link", "_crossing_number")
    _crossing_description: Description
    _crossing_class: type | None = None
    _crossing_link: "Link"
    _crossing_number: int

    def __init__(self, link: "Link", number: int) -> None:
        object.__setattr__(self, "_crossing_link", link)
        object.__setattr__(self, "_crossing_number", number)

    def __getattr__(self, name: str) -> Any:
        if name in _NAMES:
            return _own_name(self, name)
        if name == "__signature__":
            return self._crossing_link.signature(self)
        if not may_ask(name):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._crossing_link.get(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._crossing_link.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._crossing_link.ask("delete", self, name)

    def __repr__(self) -> str:
        return self._crossing_link.words("repr", self)

    def __str__(self) -> str:
        return self._crossing_link.words("str", self)

    def __format__(self, form: str) -> str:
        return self._crossing_link.words("format", self, form)

    def __dir__(self) -> list[str]:
        return [str(name) for name in self._crossing_link.ask("dir", self)]

    def __copy__(self) -> Any:
        return self._crossing_link.ask("copy", self)

    def __deepcopy__(self, memo: Any) -> Any:
        return self._crossing_link.ask("deepcopy", self)

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{type(self).__name__!r} object cannot be pickled here")

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self)._crossing_class or type(self)


class RemoteClass(Remote):
    """A class of the other side."""

    __slots__ = ()

    def __instancecheck__(self, value: Any) -> bool:
        return (
            isinstance(value, Remote) and self._crossing_link.ask("isinstance", value, self) is True
        )

    def __subclasscheck__(self, kind: Any) -> bool:
        return (
            isinstance(kind, Remote) and self._crossing_link.ask("issubclass", kind, self) is True
        )

    def __mro_entries__(self, bases: Any) -> Any:
        raise TypeError(
            f"The class {type(self).__name__!r} is the student's: a test cannot derive another "
            'class from it. Tag the cell "in-room" to run the test beside the student\'s code.'
        )


class BoundMethod:
    """A method of a stand-in, to be called."""

    __slots__ = ("__name__", "__self__")

    def __init__(self, remote: Any, name: str) -> None:
        self.__self__, self.__name__ = remote, name

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Call the method over there."""
        link = object.__getattribute__(self.__self__, "_crossing_link")
        return link.call_method(self.__self__, self.__name__, args, options)

    @property
    def __signature__(self) -> Any:
        """Return the method's signature; ``inspect`` asks for it."""
        link = object.__getattribute__(self.__self__, "_crossing_link")
        return link.signature(self.__self__, self.__name__)

    @property
    def __doc__(self) -> Any:  # type: ignore[override]
        link = object.__getattribute__(self.__self__, "_crossing_link")
        return link.ask("method_doc", self.__self__, self.__name__)

    def __repr__(self) -> str:
        return f"<method {self.__name__}>"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, BoundMethod)
            and other.__self__ is self.__self__
            and other.__name__ == self.__name__
        )

    def __hash__(self) -> int:
        return hash((id(self.__self__), self.__name__))


def _own_name(remote: Remote, name: str) -> str:
    description = type(remote)._crossing_description
    if description.kind in ("function", "class", "module"):
        return description.module if name == "__module__" else description.name
    if name == "__module__":
        return description.module
    raise AttributeError(f"{description.name!r} object has no attribute {name!r}")


def may_ask(name: str) -> bool:
    """Tell whether an attribute may be asked for: no library's hooks, such as ``__array__``."""
    if name.startswith(("_repr_", "_ipython_", "_crossing_")):
        return False
    return not (name.startswith("__") and name.endswith("__")) or name in _ASKED


def facade(description: Description, operators: frozenset[str], kind: type | None) -> type[Remote]:
    """Return the class of stand-ins for objects of that description.

    Parameters
    ----------
    description
        What the other side says of them.
    operators
        Which operators they pass on.
    kind
        The class that ``isinstance`` takes them for.
    """
    base = RemoteClass if description.kind in ("class", "error") else Remote
    names: dict[str, Any] = {
        "__slots__": (),
        "__doc__": property(lambda self: self.__getattr__("__doc__")),
        "__module__": description.module or "builtins",
        "_crossing_description": description,
        "_crossing_class": kind or _seeming(description),
    }
    for name in operators:
        names[name] = _forward(name)
    if "__eq__" in operators and "__hash__" not in operators:
        names["__hash__"] = object.__hash__
    if "__next__" in operators:
        names["__iter__"] = lambda self: self
    return type(description.name if description.name.isidentifier() else "function", (base,), names)


def _seeming(description: Description) -> type | None:
    if description.kind == "function":
        return types.FunctionType
    if description.kind == "class":
        return type
    return types.GeneratorType if description.name == "generator" else None


def _forward(name: str) -> Callable[..., Any]:
    if name == "__call__":
        return _call
    if name == "__next__":
        return _next

    def operate(self: Any, *args: Any) -> Any:
        result = self._crossing_link.operate(self, name, args)
        if name in _NUMBERS and result is not NotImplemented:
            return int(result) if type(result) in (int, bool) else _refuse(name, result)
        if name in _TRUTHS:
            return result if type(result) is bool else _refuse(name, result)
        return result

    operate.__name__ = name
    return operate


def _refuse(name: str, result: Any) -> Any:
    raise TypeError(f"{name} should not return a {type(result).__name__}")


def _call(self: Any, *args: Any, **options: Any) -> Any:
    return self._crossing_link.call(self, args, options)


def _next(self: Any) -> Any:
    found = self._crossing_link.ask("next", self)
    if type(found) is not tuple or len(found) > 1:
        raise TypeError("an iterator returned something else than an item")
    if not found:
        raise StopIteration
    return found[0]


@functools.lru_cache(maxsize=1)
def network_facade() -> type:
    """Return the base class of stand-ins for networks of torch, which are networks here, too."""
    from autograder.crossing.networks import RemoteNetwork

    return RemoteNetwork
