"""The examiner's end of a connection: it asks, and answers what the student's code asks back."""

import builtins
import itertools
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.crossing import gradients, guard, operations, resolving
from autograder.crossing.channel import Channel
from autograder.crossing.codec import Node, Reader, Writer, text
from autograder.crossing.descriptions import ITERATION, OPERATORS, READING, USE, Description
from autograder.crossing.errors import CannotCrossError, CrossingError, StudentGone, StudentTimeout
from autograder.crossing.link import Link
from autograder.crossing.names import RoomNames
from autograder.crossing.remote import Remote
from autograder.crossing.seeding import Seeding

#: How much printed text is kept, in characters.
MOST_TEXT = 200_000
#: How many names a notebook may have, one after the other.
MOST_NAMES = 100_000
#: How much memory tensors may take that are kept for their gradients, in bytes.
MOST_KEPT = 2 * 1024**3
_COMPARISONS = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"})

Operators = Mapping[str, frozenset[str]]


class ExaminerLink(Link):
    """The examiner's end of the connection; see `Student` for the parameters."""

    makes_errors = True
    shares_fields = True

    def __init__(
        self,
        channel: Channel,
        own: Mapping[str, Any],
        operators: "Operators | frozenset[str]",
        apply_changes: bool,
    ) -> None:
        super().__init__(channel, sign=1, weak=True)
        self._own, self._operators, self._apply = own, operators, apply_changes
        self._names: RoomNames | None = None
        self._kept: dict[int, Any] = {}
        self._kept_bytes = 0
        self._arguments: set[int] = set()
        self._printed: list[str] = []
        self._printed_length = 0
        self._builtins = {name: getattr(builtins, name) for name in ("input", "print")}
        self.contexts: list[tuple[str, tuple[Any, ...]]] = []
        self.seeding = Seeding()
        self.changed_arguments = False

    # --- Questions ------------------------------------------------------------------------------

    def ask(self, name: str, *args: Any) -> Any:
        """Ask the student's room; once it has failed, it is not asked again."""
        if self.gone:
            raise StudentGone(f"Your notebook {self.gone}.")
        try:
            return super().ask(name, *args)
        except CannotCrossError:
            raise
        except CrossingError as error:
            self.gone = self.gone or _words(error)
            self.channel.close()
            raise

    @property
    def names(self) -> RoomNames:
        """The names of the student's notebook."""
        if self._names is None:
            self.ask("hello")
        if self._names is None:
            raise StudentGone("Your notebook did not say which names it has.")
        return self._names

    def name(self, name: str) -> Any:
        """Return what a name of the notebook stands for."""
        if resolving.module_named(name) is not None:
            return resolving.module_named(name)
        found = self.ask("name", name)
        if isinstance(found, Remote) and type(found)._crossing_description.kind == "module":
            raise NameError(
                f"name {name!r} is a module that only the student's notebook imports; import it in "
                "the test",
                name=name,
            )
        return found

    def extra(self, writer: Writer, kind: str) -> Node:
        """Return the surroundings of a question: contexts, names, seeds, replaced functions."""
        if kind != "?":
            return None
        self._arguments |= writer.named
        torch = sys.modules.get("torch")
        contexts = [[dotted, writer.each(args)] for dotted, args in self.contexts]
        replaced = {
            name: getattr(builtins, name)
            for name, original in self._builtins.items()
            if getattr(builtins, name) is not original
        }
        return [
            torch.is_grad_enabled() if torch else True,
            contexts,
            self._name_changes(writer),
            self.seeding.write(writer),
            writer.write(replaced) if replaced else None,
        ]

    def _name_changes(self, writer: Writer) -> list[Node]:
        if self._names is None:
            return []
        changes, nodes, self._names.changes = self._names.changes, [], []
        for how, name, value in changes:
            fresh = set(writer.fresh)
            try:
                nodes.append([how, name, writer.write(value)])
            except CannotCrossError:
                # The student's functions go without a helper that they cannot know of.
                for number in writer.fresh - fresh:
                    self.shared.drop(number)
                writer.fresh = fresh
        return nodes

    def take_extra(self, reader: Reader, node: Node) -> None:
        """Take what was printed, and which names there are."""
        if node is None:
            return
        printed, names = node
        if len(printed) > MOST_TEXT:
            raise CrossingError("The answer prints too much.")
        for stream, parts in itertools.groupby(printed, lambda part: text(part[0], 10)):
            self._print(stream, "".join(text(words, MOST_TEXT) for _, words in parts))
        if names is not None:
            known = [text(name, 10_000) for name in names]
            if self._names is None:
                self._names = RoomNames(())
            self._names.seen(known)
            if len(self._names.ever) > MOST_NAMES:
                raise CrossingError("The student's notebook has too many names.")

    def _print(self, stream: str, words: str) -> None:
        # Half a character, which a student may print, cannot be written here.
        words = words[: MOST_TEXT - self._printed_length].encode(errors="replace").decode()
        self._printed_length += len(words)
        self._printed.append(words)
        (sys.stderr if stream == "err" else sys.stdout).write(words)

    @property
    def printed(self) -> str:
        """What the student's code printed."""
        return "".join(self._printed)

    # --- Changes --------------------------------------------------------------------------------

    def take_changes(self, reader: Reader, changes: Sequence[Node]) -> None:
        """Change containers of the test, or note that they would have been."""
        self.changed_arguments |= bool(changes)
        if self._apply:
            super().take_changes(reader, changes)
            return
        for _, *nodes in changes:
            reader.each(nodes)

    def take_update(self, reader: Reader, number: Any, nodes: list[Node]) -> None:
        """Change a shared object; the examiner's own only where changes count."""
        if self.is_own(number):
            self.changed_arguments = self.changed_arguments or self._is_argument(number)
            if not self._apply:
                self.shared.get(number)
                self.shared.forget_stamp(number)
                return
        super().take_update(reader, number, nodes)

    def _is_argument(self, number: int) -> bool:
        """Tell whether an own object was passed; a generator's state changes by being used."""
        return number in self._arguments and self.shared.kind_of(number) != "G"

    def keep(self, tensor: Any) -> None:
        """Keep a leaf of the student's until the end of the test, with its gradient."""
        number = self.shared.number_of(tensor)
        if number is None or self.is_own(number) or number in self._kept:
            return
        self._kept_bytes += tensor.numel() * tensor.element_size()
        if self._kept_bytes > MOST_KEPT:
            raise CrossingError("The parameters are too large.")
        self._kept[number] = tensor

    # --- What the student's code may do -----------------------------------------------------------

    def check_export(self, value: Any) -> None:
        """Raise `CannotCrossError` for what the student's code must not get hold of."""
        guard.check_export(value)

    def perform(self, name: str, args: list[Any], handles: Sequence[Node]) -> Any:
        """Do what the student's code asks of an object that was passed to it."""
        operation = operations.BY_NAME.get(name)
        if operation is None:
            raise CrossingError("Your code asked for something that there is not.")
        if name == "vjp":
            return gradients.products(self, *args)
        is_handle = type(handles) is list and type(handles[0]) is list and handles[0][0] == "o"
        if not is_handle or not self.is_exported(args[0]):
            raise CrossingError("Your code asked for an object that it was never given.")
        return operation(*args)

    def operators(self, description: Description) -> frozenset[str]:
        """Return which operators of a student's object may take part in a test."""
        has, kind = description.operators, description.kind
        if kind == "iterator":
            return ITERATION & has
        if kind in ("function", "class", "error"):
            return frozenset({"__call__"})
        if kind in ("module", "coroutine"):
            return frozenset()
        if kind == "network":
            return (USE | READING) & has
        allowed = USE | READING if resolving.is_library(description) else USE
        return (allowed | self._of_solution(description.name)) & has

    def _of_solution(self, name: str) -> frozenset[str]:
        """Return which operators the solution gives its class of that name."""
        if isinstance(self._operators, Mapping):
            return self._operators.get(name, frozenset())
        return OPERATORS if name in self._operators else frozenset()

    def operate(self, target: Remote, name: str, args: tuple[Any, ...]) -> Any:
        """Let a student's object do an operator; with plain data it never decides what is equal."""
        if name in ("__eq__", "__ne__") and not isinstance(args[0], Remote):
            data = self._operators
            where = data.get(type(target).__name__, ()) if isinstance(data, Mapping) else ()
            if f"{name}:data" not in where:
                return NotImplemented
        found = super().operate(target, name, args)
        if name in _COMPARISONS and isinstance(found, Remote):
            raise TypeError(f"{name} of {type(target).__name__!r} should return a bool")
        return found

    def local_class(self, description: Description) -> type | None:
        """Return the class of the test's that a student's object is an instance of."""
        return resolving.class_for(description, self._own)

    def given_class(self, name: str, module: str) -> type | None:
        """Return a class that the assignment gives, by its name."""
        found = dict.get(self._own, name) if isinstance(self._own, dict) else None
        return found if resolving.is_class(found) else None

    def prefers_handle(self, remote: Any) -> bool:
        """Tell whether an instance of a subclass of plain data stays an object."""
        name = type(remote).__name__
        return isinstance(remote, Remote) and name in self._operators

    def method(self, target: Any, name: str) -> Any:
        """Return a public method of an object that was passed to the student's code."""
        if not self.is_exported(target):
            raise CrossingError("The answer names a method of an object that was never sent.")
        guard.check_name(target, name)
        return super().method(target, name)

    def plain(self, value: Any, base: type) -> Any:
        """Return the plain value of an instance of a subclass of plain data."""
        guard.check_export(value)
        return super().plain(value, base)

    def export_error(self, error: BaseException) -> int | None:
        """Return a number by which an error of the test's is known when it comes home."""
        number: int = self.export(error)[1]
        return number

    def stand_in(self, number: Any, kind: Any) -> Any:
        """Return the stand-in for a student's object; a coroutine is one to await here."""
        found = super().stand_in(number, kind)
        if isinstance(found, Remote) and type(found)._crossing_description.kind == "coroutine":
            return _awaiting(found)
        return found


async def _awaiting(coroutine: Remote) -> Any:
    return coroutine._crossing_link.ask("await", coroutine)


def _words(error: CrossingError) -> str:
    """Return what became of a notebook, to go on after the words "Your notebook"."""
    if isinstance(error, StudentTimeout):
        return "did not answer in time: does every loop come to an end?"
    if isinstance(error, StudentGone):
        return "ended the Python process it ran in: take exit(), os._exit() and the like out"
    return "gave an answer that is none"
