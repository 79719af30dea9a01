"""The student's end: answers what a test asks of the notebook, beside the student's code."""

import asyncio
import builtins
import contextlib
import copy
import importlib
import os
import socket
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.crossing import excuses, gradients, in_room, objects, resolving, seeding
from autograder.crossing.channel import Channel
from autograder.crossing.codec import Node, Reader, Writer
from autograder.crossing.descriptions import Description
from autograder.crossing.errors import CrossingError
from autograder.crossing.link import Link

#: How much is read of the work folder: files, bytes of one, bytes of all.
MOST_FILES, MOST_OF_ONE, MOST_OF_ALL = 200, 8 * 1024**2, 32 * 1024**2
_MOST_PRINTED = 100_000
_MISSING = object()
_HERE = os.path.dirname(__file__)


def serve(sock: socket.socket, namespace: dict[str, Any]) -> None:
    """Answer a test's questions about the names of a notebook, until it hangs up.

    Parameters
    ----------
    sock
        The connection to a `Student`.
    namespace
        The names.
    """
    # The notebook's own loop does not run in this fork.
    asyncio._set_running_loop(None)
    in_room.silence()
    link = RoomLink(Channel(sock), namespace)
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = link.stream("out"), link.stream("err")
    try:
        with contextlib.suppress(CrossingError):
            link.serve()
    finally:
        sys.stdout, sys.stderr = streams


class _Stream:
    """Text that goes to the examiner with the next message."""

    encoding, errors, closed, name = "utf-8", "strict", False, "<stdout>"

    def __init__(self, printed: list[list[str]], name: str) -> None:
        self._printed, self._stream, self._left = printed, name, _MOST_PRINTED

    def write(self, words: str) -> int:
        """Keep some text."""
        if not isinstance(words, str):
            raise TypeError(f"write() argument must be str, not {type(words).__name__}")
        if self._left > 0 and words:
            self._printed.append([self._stream, words[: self._left]])
            self._left -= len(words)
        return len(words)

    def writelines(self, lines: Any) -> None:
        """Keep several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Do nothing."""

    def isatty(self) -> bool:
        """Return that nobody looks."""
        return False

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return the number of the process's own stream."""
        return 2 if self._stream == "err" else 1


class RoomLink(Link):
    """The student's end of the connection."""

    caught = BaseException
    tells_subclasses = True
    takes_fields = True

    def __init__(self, channel: Channel, namespace: dict[str, Any]) -> None:
        super().__init__(channel, sign=-1, weak=False)
        self.namespace = namespace
        self._saved: dict[str, Any] = {}
        self._told: set[str] | None = None
        self._printed: list[list[str]] = []
        self._contexts: list[tuple[str, list[Any]]] = []
        self._grad = True
        self._original = {name: getattr(builtins, name) for name in ("input", "print")}

    def stream(self, name: str) -> Any:
        """Return a stream whose text is told to the examiner."""
        return _Stream(self._printed, name)

    # --- Messages -------------------------------------------------------------------------------

    def extra(self, writer: Writer, kind: str) -> Node:
        """Return what was printed, and the names if there are others than before."""
        printed = list(self._printed)
        self._printed.clear()
        names = {name for name in self.namespace if isinstance(name, str)}
        news = None if names == self._told else sorted(names)
        self._told = names
        return [printed, news] if printed or news is not None else None

    def take_extra(self, reader: Reader, node: Node) -> None:
        """Take the surroundings of a question."""
        if node is None:
            return
        self._grad, contexts, names, seeds, replaced = node
        self._contexts = [(dotted, reader.each(args)) for dotted, args in contexts]
        for how, name, value in names:
            self._change_name(how, name, reader.read(value))
        if seeds is not None:
            seeding.take(reader, seeds)
        functions = reader.read(replaced) if replaced is not None else {}
        for name, original in self._original.items():
            setattr(builtins, name, functions.get(name, original))

    def _change_name(self, how: str, name: str, value: Any) -> None:
        if how == "=":
            self._saved.setdefault(name, self.namespace.get(name, _MISSING))
            self.namespace[name] = value
        elif how == "-":
            self.namespace.pop(name, None)
        else:
            before = self._saved.pop(name, _MISSING)
            if before is _MISSING:
                self.namespace.pop(name, None)
            else:
                self.namespace[name] = before

    def release(self, number: Any) -> None:
        """Forget what the examiner has let go: objects of ours, and shared ones of either side."""
        super().release(number)
        self.shared.drop(number)

    @contextlib.contextmanager
    def machinery(self) -> Iterator[None]:
        """Let nobody who watches the student's code see how a message is made."""
        profile = sys.getprofile()
        sys.setprofile(None)
        torch = sys.modules.get("torch")
        hidden = torch._C.DisableTorchFunction() if torch else contextlib.nullcontext()
        try:
            with hidden:
                yield
        finally:
            sys.setprofile(profile)

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """Run the student's code as it is, also within a call of the examiner's."""
        torch = sys.modules.get("torch")
        if torch is None:
            yield
            return
        with torch._C._EnableTorchFunction(), torch.set_grad_enabled(self._grad is True):
            yield

    def misread(self, serial: int, error: CrossingError) -> None:
        """Say that a question could not be read."""
        writer = Writer(self)
        self._post("!", serial, self._error_writer(writer, TypeError(str(error))), writer)

    # --- Operations -----------------------------------------------------------------------------

    def perform(self, name: str, args: list[Any], handles: Sequence[Node]) -> Any:
        """Do what the test asks for, within the contexts that it entered."""
        if name in _USES:
            with contextlib.ExitStack() as stack:
                for dotted, values in self._contexts:
                    stack.enter_context(_imported(dotted)(*values))
                return _USES[name](*args)
        if name in _QUESTIONS:
            return _QUESTIONS[name](*args)
        return getattr(self, f"_do_{name}")(*args)

    def _do_hello(self) -> None:
        """Do nothing: the names come with the answer."""

    def _do_name(self, name: str) -> Any:
        if name not in self.namespace:
            raise NameError(f"name {name!r} is not defined", name=name)
        return self.namespace[name]

    def _do_vjp(self, number: int, gradient: Any) -> Any:
        return gradients.products(self, number, gradient)

    def _do_run(self, source: str, before: list[str]) -> Any:
        return in_room.run(source, self.namespace, before)

    def _do_await(self, coroutine: Any) -> Any:
        return asyncio.run(coroutine)

    def _do_files(self) -> dict[str, bytes]:
        return dict(_files())

    def _do_library(self, dotted: str, args: Any, options: Any) -> Any:
        return _imported(dotted)(*args, **options)

    # --- Objects --------------------------------------------------------------------------------

    def operators(self, description: Description) -> frozenset[str]:
        """Return all operators: what the examiner's objects can do is the examiner's business."""
        return description.operators

    def local_class(self, description: Description) -> type | None:
        """Return the class of the notebook's that an object of the test's is an instance of."""
        return resolving.class_for(description, self.namespace)

    def given_class(self, name: str, module: str) -> type | None:
        """Return a class of the notebook's, by its name."""
        found = self.namespace.get(name)
        return found if resolving.is_class(found) else None

    def frames(self, error: BaseException) -> list[tuple[str, str, int, str]]:
        """Return where an error of the student's code passed through."""
        return excuses.places(error.__traceback__, _HERE)

    def library(self, name: str) -> Any:
        """Return a library's function that the test names."""
        return objects.find_library(name)


def _imported(dotted: str) -> Any:
    """Return what a dotted name stands for; its module is imported."""
    module, _, name = dotted.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    if isinstance(found, type(sys)):  # a function that has the name of its module
        found = getattr(found, name)
    return found


def _files() -> Iterator[tuple[str, bytes]]:
    """Go through the files below the work folder, as far as they are not too large."""
    left, count = MOST_OF_ALL, 0
    for folder, folders, names in os.walk("."):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in sorted(names):
            path = os.path.join(folder, name)
            found = os.lstat(path)
            if not stat.S_ISREG(found.st_mode) or found.st_size > min(left, MOST_OF_ONE):
                continue
            with contextlib.suppress(OSError), open(path, "rb") as file:
                content = file.read(MOST_OF_ONE)
                yield os.path.normpath(path), content
                left, count = left - len(content), count + 1
            if count >= MOST_FILES:
                return


def _next(target: Any) -> tuple[Any, ...]:
    try:
        return (next(target),)
    except StopIteration:
        return ()


def _operate(target: Any, name: str, args: Any) -> Any:
    return getattr(type(target), name)(target, *args)


def _signature(target: Any, *method: str) -> Any:
    return objects.signature_parts(getattr(target, method[0]) if method else target)


def _make_error(kind: type, args: Any, options: Any) -> Any:
    return kind(*args, **options)


def _listed(target: Any, name: str, args: Any, options: Any) -> list[Any]:
    return list(getattr(target, name)(*args, **options))


#: Operations that run the student's code on a test's wish.
_USES: dict[str, Callable[..., Any]] = {
    "call": lambda target, args, options: target(*args, **options),
    "method": lambda target, name, args, options: getattr(target, name)(*args, **options),
    "listed": _listed,
    "operate": _operate,
    "next": _next,
    "get": resolving.attribute,
    "make_error": _make_error,
}
_QUESTIONS: dict[str, Callable[..., Any]] = {
    "set": setattr,
    "delete": delattr,
    "dir": lambda target: [str(name) for name in dir(target)],
    "repr": repr,
    "str": str,
    "format": format,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "isinstance": isinstance,
    "issubclass": issubclass,
    "signature": _signature,
    "method_doc": lambda target, name: getattr(target, name).__doc__,
}
