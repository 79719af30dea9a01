"""The archive of CIFAR-10: pickles, read without letting them run anything."""

import pickle
import tarfile
from pathlib import Path
from typing import IO, Any

import numpy as np

from cmp784.data.errors import DataError

# The names that the pickles of arrays need, as Python 2 and Python 3 write them.
_RECONSTRUCT = np.zeros(0).__reduce__()[0]
_ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy._core.multiarray", "_reconstruct"): _RECONSTRUCT,
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}

Part = tuple[np.ndarray, np.ndarray]


class _ArrayUnpickler(pickle.Unpickler):
    """Build arrays and plain values, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a name in the pickle stands for; called by the unpickler for each name."""
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f'"{module}.{name}" is not an array')
        return _ALLOWED[module, name]


def read_cifar10(path: Path) -> tuple[Part, Part, tuple[str, ...]]:
    """Read CIFAR-10 from its archive.

    Parameters
    ----------
    path
        The file ``cifar-10-python.tar.gz``.

    Returns
    -------
    train : tuple of ndarray
        Images uint8 (n, 3, 32, 32), channels red, green, blue, and labels int64 (n,).
    test : tuple of ndarray
        The same for the test images.
    class_names : tuple of str
        What each label means.

    Raises
    ------
    DataError
        If a member of the archive is missing, or holds something else than arrays.
    """
    with tarfile.open(path) as archive:
        batches = [_batch(path, archive, f"data_batch_{number}") for number in range(1, 6)]
        test = _batch(path, archive, "test_batch")
        names = _member(path, archive, "batches.meta", b"label_names")
    train = tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))
    return (train[0], train[1]), test, tuple(name.decode("ascii") for name in names)


def _batch(path: Path, archive: tarfile.TarFile, name: str) -> Part:
    """Read one batch of images and labels."""
    images = np.asarray(_member(path, archive, name, b"data"))
    labels = np.asarray(_member(path, archive, name, b"labels"), dtype=np.int64)
    if images.shape != (len(labels), 3072) or images.dtype != np.uint8:
        raise DataError(
            f'"{path}", member "{name}": found {images.dtype} {images.shape} for {len(labels)} '
            f"labels, but expected uint8 ({len(labels)}, 3072)."
        )
    return images.reshape(-1, 3, 32, 32), labels


def _member(path: Path, archive: tarfile.TarFile, name: str, key: bytes) -> Any:
    """Read one value of the dictionary that a member of the archive holds."""
    try:
        stream: IO[bytes] | None = archive.extractfile(f"cifar-10-batches-py/{name}")
        if stream is None:
            raise KeyError(name)
        return _ArrayUnpickler(stream, encoding="bytes").load()[key]
    except (KeyError, pickle.UnpicklingError, EOFError) as error:
        raise DataError(
            f'"{path}", member "{name}": cannot be read ({error}); expected a dictionary with '
            f'"{key.decode()}".'
        ) from None
