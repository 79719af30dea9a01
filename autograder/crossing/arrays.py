"""Arrays of numpy and tensors of torch as buffers, copied out and checked on the way in."""

import itertools
import math
import re
import sys
import zlib
from typing import Any

from autograder.crossing.codec import Node, Reader, Writer, index, text
from autograder.crossing.errors import CannotCrossError, CrossingError

#: Number types of numpy that cross as bytes.
_DTYPE = re.compile(
    r"[<>|=]?(?:[biufc](?:1|2|4|8|16)|[US][1-9]\d{0,5}|[mM]8(?:\[\d{0,5}[a-zA-Z]{1,2}\])?)"
)
#: From this size on, in bytes, a checksum stands for a copy of what was sent.
_LARGE = 1024**2
_MOST_DIMENSIONS = 32


def stamp_of(data: Any) -> Any:
    """Return what tells these bytes from others."""
    return bytes(data) if len(data) <= _LARGE else (len(data), zlib.crc32(data))


def sizes(node: Any) -> tuple[int, ...]:
    """Return a shape, or raise `CrossingError`."""
    if type(node) is not list or len(node) > _MOST_DIMENSIONS:
        raise CrossingError("The answer holds an array without a shape.")
    return tuple(index(size, 2**48) for size in node)


def _check_size(shape: tuple[int, ...], itemsize: int, found: int) -> None:
    if math.prod(shape) * itemsize != found:
        raise CrossingError("The answer holds an array whose shape does not fit its numbers.")


# --- numpy -------------------------------------------------------------------------------------


def write_array(writer: Writer, value: Any) -> Node:
    """Write an array; its order in memory is kept where it is Fortran's."""
    import numpy as np

    value = value if type(value) is np.ndarray else np.asarray(value).view(np.ndarray)
    if value.dtype == object:
        return ["ao", list(value.shape), writer.each(value.ravel().tolist())]
    if not _DTYPE.fullmatch(value.dtype.str):
        raise CannotCrossError(f"An array of {value.dtype} cannot cross.")
    fortran = value.flags.f_contiguous and not value.flags.c_contiguous
    plain = np.ascontiguousarray(value.T if fortran else value)
    buffer = writer.buffer(_bytes_of(plain))
    flags = fortran + 2 * (not value.flags.writeable)
    return ["a", value.dtype.str, list(value.shape), buffer, flags]


def _bytes_of(plain: Any) -> memoryview:
    import numpy as np

    return memoryview(plain.reshape(-1).view(np.uint8)) if plain.size else memoryview(b"")


def array_stamp(value: Any) -> Any:
    """Return what tells an array from what it was before."""
    import numpy as np

    if value.dtype == object:
        return [id(item) for item in value.ravel().tolist()]
    return value.dtype.str, value.shape, stamp_of(_bytes_of(np.ascontiguousarray(value)))


def dtype_of(name: Any) -> Any:
    """Return a number type of numpy, or raise `CrossingError`."""
    import numpy as np

    if not _DTYPE.fullmatch(text(name, 30)):
        raise CrossingError("The answer holds an array of a number type that cannot cross.")
    return np.dtype(name)


def read_array(reader: Reader, node: Node) -> Any:
    """Return an array of its own memory."""
    import numpy as np

    if node[0] == "ao":
        shape, items = sizes(node[1]), reader.each(node[2])
        _check_size(shape, 1, len(items))
        boxes = np.empty(len(items), dtype=object)
        for number, item in enumerate(items):
            boxes[number] = item
        return boxes.reshape(shape)
    dtype, shape, data = dtype_of(node[1]), sizes(node[2]), reader.buffer(node[3])
    _check_size(shape, dtype.itemsize, len(data))
    flags = index(node[4], 4)
    flat = np.frombuffer(data, dtype=dtype) if len(data) else np.empty(0, dtype)
    array = (
        _sound(flat).reshape(shape[::-1] if flags & 1 else shape)
        if len(data)
        else np.empty(shape, dtype)
    )
    array = array.T if flags & 1 else array
    if flags & 2:
        array.flags.writeable = False
    return array


def _sound(flat: Any) -> Any:
    """Return numbers without the bit patterns that no program of ours would make."""
    import numpy as np

    if flat.dtype.kind == "b":
        return flat.view(np.uint8) != 0
    if flat.dtype.kind == "U" and len(flat) and flat.dtype.itemsize:
        points = flat.view(np.dtype(np.uint32).newbyteorder(flat.dtype.byteorder))
        if points.max(initial=0) > sys.maxunicode:
            raise CrossingError("The answer holds text that is none.")
    return flat


def put_array(array: Any, new: Any) -> bool:
    """Give an array the values of another; return whether that was possible."""
    if array.shape != new.shape or array.dtype != new.dtype or not array.flags.writeable:
        return False
    array[...] = new
    return True


# --- torch -------------------------------------------------------------------------------------


def plain_tensor(value: Any) -> Any:
    """Return the values of a dense tensor, on the CPU and without its history."""
    import torch

    if value.layout != torch.strided or value.is_quantized or value.is_meta or value.is_nested:
        kind = "meta" if value.is_meta else "quantised" if value.is_quantized else "sparse"
        raise CannotCrossError(f"A {kind} tensor cannot cross; make it dense first.")
    plain = value.detach()
    if type(plain) is not torch.Tensor:
        plain = plain.as_subclass(torch.Tensor)
    return plain.cpu().resolve_conj().resolve_neg()


def tensor_bytes(plain: Any) -> memoryview:
    """Return the bytes of a tensor on the CPU, in the order of its elements."""
    import torch

    if not plain.numel():
        return memoryview(b"")
    flat = plain.contiguous().reshape(-1)
    if flat.stride(0) != 1:  # of a single element, torch keeps what step it had
        flat = flat.as_strided((1,), (1,))
    # The type of bytes is one that numpy knows for every type of torch.
    return memoryview(flat.view(torch.uint8).numpy())


def write_numbers(writer: Writer, value: Any) -> Node:
    """Write the shape, strides and values of a tensor."""
    plain = plain_tensor(value)
    strides = None if plain.is_contiguous() else _strides(plain)
    name = str(plain.dtype).removeprefix("torch.")
    return [name, list(plain.shape), strides, writer.buffer(tensor_bytes(plain))]


def _strides(plain: Any) -> list[int] | None:
    """Return the strides, where memory without large gaps can have them."""
    return list(plain.stride()) if _fits(tuple(plain.shape), plain.stride()) else None


def _fits(shape: tuple[int, ...], strides: tuple[int, ...]) -> bool:
    if len(shape) != len(strides) or any(stride < 1 for stride in strides):
        return False
    extent = 1 + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    return 0 < extent <= 4 * math.prod(shape) + 64


def torch_dtype(name: Any) -> Any:
    """Return a number type of torch, or raise `CrossingError`."""
    import torch

    found = vars(torch).get(text(name, 30))  # asked for some names, torch imports more of itself
    if not isinstance(found, torch.dtype) or found in _quantised():
        raise CrossingError("The answer holds a tensor of a number type that cannot cross.")
    return found


def _quantised() -> tuple[Any, ...]:
    import torch

    names = ("qint8", "quint8", "qint32", "quint4x2", "quint2x4")
    return tuple(getattr(torch, name, None) for name in names)


def read_numbers(reader: Reader, node: Node) -> Any:
    """Return a plain tensor of its own memory, without history."""
    import torch

    if type(node) is not list or len(node) != 4:
        raise CrossingError("The answer holds something that is no tensor.")
    dtype, shape, data = torch_dtype(node[0]), sizes(node[1]), reader.buffer(node[3])
    _check_size(shape, dtype.itemsize, len(data))
    with torch.no_grad():
        if not len(data):
            return torch.empty(shape, dtype=dtype)
        if dtype is torch.bool:
            flat = torch.frombuffer(data, dtype=torch.uint8) != 0
        else:
            flat = torch.frombuffer(data, dtype=dtype)
        return _laid_out(flat.reshape(shape), node[2])


def _laid_out(dense: Any, strides: Any) -> Any:
    """Return a tensor with the strides that it had on the other side."""
    import torch

    if strides is None:
        return dense
    wanted = sizes(strides)
    if not _fits(tuple(dense.shape), wanted):
        raise CrossingError("The answer holds a tensor with strides that do not fit.")
    order = sorted(zip(wanted, dense.shape, strict=True))
    if any(small * size > large for (small, size), (large, _) in itertools.pairwise(order)):
        return dense  # elements that share memory cannot be filled one by one
    return torch.empty_strided(tuple(dense.shape), wanted, dtype=dense.dtype).copy_(dense)


def tensor_stamp(value: Any) -> Any:
    """Return what tells a tensor, and its gradient, from what they were before."""
    plain = plain_tensor(value)
    grad = value.grad if value.is_leaf else None
    return (
        plain.dtype,
        tuple(plain.shape),
        value.requires_grad if value.is_leaf else None,
        stamp_of(tensor_bytes(plain)),
        None if grad is None else (tuple(grad.shape), stamp_of(tensor_bytes(plain_tensor(grad)))),
    )


def put_numbers(tensor: Any, new: Any) -> None:
    """Give a tensor the values of another, in place where shape and type allow it."""
    import torch

    with torch.no_grad():
        if tensor.shape == new.shape and tensor.dtype == new.dtype:
            tensor.data.copy_(new)
        else:
            tensor.data = new


def put_grad(tensor: Any, grad: Any) -> None:
    """Give a tensor a gradient, in place where there is one of that shape."""
    old = tensor.grad
    if grad is not None and old is not None and old.shape == grad.shape:
        put_numbers(old, grad)
    else:
        tensor.grad = grad
