"""Errors across rooms: classes of Python by name, the student's own as classes made here."""

import builtins
import linecache
import sys
import traceback
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

from autograder.crossing.codec import Node, Reader, Writer, index, text
from autograder.crossing.descriptions import Description, each_base
from autograder.crossing.errors import CrossingError

if TYPE_CHECKING:
    from autograder.crossing.link import Link

#: Errors by which Python itself steers a program: from a call they would end a test's loop.
STEERING = (
    "StopIteration",
    "StopAsyncIteration",
    "GeneratorExit",
    "SystemExit",
    "KeyboardInterrupt",
)
#: Where else error classes may be looked up; none of them means that a test is to be left out.
LIBRARIES = ("torch", "numpy", "json", "decimal", "cmp784", "pandas", "scipy", "sklearn", "re")
#: Never errors of these names: they decide how a check ends, and not what went wrong.
_NEVER = ("NotYet", "SkipTest", "Skipped")
#: How many places of a traceback, causes, arguments, notes and attributes of an error cross.
MOST_FRAMES, MOST_CAUSES, MOST_ARGUMENTS, MOST_NOTES, MOST_ATTRIBUTES = 40, 4, 20, 20, 50
#: How much text of each.
MOST_TEXT = 20_000
_PLAIN = (type(None), bool, int, float, str)


def write_error(writer: Writer, error: BaseException, causes: int = MOST_CAUSES) -> Node:
    """Write an error: its class, arguments, plain attributes, notes, places and causes."""
    link = writer.link
    if (home := home_number(link, error)) is not None:
        return ["o", home]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    values = {key: value for key, value in _attributes(error) if isinstance(value, _PLAIN)}
    return [
        "x",
        _write_class(writer, type(error)),
        [_argument(value) for value in error.args[:MOST_ARGUMENTS]],
        _message(error),
        [part for pair in values.items() for part in pair],
        [str(note)[:MOST_TEXT] for note in getattr(error, "__notes__", [])[:MOST_NOTES]],
        [list(frame) for frame in link.frames(error)],
        write_error(writer, cause, causes - 1) if cause is not None and causes else None,
        link.export_error(error),
    ]


def _attributes(error: BaseException) -> list[tuple[str, Any]]:
    found = [(key, value) for key, value in vars(error).items() if isinstance(key, str)]
    named = (
        "name",
        "obj",
        "errno",
        "strerror",
        "filename",
        "lineno",
        "offset",
        "text",
        "msg",
        "code",
    )
    found += [(key, getattr(error, key, None)) for key in named if not key.startswith("_")]
    plain = {key: value for key, value in found if not key.startswith("_")}
    return [(key, value) for key, value in plain.items() if type(value) in _PLAIN][:MOST_ATTRIBUTES]


def _argument(value: Any) -> Any:
    """Return an argument of an error as plain data, or its words."""
    if type(value) is int and value.bit_length() > 60:
        return _words(value)
    if type(value) in _PLAIN:
        return value[:MOST_TEXT] if isinstance(value, str) else value
    if type(value) is tuple:
        return ["t", *(_argument(part) for part in value[:MOST_ARGUMENTS])]
    return _words(value)


def _words(value: Any) -> str:
    try:
        return repr(value)[:MOST_TEXT]
    except Exception:
        return f"<{type(value).__name__}>"


def _message(error: BaseException) -> str:
    try:
        return str(error)[:MOST_TEXT]
    except Exception:
        return ""


def _write_class(writer: Writer, kind: type) -> Node:
    if getattr(builtins, kind.__name__, None) is kind:
        return ["b", kind.__name__]
    if (home := home_number(writer.link, kind)) is not None:
        return ["o", home]
    root = kind.__module__.partition(".")[0]
    if root in LIBRARIES and _find(kind.__module__, kind.__qualname__) is kind:
        return ["L", kind.__module__, kind.__qualname__]
    return writer.link.export(kind)


def home_number(link: "Link", value: Any) -> int | None:
    """Return the number of an error, or error class, that came from the other side."""
    if not isinstance(value, BaseException) and not isinstance(value, type):
        return None
    known = vars(value).get("_crossing_home")
    if type(known) is tuple and known[0] is link:
        return int(known[1])
    return None


def local_class(link: "Link", number: int, description: Description) -> type:
    """Return a class made here that stands for an error class of the other side."""
    given = link.local_class(description)
    if given is not None and _usable(given) is given:
        return given
    base: Any = Exception
    for module, name in each_base(description):
        found = _known_class(module, name)
        if found is not None:
            base = found
            break
    names = {
        "__module__": description.module or "__main__",
        "_crossing_home": (link, number),
        "__str__": lambda self: vars(self).get("_crossing_words") or base.__str__(self),
    }
    return _ErrorClass(description.name, (base,), names)


class _ErrorClass(type):
    """The class of error classes made here."""

    def __call__(cls, *args: Any, **options: Any) -> Any:
        """Let the student's class make the error, so that it has its attributes."""
        link, _number = vars(cls)["_crossing_home"]
        if link.gone or not link.makes_errors:
            return super().__call__(*args)
        made = link.ask("make_error", cls, args, options)
        return made if isinstance(made, BaseException) else super().__call__(*args)


def _known_class(module: str, name: str) -> type | None:
    """Return an error class that both rooms have."""
    if module == "builtins" or module.partition(".")[0] in LIBRARIES:
        return _usable(_find(module, name))
    return None


def _find(module: str, name: str) -> Any:
    """Return what a dotted name stands for in a module, without asking the module for it.

    Some modules import others when they are asked.
    """
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = vars(found).get(part) if isinstance(found, type | ModuleType) else None
    return found


def _usable(kind: Any) -> type | None:
    """Return an error class, or one in place of it that steers neither a loop nor a check."""
    if not isinstance(kind, type) or not issubclass(kind, Exception):
        return None
    if any(base.__name__ in _NEVER for base in kind.__mro__ if type(base) is not _ErrorClass):
        return None
    return RuntimeError if issubclass(kind, StopIteration | StopAsyncIteration) else kind


def read_error(reader: Reader, node: Node, causes: int = MOST_CAUSES) -> BaseException:
    """Return an error that the other side wrote; raise `CrossingError` when it is none."""
    if type(node) is list and node and node[0] == "o":
        found = reader.link.home(node[1])
        if not isinstance(found, Exception) or _usable(type(found)) is not type(found):
            raise CrossingError("The answer raises something that is no error.")
        return found
    if type(node) is not list or len(node) != 9 or node[0] != "x":
        raise CrossingError("The answer raises something that is no error.")
    _, kind, args, message, attributes, notes, frames, cause, home = node
    values = tuple(_read_argument(value) for value in _few(args, MOST_ARGUMENTS))
    error = _make(_read_class(reader, kind), values, text(message, MOST_TEXT), kind)
    if type(error).__module__ != "builtins" or type(error).__name__ in _WITH_ATTRIBUTES:
        _set_attributes(error, _few(attributes, 2 * MOST_ATTRIBUTES))
    for note in _few(notes, MOST_NOTES):
        error.add_note(text(note, MOST_TEXT))
    if cause is not None and causes:
        error.__cause__ = read_error(reader, cause, causes - 1)
    if home is not None:
        vars(error)["_crossing_home"] = reader.link, index(home, 2**62)
    vars(error)["frames_elsewhere"] = [_frame(frame) for frame in _few(frames, MOST_FRAMES)]
    return error


def _few(values: Any, most: int) -> list[Any]:
    """Return a list of the answer's, which may not be long."""
    if type(values) is not list or len(values) > most:
        raise CrossingError("The answer raises an error that says too much.")
    return values


_WITH_ATTRIBUTES = (
    "NameError",
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "UnboundLocalError",
)


def _read_argument(value: Any) -> Any:
    if type(value) is list and value and value[0] == "t":
        return tuple(_read_argument(part) for part in _few(value[1:], MOST_ARGUMENTS))
    if type(value) not in _PLAIN:
        raise CrossingError("The answer raises an error that holds no plain data.")
    return text(value, MOST_TEXT) if type(value) is str else value


def _read_class(reader: Reader, node: Node) -> type:
    if node[0] == "b":
        return _known_class("builtins", text(node[1])) or RuntimeError
    if node[0] == "L":
        return _known_class(text(node[1]), text(node[2])) or RuntimeError
    found = reader.link.home(node[1]) if node[0] == "o" else reader.read(node)
    usable = _usable(found)
    if usable is None:
        raise CrossingError("The answer raises something that is no error.")
    return usable


def _make(kind: Any, args: tuple[Any, ...], message: str, node: Node) -> BaseException:
    """Make an error without running code of its class."""
    if node[0] == "b" and node[1] in STEERING:
        words = {
            "SystemExit": "it asked Python to stop (SystemExit)",
            "KeyboardInterrupt": "it was interrupted (KeyboardInterrupt)",
        }.get(node[1], f"it raised {node[1]}, which only the inside of an iterator may")
        return RuntimeError(f"Your code did not return: {words}.")
    if kind.__module__ == "builtins":
        try:
            error = kind(*args)
        except Exception:
            error = RuntimeError(message)
        assert isinstance(error, BaseException)
        return error
    base = next(base for base in kind.__mro__ if base.__module__ == "builtins")
    try:
        made = base.__new__(kind, *args) if base in (Exception, *_SIMPLE) else base.__new__(kind)
    except TypeError:  # a group of errors cannot be made without them
        return RuntimeError(message)
    assert isinstance(made, BaseException)
    made.args = args
    vars(made)["_crossing_words"] = message
    return made


_SIMPLE = (
    ValueError,
    TypeError,
    RuntimeError,
    AssertionError,
    ArithmeticError,
    LookupError,
    KeyError,
)


def _set_attributes(error: BaseException, values: Any) -> None:
    for key, value in zip(values[::2], values[1::2], strict=True):
        if text(key, 100).isidentifier() and not key.startswith("_") and type(value) in _PLAIN:
            try:
                object.__setattr__(error, key, value)
            except (AttributeError, TypeError):
                continue


def _frame(node: Any) -> tuple[str, str, int, str]:
    file, name, line, source = node
    if type(line) is not int:
        raise CrossingError("The answer raises an error without its places.")
    return text(file, 1000), text(name, 1000), line, text(source, 1000)


def places(trace: TracebackType | None, skip: str) -> list[tuple[str, str, int, str]]:
    """Return where an error passed through, oldest first, without the files below ``skip``."""
    found = []
    for frame, line in traceback.walk_tb(trace):
        code = frame.f_code
        if code.co_filename.startswith(skip):
            continue
        source = linecache.getline(code.co_filename, line, frame.f_globals).strip()
        found.append((code.co_filename[:300], code.co_name[:200], int(line or 0), source[:300]))
    return found[-MOST_FRAMES:]
