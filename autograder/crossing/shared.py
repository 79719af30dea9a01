"""Arrays, tensors and random generators that both rooms hold a copy of, kept alike.

A copy that changed since the last message is sent again with the next one, in either direction. The
examiner holds its own and the room's objects weakly and tells the room which ones it has let go;
the room keeps them until then.
"""

import random
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from autograder.crossing import arrays, fields
from autograder.crossing.codec import Node, Reader, Writer, index, text
from autograder.crossing.errors import CrossingError

#: How many objects can be shared at one time.
MOST = 200_000


class Entry:
    """One shared object."""

    __slots__ = ("identity", "kind", "number", "reference", "stamp")

    def __init__(self, number: int, kind: str, value: Any, reference: Any) -> None:
        self.number, self.kind, self.reference = number, kind, reference
        self.identity, self.stamp = id(value), stamp_of(kind, value)

    def get(self) -> Any:
        """Return the object, or None when it is gone."""
        return self.reference() if isinstance(self.reference, weakref.ref) else self.reference


class Shared:
    """The shared objects of one side.

    Parameters
    ----------
    weak
        Whether an object that nobody else here holds is let go.

    Attributes
    ----------
    released
        Numbers of objects that were let go and not told yet.
    """

    def __init__(self, weak: bool) -> None:
        self._weak = weak
        self._by_number: dict[int, Entry] = {}
        self._by_identity: dict[int, Entry] = {}
        self.released: list[int] = []

    def add(self, number: int, kind: str, value: Any) -> None:
        """Share an object from now on."""
        if len(self._by_number) >= MOST:
            raise CrossingError(f"More than {MOST} arrays are shared at one time.")
        entry = Entry(number, kind, value, self._reference(number, value))
        self._by_number[number] = self._by_identity[id(value)] = entry

    def _reference(self, number: int, value: Any) -> Any:
        if self._weak:
            try:
                return weakref.ref(value, lambda _: self._let_go(number))
            except TypeError:  # generators of random numbers
                pass
        return value

    def _let_go(self, number: int) -> None:
        if number in self._by_number:
            self.drop(number)
            self.released.append(number)

    def drop(self, number: int) -> None:
        """Share an object no longer."""
        entry = self._by_number.pop(number, None)
        if entry is not None and self._by_identity.get(entry.identity) is entry:
            del self._by_identity[entry.identity]

    def __contains__(self, number: object) -> bool:
        return number in self._by_number

    def number_of(self, value: Any) -> int | None:
        """Return the number of a shared object, None when it is not shared."""
        entry = self._by_identity.get(id(value))
        return entry.number if entry is not None and entry.get() is value else None

    def get(self, number: Any) -> Any:
        """Return a shared object; raise `CrossingError` when there is none of that number."""
        entry = self._by_number.get(number) if type(number) is int else None
        value = entry.get() if entry else None
        if value is None:
            raise CrossingError("The answer names an array that was never sent.")
        return value

    def alive(self) -> list[Any]:
        """Return all shared objects: who holds the list keeps them."""
        return [entry.get() for entry in list(self._by_number.values())]

    def kind_of(self, number: int) -> str:
        """Return which kind of object a number stands for."""
        entry = self._by_number.get(number)
        return entry.kind if entry else ""

    def forget_stamp(self, number: int) -> None:
        """Send an object again with the next message, as if it had changed here."""
        if (entry := self._by_number.get(number)) is not None:
            entry.stamp = None

    def renew(self, number: int) -> None:
        """Take an object as the other side knows it."""
        entry = self._by_number.get(number)
        if entry is not None and (value := entry.get()) is not None:
            entry.stamp = stamp_of(entry.kind, value)

    def changed(self, check_time: Callable[[], object]) -> Iterator[tuple[int, str, Any]]:
        """Go through the objects that have changed since the last message, while there is time."""
        for entry in list(self._by_number.values()):
            check_time()
            value = entry.get()
            if value is None:
                continue
            stamp = stamp_of(entry.kind, value)
            if stamp != entry.stamp:
                entry.stamp = stamp
                yield entry.number, entry.kind, value


def stamp_of(kind: str, value: Any) -> Any:
    """Return what tells an object from what it was before."""
    if kind == "T":
        return arrays.tensor_stamp(value)
    if kind == "R":
        return fields.stamp_of(value)
    return arrays.array_stamp(value) if kind == "A" else repr(_plain(state_of(value)))


# --- Generators of random numbers ----------------------------------------------------------------


def generator_kind(value: Any) -> str | None:
    """Return which kind of generator of random numbers this is; None for anything else."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch and type(value) is torch.Generator:
        return "torch"
    if numpy and type(value) is numpy.random.Generator:
        return "numpy"
    if numpy and type(value) is numpy.random.RandomState:
        return "legacy"
    return "random" if type(value) is random.Random else None


def state_of(value: Any) -> Any:
    """Return the state of a generator, as plain data."""
    kind = generator_kind(value)
    if kind == "torch":
        return value.get_state().numpy().tobytes()
    if kind == "numpy":
        return value.bit_generator.state
    if kind == "legacy":
        return value.get_state(legacy=False)
    return value.getstate()


def make_generator(kind: Any, state: Any) -> Any:
    """Return a generator with that state; raise `CrossingError` when it is none."""
    value: Any = None
    if kind == "torch" and "torch" in sys.modules:
        value = sys.modules["torch"].Generator()
    elif kind in ("numpy", "legacy") and "numpy" in sys.modules:
        numpy = sys.modules["numpy"]
        if type(state) is not dict:
            raise CrossingError("The answer holds a generator without a state.")
        name = text(state.get("bit_generator"))
        if name not in ("PCG64", "MT19937", "PCG64DXSM", "Philox", "SFC64"):
            raise CrossingError("The answer holds a generator of an unknown kind.")
        bits = getattr(numpy.random, name)()
        value = numpy.random.Generator(bits) if kind == "numpy" else numpy.random.RandomState(bits)
    elif kind == "random":
        value = random.Random()
    else:
        raise CrossingError("The answer holds a generator of an unknown kind.")
    put_state(value, state)
    return value


def put_state(value: Any, state: Any) -> None:
    """Give a generator a state."""
    kind = generator_kind(value)
    if kind == "torch":
        torch = sys.modules["torch"]
        value.set_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))
    elif kind == "numpy":
        value.bit_generator.state = _within(state)
    elif kind == "legacy":
        value.set_state(_within(state))
    else:
        value.setstate(state)


def _within(state: Any) -> Any:
    """Return a state of numpy's whose place in its numbers lies among them: numpy does not ask."""
    inner = state["state"]
    for holder, key, count in ((inner, "pos", 624), (state, "buffer_pos", 4)):
        if type(holder) is dict and key in holder:
            index(holder[key], count + 1)
    return state


def write_generator(writer: Writer, value: Any) -> list[Node]:
    """Write the kind and the state of a generator; the state's arrays are not shared."""
    state = state_of(value)
    if isinstance(state, dict):
        state = _plain(state)
    return [generator_kind(value), writer.write(state)]


def _plain(state: Any) -> Any:
    """Return a state of numpy's with lists in place of arrays."""
    if isinstance(state, dict):
        return {key: _plain(part) for key, part in state.items()}
    return ["array", *(int(part) for part in state)] if hasattr(state, "tolist") else state


def read_generator(reader: Reader, kind: Any, node: Node) -> Any:
    """Return a new generator."""
    return make_generator(kind, read_state(reader, node))


def read_state(reader: Reader, node: Node) -> Any:
    """Return the state of a generator."""
    return _with_arrays(reader.read(node))


def _with_arrays(state: Any) -> Any:
    if isinstance(state, dict):
        return {key: _with_arrays(part) for key, part in state.items()}
    if isinstance(state, list) and state and state[0] == "array":
        return sys.modules["numpy"].array(
            state[1:], dtype="uint64" if len(state) < 100 else "uint32"
        )
    return state
