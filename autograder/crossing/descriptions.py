"""What one side tells the other of an object that stays: its kind, its class and its operators."""

import inspect
import sys
import types
from collections.abc import Iterator
from typing import Any, NamedTuple

from autograder.crossing.codec import text
from autograder.crossing.errors import CrossingError

#: Operators that are methods of a class; other names with two underscores never cross.
OPERATORS = frozenset(
    f"__{name}__"
    for name in str.split(
        "add radd iadd sub rsub isub mul rmul imul matmul rmatmul imatmul truediv rtruediv "
        "itruediv floordiv rfloordiv ifloordiv mod rmod imod divmod rdivmod pow rpow ipow "
        "lshift rlshift rshift rrshift and rand iand or ror ior xor rxor ixor neg pos abs "
        "invert eq ne lt le gt ge bool len hash iter next reversed contains getitem setitem "
        "delitem call enter exit int float complex index round trunc floor ceil length_hint "
        "missing "
    )
)
ITERATION = frozenset({"__iter__", "__next__"})
READING = frozenset({"__iter__", "__next__", "__len__", "__getitem__"})
USE = frozenset({"__call__", "__enter__", "__exit__"})
KINDS = frozenset(
    {"function", "class", "error", "module", "iterator", "coroutine", "network", "object"}
)
_ROUTINES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.WrapperDescriptorType,
    types.MethodDescriptorType,
)
#: How many classes an object's line of descent may name.
_MOST_BASES = 40


class Description(NamedTuple):
    """What is told of an object.

    Attributes
    ----------
    kind
        One of `KINDS`.
    name
        Of the function, class or module; for other objects that of their class.
    module
        Where that is defined.
    operators
        Which of `OPERATORS` its class has.
    bases
        ``module.name`` of each class that it descends from, nearest first, itself included.
    """

    kind: str
    name: str
    module: str
    operators: frozenset[str] = frozenset()
    bases: tuple[str, ...] = ()

    def plain(self) -> list[Any]:
        """Return it as a node of plain JSON."""
        return [self.kind, self.name, self.module, sorted(self.operators), list(self.bases)]


def read_description(node: Any) -> Description:
    """Return a description that the other side sent; raise `CrossingError` when it is none."""
    if type(node) is not list or len(node) != 5 or node[0] not in KINDS:
        raise CrossingError("The answer holds an object without a description.")
    kind, name, module, operators, bases = node
    if type(operators) is not list or type(bases) is not list or len(bases) > _MOST_BASES:
        raise CrossingError("The answer holds an object without a description.")
    return Description(
        kind,
        _identifier(text(name, 1000)),
        text(module, 1000)[:200],
        frozenset(text(item) for item in operators) & OPERATORS,
        tuple(text(item, 2000) for item in bases),
    )


def _identifier(name: str) -> str:
    return name[:100] if name.isidentifier() or name == "<lambda>" else "thing"


def describe(value: Any) -> Description:
    """Return the description of an object."""
    kind = type(value)
    if isinstance(value, type):
        error = issubclass(value, BaseException)
        return Description(
            "error" if error else "class",
            value.__name__,
            str(value.__module__),
            frozenset({"__call__"}),
            bases_of(value),
        )
    if isinstance(value, _ROUTINES):
        name = getattr(value, "__name__", "function")
        module = getattr(value, "__module__", None) or ""
        return Description("function", str(name), str(module), frozenset({"__call__"}))
    if isinstance(value, types.ModuleType):
        return Description("module", value.__name__, value.__name__)
    if inspect.iscoroutine(value):
        return Description("coroutine", "coroutine", "builtins")
    return Description(
        _kind_of_instance(kind),
        kind.__name__,
        str(kind.__module__),
        operators_of(kind),
        bases_of(kind),
    )


def _kind_of_instance(kind: type) -> str:
    torch = sys.modules.get("torch")
    if torch and issubclass(kind, torch.nn.Module):
        return "network"
    return "iterator" if hasattr(kind, "__next__") else "object"


def operators_of(kind: type) -> frozenset[str]:
    """Return which operators a class has of its own, not from ``object``."""
    return frozenset(
        name
        for name in OPERATORS
        if (method := getattr(kind, name, None)) is not None
        and method is not getattr(object, name, None)
    )


def bases_of(kind: type) -> tuple[str, ...]:
    """Return the line of descent of a class, without ``object``."""
    mro = type.mro(kind) if kind is not type else (type, object)
    return tuple(f"{base.__module__}.{base.__qualname__}" for base in mro[:-1][:_MOST_BASES])


def each_base(description: Description) -> Iterator[tuple[str, str]]:
    """Go through module and name of the classes that an object descends from."""
    for base in description.bases:
        module, _, name = base.rpartition(".")
        yield module, name
