"""One end of the connection between the examiner and a student's room: questions and answers.

A message is ``[kind, serial number, body, extras]``. ``"?"`` asks for an operation, ``"="`` brings
its result, ``"!"`` its error. While one side waits for an answer it serves the questions that come
in between, such as calls of functions that it passed on; the last question is answered first.
"""

import contextlib
import gc
import inspect
import json
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.crossing import codec, excuses, objects, resolving, scalars
from autograder.crossing.channel import Channel
from autograder.crossing.codec import Node, Reader, Writer
from autograder.crossing.descriptions import Description, describe, read_description
from autograder.crossing.errors import CannotCrossError, CrossingError
from autograder.crossing.remote import BoundMethod, Remote, facade, network_facade
from autograder.crossing.shared import Shared

assert scalars.DATA_CLASSES  # its import registers the data of the standard library

#: How many questions may be open at one time, one within the other.
DEEPEST = 60
#: How many objects can be known at one time, and how many kinds of objects and classes of errors:
#: of each a class is made.
MOST_OBJECTS, MOST_KINDS = 200_000, 2_000


class Link:
    """One end of the connection; `student.ExaminerLink` and `answering.RoomLink` are the two.

    Parameters
    ----------
    channel
        The frames.
    sign
        1 or -1: the numbers of this side's objects are positive or negative.
    weak
        Whether shared arrays are let go here when nobody holds them.
    """

    #: What an operation may raise to be told to the other side.
    caught: type[BaseException] = Exception
    #: Whether error classes of the other side are asked to make their errors.
    makes_errors = False
    #: Whether an instance of a subclass of plain data crosses with a handle beside its value.
    tells_subclasses = False
    #: Whether objects that are nothing but fields are sent, or taken, as copies.
    shares_fields = takes_fields = False

    def __init__(self, channel: Channel, *, sign: int, weak: bool) -> None:
        self.channel, self.sign = channel, sign
        self.gone = ""
        self.shared = Shared(weak)
        self._last = 0
        self._serial = 0
        self._pinned: list[Any] = []
        self._depth = 0
        self.exports: dict[int, Any] = {}
        self._export_numbers: dict[int, int] = {}
        self._imports: dict[int, weakref.ref[Any]] = {}
        self._released: dict[int, None] = {}
        self._errors: dict[int, type] = {}
        self._kinds: dict[Description, int] = {}
        self._new_kinds: list[Node] = []
        self._facades: dict[int, tuple[Description, type]] = {}
        self.graphs: dict[int, Any] = {}

    # --- What the two ends do differently ------------------------------------------------------

    def perform(self, name: str, args: list[Any], handles: Sequence[Node]) -> Any:
        """Do what the other side asks for."""
        raise NotImplementedError

    def operators(self, description: Description) -> frozenset[str]:
        """Return which operators stand-ins of that description pass on."""
        raise NotImplementedError

    def local_class(self, description: Description) -> type | None:
        """Return the class of this side that stand-ins of that description are taken for."""
        raise NotImplementedError

    def given_class(self, name: Any, module: Any) -> type | None:
        """Return the class of this side that a record of that name is made of."""
        raise NotImplementedError

    def plain(self, value: Any, base: type) -> Any:
        """Return the plain value of an instance of a subclass of plain data."""
        return resolving.plain(value, base)

    def prefers_handle(self, remote: Any) -> bool:
        """Tell whether an instance of a subclass of plain data stays an object."""
        return False

    def frames(self, error: BaseException) -> list[tuple[str, str, int, str]]:
        """Return the places of an error that the other side may know."""
        return []

    def export_error(self, error: BaseException) -> int | None:
        """Return a number by which an error is known when it comes home."""
        return None

    def method(self, target: Any, name: str) -> Any:
        """Return a method of an object of this side that comes home."""
        return getattr(target, name)

    def library(self, name: str) -> Any:
        """Return a function of a library by its name."""
        raise CrossingError("The answer names code.")

    def check_export(self, value: Any) -> None:
        """Raise `CannotCrossError` when an object must not be known to the other side."""

    def extra(self, writer: Writer, kind: str) -> Node:
        """Return what else goes with a message."""
        return None

    def take_extra(self, reader: Reader, node: Node) -> None:
        """Take what else came with a message."""

    def machinery(self) -> contextlib.AbstractContextManager[Any]:
        """Return what is entered while this module works, and left while other code runs."""
        return contextlib.nullcontext()

    def outside(self) -> contextlib.AbstractContextManager[Any]:
        """Return what is entered while the other side's wish is done."""
        return contextlib.nullcontext()

    def keep(self, tensor: Any) -> None:
        """Keep a tensor whose gradient the other side may ask for."""

    # --- Questions ------------------------------------------------------------------------------

    def ask(self, name: str, *args: Any) -> Any:
        """Ask the other side for an operation; return its result or raise its error."""
        with self.machinery():
            self._depth += 1
            if self._depth > DEEPEST:
                self._depth -= 1
                raise RecursionError("calls go back and forth without an end")
            try:
                return self._ask(name, args)
            finally:
                self._depth -= 1

    def _ask(self, name: str, args: tuple[Any, ...]) -> Any:
        writer = Writer(self)
        self._serial += 1
        serial = self._serial
        self._post("?", serial, lambda: [name, writer.each(args)], writer)
        while True:
            kind, number, body, extras, buffers = self._receive()
            if kind == "?":
                self._answer(number, body, extras, buffers)
                continue
            if number != serial:
                raise CrossingError("The answer belongs to another question.")
            reader = Reader(self, buffers, writer.mutables)
            with self.reading():
                value = excuses.read_error(reader, body) if kind == "!" else reader.read(body)
                self._take(reader, extras)
            if kind == "!":
                raise value
            return value

    def _answer(self, serial: int, body: Node, extras: Any, buffers: list[bytearray]) -> None:
        """Serve one question of the other side."""
        reader = Reader(self, buffers)
        try:
            with self.reading():
                name, nodes = body
                args = reader.each(nodes)
                self._take(reader, extras)
        except CrossingError as error:
            self.misread(serial, error)
            return
        before = [codec.contents(item) for item in reader.mutables]
        writer = Writer(self, reader.mutables)
        try:
            with self.outside():
                value = self.perform(codec.text(name), args, nodes)
            kind, write = "=", lambda: writer.write(value)
        except self.caught as error:
            if self.gone:
                raise
            if isinstance(error, CrossingError):  # it would not cross itself
                error = TypeError(str(error))
            kind, write = "!", self._error_writer(writer, error)

        def changes() -> list[Node]:
            return [
                [number, *codec.write_contents(writer, item)]
                for number, (item, old) in enumerate(zip(reader.mutables, before, strict=True))
                if codec.is_changed(item, old)
            ]

        try:
            with self.machinery():
                self._post(kind, serial, write, writer, changes)
        except Exception as error:
            # An odd object of the student's may raise anything while it is written.
            if isinstance(error, CrossingError) and not isinstance(error, CannotCrossError):
                raise
            writer = Writer(self, reader.mutables)
            self._post("!", serial, self._error_writer(writer, TypeError(str(error))), writer)

    def misread(self, serial: int, error: CrossingError) -> None:
        """Go on, or not, after a question that could not be read."""
        raise error

    def _error_writer(self, writer: Writer, error: BaseException) -> Callable[[], Node]:
        return lambda: excuses.write_error(writer, error)

    def serve(self) -> None:
        """Answer questions until the other side is gone."""
        while True:
            kind, number, body, extras, buffers = self._receive()
            if kind != "?":
                raise CrossingError("An answer came that nobody had asked for.")
            self._answer(number, body, extras, buffers)

    # --- Messages -------------------------------------------------------------------------------

    def _post(
        self,
        kind: str,
        serial: int,
        write: Callable[[], Node],
        writer: Writer,
        changes: Callable[[], list[Node]] | None = None,
    ) -> None:
        """Send a message, and with it all that has changed here since the last one."""
        extras: dict[str, Node] = {}
        # What nobody here holds any more is let go now, when the other side is told so: until the
        # next message it may name all that this one leaves it with.
        self._pinned = []
        try:
            body = write()
            if changes and (changed := changes()):
                extras["m"] = changed
            if (extra := self.extra(writer, kind)) is not None:
                extras["x"] = extra
            updates = [
                [number, *objects.write_contents(writer, what, value)]
                for number, what, value in self.shared.changed(self.channel.check_time)
                if number not in writer.fresh
            ]
            if updates:
                extras["u"] = updates
            if released := [*self._released, *self.shared.released]:
                extras["f"] = released
            if self._new_kinds:
                extras["c"] = self._new_kinds
            text = json.dumps([kind, serial, body, extras]).encode()
            self.channel.check(text, writer.buffers)
        except BaseException:
            for number in writer.fresh:
                self.shared.drop(number)
            raise
        self._pinned = self.shared.alive()
        self._released, self.shared.released, self._new_kinds = {}, [], []
        self.channel.send(text, writer.buffers)

    def _receive(self) -> tuple[str, int, Node, dict[str, Any], list[bytearray]]:
        text, buffers = self.channel.receive()
        with self.reading():
            with _without_collecting():
                message = json.loads(text.decode())
            kind, serial, body, extras = message
            if kind not in ("?", "=", "!") or type(serial) is not int or type(extras) is not dict:
                raise CrossingError("The answer is not one that can be understood.")
            for node in extras.get("c", ()):
                self._take_kind(node)
        return kind, serial, body, extras, buffers

    def _take(self, reader: Reader, extras: dict[str, Any]) -> None:
        """Take in what has changed on the other side."""
        self.take_changes(reader, extras.get("m", ()))
        self.take_extra(reader, extras.get("x"))
        for number, *nodes in extras.get("u", ()):
            self.take_update(reader, number, nodes)
        for number in extras.get("f", ()):
            self.release(number)

    def take_changes(self, reader: Reader, changes: Sequence[Node]) -> None:
        """Change the containers that were sent, as the other side did with its copies."""
        for number, *nodes in changes:
            container = reader.outer[codec.index(number, len(reader.outer))]
            codec.put_contents(reader, container, nodes)

    def take_update(self, reader: Reader, number: Any, nodes: list[Node]) -> None:
        """Change a shared object, as the other side did with its copy."""
        value = self.shared.get(number)
        objects.put_contents(reader, value, nodes)
        self.shared.renew(number)

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Turn what goes wrong in reading a message into a `CrossingError`."""
        try:
            yield
        except CrossingError:
            raise
        except Exception as error:
            # What nobody of us has written can raise anything while it is read.
            raise CrossingError("The answer is not one that can be understood.") from error

    # --- Objects --------------------------------------------------------------------------------

    def next_number(self) -> int:
        """Return a number for one more object of this side."""
        self._last += self.sign
        return self._last

    def is_own(self, number: Any) -> bool:
        """Tell whether a number is one of this side's."""
        return type(number) is int and number * self.sign > 0

    def write_object(self, writer: Writer, value: Any) -> Node:
        """Write what is no plain data."""
        return objects.write_object(self, writer, value)

    def read_object(self, reader: Reader, node: Node) -> Any:
        """Read what is no plain data."""
        return objects.read_object(self, reader, node)

    def export(self, value: Any) -> Node:
        """Return a handle to an object of this side."""
        number = self._export_numbers.get(id(value))
        if number is None or self.exports.get(number) is not value:
            self.check_export(value)
            if len(self.exports) >= MOST_OBJECTS:
                raise CannotCrossError(f"More than {MOST_OBJECTS} objects have crossed.")
            number = self.next_number()
            self.exports[number], self._export_numbers[id(value)] = value, number
        return ["h", number, self._kind_number(describe(value))]

    def _kind_number(self, description: Description) -> int:
        number = self._kinds.get(description)
        if number is None:
            if len(self._kinds) >= MOST_KINDS:
                raise CannotCrossError(f"More than {MOST_KINDS} kinds of objects have crossed.")
            number = self._kinds[description] = len(self._kinds)
            self._new_kinds.append([number, *description.plain()])
        return number

    def _take_kind(self, node: Node) -> None:
        number, *rest = node
        if codec.index(number, MOST_KINDS) in self._facades:
            raise CrossingError("The answer describes a kind of objects twice.")
        description = read_description(rest)
        made = facade(description, self.operators(description), self.local_class(description))
        if description.kind == "network" and "torch" in sys.modules:
            made = type(made.__name__, (network_facade(), made), {"__slots__": ()})
        self._facades[number] = description, made

    def is_exported(self, value: Any) -> bool:
        """Tell whether the other side has a handle to this object."""
        return self.exports.get(self._export_numbers.get(id(value), 0)) is value

    def home(self, number: Any) -> Any:
        """Return an object of this side that comes home."""
        if not self.is_own(number) or number not in self.exports:
            raise CrossingError("The answer names an object that was never sent.")
        return self.exports[number]

    def stand_in(self, number: Any, kind: Any) -> Any:
        """Return the stand-in for an object of the other side: one and the same each time."""
        if type(number) is not int or self.is_own(number) or not number:
            raise CrossingError("The answer names an object that it cannot have.")
        known = self._imports.get(number)
        found = known() if known else None
        if found is not None:
            return found
        if type(kind) is not int or kind not in self._facades or len(self._imports) > MOST_OBJECTS:
            raise CrossingError("The answer holds an object without a description.")
        description, made = self._facades[kind]
        if description.kind == "error":
            if len(self._errors) >= MOST_KINDS:
                raise CrossingError("The answer holds too many classes of errors.")
            found = self._errors[number] = excuses.local_class(self, number, description)
        else:
            found = made(self, number)
        self._released.pop(number, None)
        self.adopt(number, found)
        return found

    def adopt(self, number: int, value: Any) -> None:
        """Know an object here as that of the other side with the number."""
        self._imports[number] = weakref.ref(value, lambda _: self._lost(number))

    def _lost(self, number: int) -> None:
        self._imports.pop(number, None)
        self.let_go(number)

    def let_go(self, number: int) -> None:
        """Tell the other side, with the next message, that its object is of no more use here."""
        self._released[number] = None

    def release(self, number: Any) -> None:
        """Forget an object that the other side has let go."""
        if type(number) is not int:
            raise CrossingError("The answer releases something that is no object.")
        if self.is_own(number):
            value = self.exports.pop(number, None)
            self.graphs.pop(number, None)
            if self._export_numbers.get(id(value)) == number:
                del self._export_numbers[id(value)]

    # --- What stand-ins call ---------------------------------------------------------------------

    def get(self, target: Remote, name: str) -> Any:
        """Return an attribute of an object of the other side."""
        found = self.ask("get", target, name)
        return BoundMethod(target, name) if type(found) is objects.Method else found

    def call(self, target: Remote, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Call an object of the other side."""
        return self.ask("call", target, args, options)

    def call_method(
        self, target: Remote, name: str, args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        """Call a method of an object of the other side."""
        return self.ask("method", target, name, args, options)

    def operate(self, target: Remote, name: str, args: tuple[Any, ...]) -> Any:
        """Let an object of the other side do an operator."""
        return self.ask("operate", target, name, args)

    def words(self, how: str, target: Remote, *args: Any) -> str:
        """Return an object of the other side as text."""
        found = self.ask(how, target, *args)
        return found if type(found) is str else f"<{type(target).__name__} object>"

    def signature(self, target: Remote, *method: str) -> inspect.Signature:
        """Return the signature of a function of the other side."""
        return objects.signature_of(self.ask("signature", target, *method))


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Let no garbage be looked for: so many new objects would have it done again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
