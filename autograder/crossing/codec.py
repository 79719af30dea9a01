"""Plain values as JSON with binary buffers beside it, and back with exact types.

A value is written as a *node*: None, bool, int, float and str stand for themselves, everything else
is a list that begins with a tag. What is no plain value is left to the `Link` that writes or reads:
it stands behind a handle. Nothing that is read names code to run.
"""

from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from autograder.crossing.channel import Buffer
from autograder.crossing.errors import CannotCrossError, CrossingError

if TYPE_CHECKING:
    from autograder.crossing.link import Link

Node = Any

#: How deep values may be nested.
DEEPEST = 120
#: From this length on, a list of floats or of small integers crosses as one buffer.
LONG = 64
#: An integer has at most this many bits; arithmetic with longer ones could take for ever.
MOST_BITS = 2**20
#: How many keys of a dict or set may have one and the same hash.
_MOST_ALIKE = 50
#: After how many values it is looked whether there is time left.
_STEPS = 256

_SCALARS = frozenset({type(None), bool, int, float, str})
_SMALL = range(-(2**63), 2**63)
MUTABLE = (list, dict, set, bytearray, deque)


class Writer:
    """Writes the values of one message.

    Parameters
    ----------
    link
        Whose message it is: it writes objects.
    outer
        Containers that the other side sent and that this message answers: they are named, not
        copied.
    """

    def __init__(self, link: "Link", outer: Sequence[Any] = ()) -> None:
        self.link = link
        self.buffers: list[Buffer] = []
        self.mutables: list[Any] = []
        #: Numbers of shared objects that this message is the first to name.
        self.fresh: set[int] = set()
        #: Numbers of all shared objects that it names.
        self.named: set[int] = set()
        self._depth = 0
        self._nodes: dict[int, Node] = {id(item): ["am", n] for n, item in enumerate(outer)}

    def write(self, value: Any) -> Node:
        """Return the node of a value; raise `CannotCrossError` where there is none."""
        kind = type(value)
        if kind is str or value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return value if value in _SMALL else _big(value)
        known = self._nodes.get(id(value))
        if known is not None:
            return known
        self._depth += 1
        if self._depth > DEEPEST:
            raise CannotCrossError(f"A value is nested more than {DEEPEST} levels deep.")
        writer = WRITERS.get(kind)
        node = writer(self, value) if writer else self.link.write_object(self, value)
        self._depth -= 1
        return node

    def each(self, values: Iterable[Any]) -> list[Node]:
        """Return the nodes of several values."""
        write = self.write
        return [write(value) for value in values]

    def buffer(self, data: Buffer) -> int:
        """Add a buffer; return its number."""
        self.buffers.append(data)
        return len(self.buffers) - 1

    def name(self, number: int) -> None:
        """Note a shared object that this message is the first to name."""
        self.fresh.add(number)
        self.named.add(number)

    def number(self, value: Any) -> None:
        """Give a container a number, by which it is named when it comes again."""
        self._nodes[id(value)] = ["m", len(self.mutables)]
        self.mutables.append(value)


class Reader:
    """Reads the values of one message.

    Parameters
    ----------
    link
        Whose message it is: it finds objects.
    buffers
        The buffers of the message.
    outer
        Containers that this side sent before and that the message answers.
    """

    def __init__(
        self, link: "Link", buffers: Sequence[bytearray], outer: Sequence[Any] = ()
    ) -> None:
        self.link, self.outer = link, outer
        self.mutables: list[Any] = []
        self._buffers: list[bytearray | None] = list(buffers)
        self._depth = self._steps = 0

    def read(self, node: Node) -> Any:
        """Return the value of a node.

        Raises
        ------
        CrossingError
            It is none.
        """
        kind = type(node)
        if kind in _SCALARS:
            return node
        if kind is not list or not node or type(node[0]) is not str:
            raise CrossingError("The answer holds something that is no value.")
        self._depth += 1
        if self._depth > DEEPEST + 2:
            raise CrossingError(f"The answer is nested more than {DEEPEST} levels deep.")
        self._steps += 1
        if not self._steps % _STEPS:
            self.link.channel.check_time()
        reader = READERS.get(node[0])
        value = reader(self, node) if reader else self.link.read_object(self, node)
        self._depth -= 1
        return value

    def each(self, nodes: Iterable[Node]) -> list[Any]:
        """Return the values of several nodes."""
        read = self.read
        return [read(node) for node in nodes]

    def buffer(self, number: Any) -> bytearray:
        """Return a buffer by its number, once: a copy for each mention could fill the memory."""
        number = index(number, len(self._buffers))
        data, self._buffers[number] = self._buffers[number], None
        if data is None:
            raise CrossingError("The answer uses a buffer twice.")
        return data


def index(value: Any, limit: int) -> int:
    """Return a whole number from 0 to below ``limit``, or raise `CrossingError`."""
    if type(value) is not int or not 0 <= value < limit:
        raise CrossingError("The answer names something that it does not hold.")
    return value


def text(value: Any, longest: int = 200) -> str:
    """Return a short text, or raise `CrossingError`."""
    if type(value) is not str or len(value) > longest:
        raise CrossingError("The answer holds something else where a short text belongs.")
    return value


def whole(value: Any, *, bits: int = MOST_BITS) -> int:
    """Return an integer that is not longer than ``bits``, from its node."""
    if type(value) is list and len(value) == 2 and value[0] == "i" and type(value[1]) is str:
        if len(value[1]) > bits // 4 + 2:
            raise CrossingError("The answer holds an integer that is too large.")
        value = int(value[1], 16)
    if type(value) is not int or value.bit_length() > bits:
        raise CrossingError("The answer holds something else where an integer belongs.")
    return value


# --- Writing ----------------------------------------------------------------------------------


def _big(value: int) -> Node:
    if value.bit_length() > MOST_BITS:
        raise CannotCrossError(f"An integer of more than {MOST_BITS} bits cannot cross.")
    return ["i", hex(value)]


def _numbers(value: Sequence[Any]) -> "array[Any] | None":
    """Return a long list of nothing but floats, or but integers of 64 bits, as an array."""
    kinds = set(map(type, value))
    if kinds == {float}:
        return array("d", value)
    if kinds == {int}:
        try:
            return array("q", value)
        except OverflowError:
            return None
    return None


def _write_list(writer: Writer, value: list[Any]) -> Node:
    writer.number(value)
    if len(value) >= LONG and (numbers := _numbers(value)) is not None:
        return ["l" + numbers.typecode, writer.buffer(numbers.tobytes())]
    return ["l", *writer.each(value)]


def _write_tuple(writer: Writer, value: tuple[Any, ...]) -> Node:
    if len(value) >= LONG and (numbers := _numbers(value)) is not None:
        return ["t" + numbers.typecode, writer.buffer(numbers.tobytes())]
    return ["t", *writer.each(value)]


def _flat(writer: Writer, items: Iterable[tuple[Any, Any]]) -> list[Node]:
    nodes = []
    for key, value in items:
        nodes.append(writer.write(key))
        nodes.append(writer.write(value))
    return nodes


def _write_dict(writer: Writer, value: dict[Any, Any]) -> Node:
    writer.number(value)
    return ["d", *_flat(writer, value.items())]


def _write_set(writer: Writer, value: set[Any]) -> Node:
    writer.number(value)
    return ["s", *writer.each(value)]


def _write_default(writer: Writer, value: "defaultdict[Any, Any]") -> Node:
    writer.number(value)
    return ["dd", writer.write(value.default_factory), *_flat(writer, value.items())]


def _numbered(tag: str) -> Callable[[Writer, Any], Node]:
    def write(writer: Writer, value: Any) -> Node:
        writer.number(value)
        return [tag, *_flat(writer, value.items())]

    return write


def _write_deque(writer: Writer, value: "deque[Any]") -> Node:
    writer.number(value)
    return ["dq", value.maxlen, *writer.each(value)]


def _write_bytearray(writer: Writer, value: bytearray) -> Node:
    writer.number(value)
    return ["ba", writer.buffer(bytes(value))]


def _write_slice(writer: Writer, value: slice) -> Node:
    return ["sl", *writer.each((value.start, value.stop, value.step))]


def _write_range(writer: Writer, value: range) -> Node:
    return ["r", *writer.each((value.start, value.stop, value.step))]


WRITERS: dict[type, Callable[[Writer, Any], Node]] = {
    list: _write_list,
    tuple: _write_tuple,
    dict: _write_dict,
    set: _write_set,
    frozenset: lambda writer, value: ["fs", *writer.each(value)],
    OrderedDict: _numbered("od"),
    Counter: _numbered("dc"),
    defaultdict: _write_default,
    deque: _write_deque,
    bytes: lambda writer, value: ["b", writer.buffer(value)],
    bytearray: _write_bytearray,
    complex: lambda writer, value: ["c", value.real, value.imag],
    slice: _write_slice,
    range: _write_range,
    type(...): lambda writer, value: ["e"],
    type(NotImplemented): lambda writer, value: ["ni"],
    type({}.keys()): lambda writer, value: ["l", *writer.each(value)],
    type({}.values()): lambda writer, value: ["l", *writer.each(value)],
    type({}.items()): lambda writer, value: ["l", *writer.each(value)],
}

# --- Reading ----------------------------------------------------------------------------------


def _read_list(reader: Reader, node: Node) -> list[Any]:
    value: list[Any] = []
    reader.mutables.append(value)
    value.extend(reader.each(node[1:]))
    return value


def _read_numbers(reader: Reader, node: Node) -> Any:
    numbers = array(node[0][1])
    numbers.frombytes(reader.buffer(node[1]))
    if node[0][0] == "t":
        return tuple(numbers)
    value = numbers.tolist()
    reader.mutables.append(value)
    return value


def _fill(reader: Reader, into: Any, nodes: list[Node]) -> Any:
    """Put pairs into a dict."""
    reader.mutables.append(into)
    values = reader.each(nodes)
    if len(values) % 2:
        raise CrossingError("The answer holds a key without a value.")
    keys = values[::2]
    _check_keys(keys)
    # A Counter or a defaultdict that is new has nothing that its items could call.
    for key, value in zip(keys, values[1::2], strict=True):
        into[key] = value
    return into


def _check_keys(keys: Sequence[Any]) -> None:
    """Refuse keys that were chosen to fall on each other: a table of them takes for ever."""
    if len(keys) > _MOST_ALIKE and max(Counter(map(hash, keys)).values()) > _MOST_ALIKE:
        raise CrossingError("The answer holds keys that cannot be told apart in time.")


def _read_set(reader: Reader, node: Node) -> set[Any]:
    value: set[Any] = set()
    reader.mutables.append(value)
    items = reader.each(node[1:])
    _check_keys(items)
    value.update(items)
    return value


def _read_frozenset(reader: Reader, node: Node) -> frozenset[Any]:
    items = reader.each(node[1:])
    _check_keys(items)
    return frozenset(items)


def _read_default(reader: Reader, node: Node) -> Any:
    value: defaultdict[Any, Any] = defaultdict()
    _fill(reader, value, node[2:])
    factory = reader.read(node[1])
    if factory is None or callable(factory):
        value.default_factory = factory
    return value


def _read_deque(reader: Reader, node: Node) -> "deque[Any]":
    longest = None if node[1] is None else index(node[1], 2**31)
    value: deque[Any] = deque(maxlen=longest)
    reader.mutables.append(value)
    value.extend(reader.each(node[2:]))
    return value


def _read_bytearray(reader: Reader, node: Node) -> bytearray:
    value = bytearray(reader.buffer(node[1]))
    reader.mutables.append(value)
    return value


def _read_complex(reader: Reader, node: Node) -> complex:
    parts = [part for part in node[1:] if type(part) in (int, float)]
    if len(parts) != 2:
        raise CrossingError("The answer holds something that is no complex number.")
    return complex(*parts)


def _read_range(reader: Reader, node: Node) -> range:
    start, stop, step = (whole(part) for part in node[1:])
    if not step:
        raise CrossingError("The answer holds a range without a step.")
    return range(start, stop, step)


READERS: dict[str, Callable[[Reader, Node], Any]] = {
    "l": _read_list,
    "ld": _read_numbers,
    "lq": _read_numbers,
    "td": _read_numbers,
    "tq": _read_numbers,
    "t": lambda reader, node: tuple(reader.each(node[1:])),
    "d": lambda reader, node: _fill(reader, {}, node[1:]),
    "od": lambda reader, node: _fill(reader, OrderedDict(), node[1:]),
    "dc": lambda reader, node: _fill(reader, Counter(), node[1:]),
    "dd": _read_default,
    "dq": _read_deque,
    "s": _read_set,
    "fs": _read_frozenset,
    "i": lambda reader, node: whole(node),
    "b": lambda reader, node: bytes(reader.buffer(node[1])),
    "ba": _read_bytearray,
    "c": _read_complex,
    "sl": lambda reader, node: slice(*(reader.read(part) for part in node[1:4])),
    "r": _read_range,
    "e": lambda reader, node: ...,
    "ni": lambda reader, node: NotImplemented,
    "m": lambda reader, node: reader.mutables[index(node[1], len(reader.mutables))],
    "am": lambda reader, node: reader.outer[index(node[1], len(reader.outer))],
}

# --- In-place changes -------------------------------------------------------------------------


def contents(value: Any) -> Any:
    """Return what a container holds now, to tell later whether it was changed."""
    if isinstance(value, Mapping):
        return [part for pair in value.items() for part in pair]
    return bytes(value) if isinstance(value, bytearray) else list(value)


def is_changed(value: Any, before: Any) -> bool:
    """Tell whether a container holds other objects than before."""
    now = contents(value)
    if isinstance(now, bytes):
        return bool(now != before)
    if len(now) != len(before):
        return True
    if isinstance(value, set):
        return {id(item) for item in now} != {id(item) for item in before}
    pairs = zip(now, before, strict=True)
    return any(new is not old and not _same_number(new, old) for new, old in pairs)


def _same_number(new: Any, old: Any) -> bool:
    """Tell whether two numbers are one and the same; each reading makes new objects of them."""
    return type(new) is type(old) and type(new) in (int, float, str) and bool(new == old)


def write_contents(writer: Writer, value: Any) -> list[Node]:
    """Return the nodes of what a container holds."""
    if isinstance(value, bytearray):
        return [writer.buffer(bytes(value))]
    return writer.each(contents(value))


def put_contents(reader: Reader, value: Any, nodes: list[Node]) -> None:
    """Change a container in place, so that it holds what was sent."""
    if isinstance(value, bytearray):
        value[:] = reader.buffer(nodes[0])
        return
    items = reader.each(nodes)
    if isinstance(value, dict):
        if len(items) % 2:
            raise CrossingError("The answer holds a key without a value.")
        _check_keys(items[::2])
        value.clear()
        for key, item in zip(items[::2], items[1::2], strict=True):
            value[key] = item
    elif isinstance(value, set):
        _check_keys(items)
        value.clear()
        value.update(items)
    elif isinstance(value, list):
        value[:] = items
    elif isinstance(value, deque):
        value.clear()
        value.extend(items)
