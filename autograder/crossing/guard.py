"""What a student's code may do with the examiner's objects: call them, and use what is public."""

import functools
import sys
import types
from collections.abc import Mapping
from typing import Any

from autograder.crossing.errors import CannotCrossError

#: Objects that can be called or gone through, and have nothing else to look at.
CLOSED = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.MethodWrapperType,
    types.GeneratorType,
    types.CoroutineType,
    types.AsyncGeneratorType,
    functools.partial,
    property,
    staticmethod,
    classmethod,
    BaseException,
)
#: Objects that show how a test is made: they never cross.
SECRET = (types.CodeType, types.FrameType, types.TracebackType, types.ModuleType, types.CellType)
#: Packages whose objects hold the machinery of an examination.
SECRET_PACKAGES = frozenset({"autograder", "IPython", "ipykernel", "nbgrader", "traitlets", "zmq"})

#: Public attributes by which a mock is told what to say, or says what was asked of it.
_MOCKS_OWN = frozenset({"side_effect", "return_value", "method_calls"})


def check_export(value: Any) -> None:
    """Raise `CannotCrossError` for an object that the student's code must not get hold of."""
    package = str(getattr(type(value), "__module__", "")).partition(".")[0]
    if isinstance(value, SECRET) or package in SECRET_PACKAGES:
        raise CannotCrossError(
            f"A {type(value).__name__} cannot cross to the student's code. Pass plain data, or tag "
            'the cell "in-room" to run the test beside it.'
        )


def check_name(target: Any, name: str) -> None:
    """Raise `AttributeError` for an attribute that is not public."""
    hidden = name.startswith("_") or not name.isidentifier() or name in _hidden_names(target)
    if hidden or isinstance(target, (*CLOSED, *SECRET)):
        raise AttributeError(f"{type(target).__name__!r} object has no attribute {name!r}")


def _hidden_names(target: Any) -> frozenset[str]:
    """Return public names by which a mock could be told what to say, or a class opened."""
    if isinstance(target, type):
        return frozenset({"mro"})
    mock = sys.modules.get("unittest.mock")
    if mock is not None and isinstance(target, mock.NonCallableMock):
        return frozenset(dir(mock.NonCallableMock)) | _MOCKS_OWN
    return frozenset()


def check_set(target: Any, name: str) -> None:
    """Raise `AttributeError` for an attribute that is not an object's own to set."""
    check_name(target, name)
    if isinstance(target, type):
        raise AttributeError(f"cannot set {name!r} of the class {target.__name__!r}")
    of_class = getattr(type(target), name, None)
    settable = of_class is None or hasattr(type(of_class), "__set__") or not callable(of_class)
    if not settable:
        raise AttributeError(
            f"cannot set the method {name!r} of a {type(target).__name__!r} object"
        )


def check_call(target: Any) -> None:
    """Raise `TypeError` for an object that is nothing to call."""
    if not callable(target):
        raise TypeError(f"{type(target).__name__!r} object is not callable")


def words(target: Any) -> str:
    """Return what an object is called; nothing of where it lies or how it is made."""
    if isinstance(target, type):
        return f"<class {target.__name__!r}>"
    if isinstance(target, CLOSED):
        return f"<function {getattr(target, '__name__', 'function')}>"
    for how in ("__str__", "__repr__"):
        if getattr(type(target), how) is not getattr(object, how):
            return str(target)[:10_000]
    return f"<{type(target).__name__} object>"


def option_names(options: Any) -> dict[str, Any]:
    """Return keyword arguments; raise `TypeError` when they are none."""
    if not isinstance(options, Mapping) or not all(type(key) is str for key in options):
        raise TypeError("keywords must be strings")
    return dict(options)
