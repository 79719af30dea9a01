"""What a student returned, as a plain numpy array; the original is never touched."""

import copy
import inspect
import numbers
import sys
from typing import Any

import numpy as np

from cmp784.checks.mistakes import Mistake, short


def is_tensor(value: Any) -> bool:
    """Tell whether ``value`` is a torch tensor, without importing torch for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_array(value: Any, name: str) -> np.ndarray:
    """Return numbers of any kind as a numpy array of its own.

    Parameters
    ----------
    value
        A Python number, a list, a numpy array, or a tensor, with or without gradient, on any
        device.
    name
        What it is called in the message.

    Raises
    ------
    Mistake
        When it is None, a function, text, ragged, or otherwise no array of numbers.

    Examples
    --------
    >>> as_array([[1, 2], [3, 4]], "table").shape
    (2, 2)
    >>> as_array(None, "softmax(x)")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: softmax(x) is None.
    Your function returned None: is the return statement missing?
    """
    _refuse_what_is_no_number(value, name)
    if is_tensor(value):
        return _from_tensor(value)
    try:
        array = np.array(_plain(value, name))
    except (ValueError, TypeError) as error:
        if isinstance(error, Mistake):
            raise
        raise Mistake(
            f"{name}: the rows have different lengths, so they make no array.",
            f"Seen: {short(value)}",
            step="Print the length of each row.",
        ) from None
    if array.dtype == object and all(isinstance(item, numbers.Real) for item in array.flat):
        return array.astype(float)  # fractions, or integers too large for 64 bits
    if array.dtype.kind not in "biufc":
        raise Mistake(f"{name}: expected numbers, found {_kind(value)}.", f"Seen: {short(value)}")
    return array


def as_real(value: Any, name: str) -> np.ndarray:
    """Return real numbers, at least one; a comparison with a bound makes sense for no others."""
    found = as_array(value, name)
    if found.size == 0:
        raise Mistake(f"{name} is empty.", f"Its shape is {found.shape}.")
    if found.dtype.kind == "c":
        raise Mistake(f"{name} is complex, expected real numbers.", f"Seen: {short(value)}")
    return found


def dtype_name(value: Any, name: str) -> str:
    """Return the number type as both libraries call it: ``float32``, ``int64``, ``bool``."""
    if is_tensor(value):
        return str(value.dtype).removeprefix("torch.")
    return as_array(value, name).dtype.name


def is_several(value: Any) -> bool:
    """Tell a tuple or list of separate results from an array written as a list."""
    if not isinstance(value, list | tuple):
        return False
    return any(is_tensor(item) or isinstance(item, np.ndarray | dict) for item in value) or (
        isinstance(value, tuple) and any(isinstance(item, list | tuple) for item in value)
    )


def copied(value: Any) -> Any:
    """Return a copy that shares no memory with ``value``; tensors keep ``requires_grad``."""
    if is_tensor(value):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(copied(item) for item in value))
    if type(value) in (list, tuple):
        return type(value)(copied(item) for item in value)
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    return copy.deepcopy(value)


def same(first: Any, second: Any) -> bool:
    """Tell whether two values agree in type, shape, number type and every value; NaN is itself."""
    if is_tensor(first) or isinstance(first, np.ndarray):
        if type(first) is not type(second) or first.dtype != second.dtype:
            return False
        one, two = (_from_tensor(v) if is_tensor(v) else v for v in (first, second))
        floats = one.dtype.kind in "fc"
        return one.shape == two.shape and bool(np.array_equal(one, two, equal_nan=floats))
    if isinstance(first, dict):
        return (
            isinstance(second, dict)
            and list(first) == list(second)
            and all(same(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, list | tuple):
        return (
            type(first) is type(second)
            and len(first) == len(second)
            and all(map(same, first, second))
        )
    if hasattr(first, "state_dict") and hasattr(second, "state_dict"):
        return same(dict(first.state_dict()), dict(second.state_dict()))
    if type(first).__eq__ is object.__eq__:  # such as a generator: two copies never compare equal
        return type(first) is type(second)
    both_nan = first != first and second != second
    return both_nan or (type(first) is type(second) and bool(first == second))


def as_tensor(array: np.ndarray, double: bool = False) -> Any:
    """Return a tensor with the values of an array, in single or double precision."""
    import torch

    return torch.tensor(array, dtype=torch.float64 if double else torch.float32)


def _from_tensor(tensor: Any) -> np.ndarray:
    """Return a tensor's values; numpy knows no bfloat16, no sparse and no lazy conjugate."""
    plain = tensor.detach().cpu()
    plain = plain.to_dense() if plain.layout != sys.modules["torch"].strided else plain
    if plain.dtype.is_floating_point and plain.dtype.itemsize < 4:
        plain = plain.float()
    return plain.resolve_conj().resolve_neg().numpy().copy()


def _plain(value: Any, name: str) -> Any:
    """Return lists with their tensors turned into arrays, so that numpy can stack them."""
    if isinstance(value, list | tuple | range):
        return [_plain(item, name) for item in value]
    if is_tensor(value):
        return _from_tensor(value)
    if value is None:
        raise Mistake(
            f"{name} holds None.",
            likely="A function returned None: is the return statement missing?",
        )
    return value


def _refuse_what_is_no_number(value: Any, name: str) -> None:
    if value is None:
        raise Mistake(
            f"{name} is None.",
            likely="Your function returned None: is the return statement missing?",
        )
    if value is Ellipsis:
        raise Mistake(f"{name} is still `...`.", step="Write your answer in its place.")
    if isinstance(value, type) or inspect.isroutine(value):
        raise Mistake(
            f"{name} is {_kind(value)}, not its result.",
            likely="It looks as if the brackets of the call are missing.",
            step=f"Call it: {getattr(value, '__name__', 'name')}(...).",
        )
    if inspect.isgenerator(value) or isinstance(value, map | filter | zip):
        raise Mistake(
            f"{name} is {_kind(value)}, which can be read only once.",
            step="Put list(...) around it.",
        )
    if isinstance(value, str | bytes | dict | set | frozenset):
        raise Mistake(f"{name}: expected numbers, found {_kind(value)}.", f"Seen: {short(value)}")


def _kind(value: Any) -> str:
    """Return the type in words a beginner knows."""
    words = {
        "str": "text",
        "bytes": "bytes",
        "dict": "a dict",
        "set": "a set",
        "frozenset": "a set",
        "type": "a class",
        "function": "a function",
        "method": "a method",
        "builtin_function_or_method": "a function",
        "generator": "a generator",
        "map": "a map",
        "filter": "a filter",
        "zip": "a zip",
    }
    return words.get(type(value).__name__, f"an object of type {type(value).__name__}")
