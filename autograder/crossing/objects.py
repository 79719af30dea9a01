"""How objects cross: shared arrays, records, library functions by name, handles for the rest."""

import functools
import inspect
import sys
from collections import namedtuple
from typing import TYPE_CHECKING, Any

from autograder.crossing import arrays, excuses, fields, gradients, shared, tables
from autograder.crossing.codec import READERS, WRITERS, Node, Reader, Writer, index, text
from autograder.crossing.errors import CrossingError
from autograder.crossing.remote import BoundMethod, Remote

if TYPE_CHECKING:
    from autograder.crossing.link import Link

REQUIRES_GRAD, PARAMETER = 1, 2
#: Plain types whose subclasses cross with their plain value beside the handle.
_PLAIN = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
#: How many fields a record may have.
_MOST_FIELDS = 255
#: Modules whose functions and classes are the same in both rooms.
_LIBRARIES = ("builtins", "math", "cmath", "operator", "random", "statistics", "torch", "numpy")


class Method:
    """A method of an object of this side, told by its name."""

    def __init__(self, name: str) -> None:
        self.name = name


class Unshared:
    """A tensor that crosses once, by its values."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


def write_object(link: "Link", writer: Writer, value: Any) -> Node:
    """Write what is no plain data of the standard library."""
    kind = type(value)
    if isinstance(value, Remote):
        return ["o", object.__getattribute__(value, "_crossing_number")]
    if kind is Method:
        return ["me", value.name]
    if kind is BoundMethod:
        return ["om", writer.write(value.__self__), value.__name__]
    if kind is Unshared:
        return ["N", arrays.write_numbers(writer, value.tensor)]
    number = link.shared.number_of(value)
    if number is not None:
        writer.named.add(number)
        return ["k", number]
    node = _write_library(link, writer, value, kind)
    if node is not None:
        return node
    if isinstance(value, BaseException):
        return excuses.write_error(writer, value)
    if isinstance(value, type) and (home := excuses.home_number(link, value)) is not None:
        return ["o", home]
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return _write_record(writer, value)
    if isinstance(value, _PLAIN):
        return _write_subclass(link, writer, value)
    if writer_of := next((WRITERS[base] for base in kind.__mro__[1:-1] if base in WRITERS), None):
        return writer_of(writer, value)
    if name := library_name(value):
        return ["g", name]
    if link.shares_fields and fields.is_plain_object(value):
        return _share_fields(link, writer, value)
    return link.export(value)


def _share_fields(link: "Link", writer: Writer, value: Any) -> Node:
    number = link.next_number()
    # It is known before what it holds is written: that may lead back to it.
    link.shared.add(number, "R", value)
    writer.name(number)
    kind = type(value)
    return ["R", number, kind.__name__, kind.__module__, fields.write(writer, value)]


def _write_library(link: "Link", writer: Writer, value: Any, kind: type) -> Node:
    """Write an object of numpy, torch or pandas; None for any other."""
    what = shared.generator_kind(value)
    if what:
        return _share(link, writer, "G", value)
    numpy, torch = sys.modules.get("numpy"), sys.modules.get("torch")
    if numpy is not None and isinstance(value, numpy.ndarray):
        # A view of a matrix or of a masked array would not be known again: it is copied once.
        return _share(link, writer, "A", value) if kind is numpy.ndarray else _once(writer, value)
    if numpy is not None and isinstance(value, numpy.generic):
        return ["ns", *arrays.write_array(writer, numpy.asarray(value))[1:]]
    if numpy is not None and isinstance(value, numpy.dtype):
        return ["nd", value.str] if value.names is None else None
    if torch is not None and isinstance(value, torch.Tensor):
        return _share(link, writer, "T", value)
    if torch is not None and isinstance(value, torch.dtype):
        return ["tt", str(value).removeprefix("torch.")]
    if torch is not None and isinstance(value, torch.Size):
        return ["tz", list(value)]
    if torch is not None and isinstance(value, torch.device):
        return ["tv", str(value)]
    if tables.is_table(value):
        return tables.write_table(writer, value)
    return None


def _once(writer: Writer, value: Any) -> Node:
    return ["A1", arrays.write_array(writer, value)]


def _share(link: "Link", writer: Writer, kind: str, value: Any) -> Node:
    number = link.next_number()
    contents = write_contents(writer, kind, value)
    link.shared.add(number, kind, value)
    writer.name(number)
    if kind != "T":
        return [kind, number, *contents]
    torch = sys.modules["torch"]
    flags = REQUIRES_GRAD * value.requires_grad
    flags += PARAMETER * isinstance(value, torch.nn.Parameter)
    return ["T", number, *contents, flags, gradients.write_graph(link, writer, value)]


def write_contents(writer: Writer, kind: str, value: Any) -> list[Node]:
    """Write what a shared object holds now."""
    if kind == "A":
        return [arrays.write_array(writer, value)]
    if kind == "G":
        return shared.write_generator(writer, value)
    if kind == "R":
        return [fields.write(writer, value)]
    grad = value.grad if value.is_leaf else None
    flag = value.requires_grad if value.is_leaf else None
    gradient = None if grad is None else arrays.write_numbers(writer, grad)
    return [arrays.write_numbers(writer, value), gradient, flag]


def put_contents(reader: Reader, value: Any, nodes: list[Node]) -> None:
    """Give a shared object what its copy on the other side holds now."""
    if shared.generator_kind(value):
        shared.put_state(value, shared.read_state(reader, nodes[1]))
    elif fields.is_plain_object(value):
        fields.put(reader, value, nodes[0])
    elif type(value).__module__ == "numpy":
        arrays.put_array(value, arrays.read_array(reader, nodes[0]))
    else:
        _put_tensor(reader, value, nodes)


def _put_tensor(reader: Reader, value: Any, nodes: list[Node]) -> None:
    numbers, gradient, flag = nodes
    arrays.put_numbers(value, arrays.read_numbers(reader, numbers))
    if not value.is_leaf:
        return
    if type(flag) is bool and (value.dtype.is_floating_point or value.dtype.is_complex):
        value.requires_grad_(flag)
    grad = None if gradient is None else arrays.read_numbers(reader, gradient)
    if grad is not None and (grad.shape != value.shape or grad.dtype != value.dtype):
        raise CrossingError("The answer holds a gradient that does not fit its tensor.")
    arrays.put_grad(value, grad)


def read_object(link: "Link", reader: Reader, node: Node) -> Any:
    """Read what is no plain data of the standard library."""
    tag = node[0]
    if tag == "k":
        return link.shared.get(node[1])
    if tag == "h":
        return link.stand_in(node[1], node[2])
    if tag == "o":
        return link.home(node[1])
    if tag in ("T", "A", "G", "R"):
        return _read_shared(link, reader, node)
    if tag == "me":
        return Method(text(node[1], 1000))
    if tag == "om":
        return link.method(reader.read(node[1]), text(node[2], 1000))
    if tag == "x":
        return excuses.read_error(reader, node)
    if tag == "g":
        return link.library(text(node[1], 1000))
    found = _READ.get(tag)
    if found is None:
        raise CrossingError("The answer holds something of an unknown kind.")
    return found(reader, node)


def _read_shared(link: "Link", reader: Reader, node: Node) -> Any:
    tag, number, *contents = node
    if type(number) is not int or link.is_own(number) or not number:
        raise CrossingError("The answer names an array that it cannot have.")
    if number in link.shared:
        raise CrossingError("The answer sends an array twice.")
    if tag == "R":
        if not link.takes_fields:
            raise CrossingError("The answer sends an object that it cannot have.")
        value = fields.make(link.given_class(contents[0], contents[1]), contents[0])
        link.shared.add(number, tag, value)
        fields.put(reader, value, contents[2])
        link.shared.renew(number)
        return value
    if tag == "A":
        value = arrays.read_array(reader, contents[0])
    elif tag == "G":
        value = shared.read_generator(reader, contents[0], contents[1])
    else:
        value = _read_tensor(link, reader, contents)
    link.shared.add(number, tag, value)
    return value


def _read_tensor(link: "Link", reader: Reader, contents: list[Node]) -> Any:
    torch = sys.modules["torch"]
    numbers, gradient, _, flags, graph = contents
    value = arrays.read_numbers(reader, numbers)
    flags = index(flags, 4)
    if graph is not None:
        return gradients.join(link, reader, value, graph)
    if flags & PARAMETER:
        value = torch.nn.Parameter(value, requires_grad=bool(flags & REQUIRES_GRAD))
    elif flags & REQUIRES_GRAD:
        value.requires_grad_()
    if gradient is not None:
        arrays.put_grad(value, arrays.read_numbers(reader, gradient))
    return value


# --- Records and subclasses ---------------------------------------------------------------------


def _write_record(writer: Writer, value: Any) -> Node:
    kind = type(value)
    return ["rec", kind.__name__, kind.__module__, list(kind._fields), *writer.each(value)]


def _read_record(reader: Reader, node: Node) -> Any:
    name, fields = text(node[1], 100), [text(field) for field in node[3][:_MOST_FIELDS]]
    values = reader.each(node[4:])
    given = reader.link.given_class(name, text(node[2]))
    if (
        given is not None
        and issubclass(given, tuple)
        and getattr(given, "_fields", None) == tuple(fields)
    ):
        return tuple.__new__(given, values)
    if not all(field.isidentifier() for field in (name, *fields)) or len(values) != len(fields):
        raise CrossingError("The answer holds a record that is none.")
    return _record_class(name, tuple(fields))(*values)


@functools.lru_cache(maxsize=1000)
def _record_class(name: str, fields: tuple[str, ...]) -> Any:
    return namedtuple(name, fields)


def _write_subclass(link: "Link", writer: Writer, value: Any) -> Node:
    """Write an instance of a subclass of plain data: as such, and as a handle."""
    base = next(kind for kind in _PLAIN if isinstance(value, kind))
    plain = link.plain(value, base)
    return ["sub", writer.write(plain), link.export(value) if link.tells_subclasses else None]


def _read_subclass(reader: Reader, node: Node) -> Any:
    plain = reader.read(node[1])
    if node[2] is None:
        return plain
    link = reader.link
    remote = reader.read(node[2])
    return remote if link.prefers_handle(remote) else plain


_READ = {
    "N": lambda reader, node: arrays.read_numbers(reader, node[1]),
    "A1": lambda reader, node: arrays.read_array(reader, node[1]),
    "ns": lambda reader, node: arrays.read_array(reader, ["a", *node[1:]])[()],
    "nd": lambda reader, node: arrays.dtype_of(node[1]),
    "tt": lambda reader, node: arrays.torch_dtype(node[1]),
    "tz": lambda reader, node: sys.modules["torch"].Size(arrays.sizes(node[1])),
    "tv": lambda reader, node: sys.modules["torch"].device(text(node[1], 20)),
    "rec": _read_record,
    "sub": _read_subclass,
    **tables.READ,
}

assert not set(_READ) & set(READERS)

# --- Names of library functions ------------------------------------------------------------------


def library_name(value: Any) -> str:
    """Return the dotted name of a function or class that every Python has; "" for any other."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(name, str) or not callable(value) or name.startswith("<"):
        return ""
    module = getattr(value, "__module__", None)
    homes = [module] if isinstance(module, str) else []
    homes += ["torch", "torch.nn.functional", "torch.special", "torch.linalg", "numpy", "math"]
    for home in homes:
        if home.partition(".")[0] in _LIBRARIES and find_library(f"{home}:{name}") is value:
            return f"{home}:{name}"
    return ""


def find_library(name: str) -> Any:
    """Return what ``module:name`` is here; None where it is nothing."""
    home, _, path = name.partition(":")
    found: Any = sys.modules.get(home)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


# --- Signatures ----------------------------------------------------------------------------------


def signature_parts(value: Any) -> list[tuple[str, int, bool, Any]]:
    """Return the parameters of a function as plain data."""
    parts = []
    for parameter in inspect.signature(value).parameters.values():
        default = parameter.default
        given = default is not inspect.Parameter.empty
        plain = default if isinstance(default, bool | int | float | str | type(None)) else ...
        parts.append((parameter.name, int(parameter.kind), given, plain if given else None))
    return parts


def signature_of(parts: Any) -> inspect.Signature:
    """Return a signature from what the other side says of it."""
    parameters = []
    for name, kind, given, default in parts:
        kinds = list(inspect._ParameterKind)
        value = default if given else inspect.Parameter.empty
        parameters.append(inspect.Parameter(name, kinds[index(kind, len(kinds))], default=value))
    return inspect.Signature(parameters)
