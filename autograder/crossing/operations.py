"""What the student's code may ask of the examiner's objects, each behind its guard."""

import itertools
import re
from typing import Any

from autograder.crossing import gradients, guard, resolving
from autograder.crossing.codec import text
from autograder.crossing.descriptions import OPERATORS
from autograder.crossing.link import MOST_OBJECTS


def _call(target: Any, args: Any, options: Any) -> Any:
    guard.check_call(target)
    return target(*args, **guard.option_names(options))


def _method(target: Any, name: Any, args: Any, options: Any) -> Any:
    guard.check_name(target, text(name))
    return getattr(target, name)(*args, **guard.option_names(options))


def _get(target: Any, name: Any) -> Any:
    guard.check_name(target, text(name))
    return resolving.attribute(target, name)


def _set(target: Any, name: Any, value: Any) -> None:
    guard.check_set(target, text(name))
    setattr(target, name, value)


def _operate(target: Any, name: Any, args: Any) -> Any:
    method = getattr(type(target), name, None) if name in OPERATORS else None
    # The hash of an object tells where it lies in memory.
    if method in (None, object.__hash__) or isinstance(target, guard.SECRET):
        raise TypeError(f"{type(target).__name__!r} object has no such operator")
    return method(target, *args)


def _next(target: Any) -> tuple[Any, ...]:
    try:
        return (next(target),)
    except StopIteration:
        return ()


def _format(target: Any, form: Any) -> str:
    if re.search(r"\d{4}", text(form)):
        raise ValueError("that would be too wide")
    return format(guard.words(target), form)


#: By the name that a room asks for.
BY_NAME: dict[str, Any] = {
    "call": _call,
    "method": _method,
    "listed": lambda target, *how: list(itertools.islice(_method(target, *how), MOST_OBJECTS)),
    "get": _get,
    "set": _set,
    "operate": _operate,
    "next": _next,
    "repr": guard.words,
    "str": guard.words,
    "format": _format,
    "vjp": gradients.products,
}
