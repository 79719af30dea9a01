"""Labelled images: MNIST, Fashion-MNIST, CIFAR-10, PneumoniaMNIST, and the built-in digits."""

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cmp784.data.cifar import read_cifar10
from cmp784.data.downloads import fetch
from cmp784.data.errors import DataError

FASHION = (
    "t-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


@dataclass(frozen=True)
class LabelledImages:
    """Images with one class each, split for training and for testing.

    Attributes
    ----------
    train_images : Tensor
        float32 in [0, 1]: (n, height, width) if grey, (n, 3, height, width) if coloured.
    train_labels : Tensor
        int64 (n,): positions in ``class_names``.
    test_images : Tensor
        float32 in [0, 1], the same form as ``train_images``.
    test_labels : Tensor
        int64 (n,).
    class_names : tuple of str
        What each label means.
    """

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    class_names: tuple[str, ...]


def mnist() -> LabelledImages:
    """Return the MNIST handwritten digits.

    Returns
    -------
    LabelledImages
        ``train_images`` float32 (60000, 28, 28) in [0, 1], ink is 1; ``train_labels`` int64
        (60000,), 0 to 9; ``test_images`` (10000, 28, 28); ``test_labels`` (10000,).

    Raises
    ------
    DataError
        If the files can be had from no place.

    Notes
    -----
    Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998.
    Licence: CC BY-SA 3.0 (Y. LeCun, C. Cortes), as stated by the Keras documentation; the original
    page states none. 11.6 MB to download.
    """
    return _idx_set("mnist", tuple(str(digit) for digit in range(10)))


def fashion_mnist() -> LabelledImages:
    """Return the Fashion-MNIST articles of clothing: ten classes, same form as MNIST.

    Returns
    -------
    LabelledImages
        ``train_images`` float32 (60000, 28, 28) in [0, 1]; ``train_labels`` int64 (60000,), 0 to 9;
        ``test_images`` (10000, 28, 28); ``test_labels`` (10000,).

    Raises
    ------
    DataError
        If the files can be had from no place.

    Notes
    -----
    Source: H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, 2017, arXiv:1708.07747.
    Licence: MIT (Zalando). 30.9 MB to download.
    """
    return _idx_set("fashion_mnist", FASHION)


def cifar10() -> LabelledImages:
    """Return CIFAR-10: small colour photos of ten classes.

    Returns
    -------
    LabelledImages
        ``train_images`` float32 (50000, 3, 32, 32) in [0, 1], channels red, green, blue;
        ``train_labels`` int64 (50000,), 0 to 9; ``test_images`` (10000, 3, 32, 32);
        ``test_labels`` (10000,).

    Raises
    ------
    DataError
        If the file can be had from no place.

    Notes
    -----
    Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    Licence: none stated; a research data set, cite the report. 170.5 MB to download, and 0.7 GB of
    memory.
    """
    train, test, class_names = read_cifar10(fetch("cifar10", "cifar-10-python.tar.gz"))
    return LabelledImages(*_tensors("cifar10", *train), *_tensors("cifar10", *test), class_names)


def pneumonia_mnist() -> LabelledImages:
    """Return PneumoniaMNIST: chest X-rays of children, with and without pneumonia.

    Returns
    -------
    LabelledImages
        ``train_images`` float32 (5232, 28, 28) in [0, 1], the training and then the validation
        images of the source; ``train_labels`` int64 (5232,), 0 normal, 1 pneumonia;
        ``test_images`` (624, 28, 28); ``test_labels`` (624,).

    Raises
    ------
    DataError
        If the file can be had from no place.

    Notes
    -----
    Source: J. Yang and others, MedMNIST v2, Scientific Data 2023; images by D. Kermany and others,
    Cell 2018. Licence: CC BY 4.0, attribution. About 4.2 MB to download. Not for diagnosis.
    """
    path = fetch("pneumonia_mnist", "pneumoniamnist.npz")
    with np.load(path, allow_pickle=False) as arrays:
        images = {part: arrays[f"{part}_images"] for part in ("train", "val", "test")}
        labels = {part: arrays[f"{part}_labels"].reshape(-1) for part in ("train", "val", "test")}
    train = _tensors(
        "pneumonia_mnist",
        np.concatenate([images["train"], images["val"]]),
        np.concatenate([labels["train"], labels["val"]]),
    )
    test = _tensors("pneumonia_mnist", images["test"], labels["test"])
    return LabelledImages(*train, *test, ("normal", "pneumonia"))


def digits() -> LabelledImages:
    """Return the small handwritten digits that ship with scikit-learn: no download.

    The first 1,437 images of the file are for training and the last 360 for testing, always.

    Returns
    -------
    LabelledImages
        ``train_images`` float32 (1437, 8, 8) in [0, 1], 17 levels, ink is 1; ``train_labels`` int64
        (1437,), 0 to 9; ``test_images`` (360, 8, 8); ``test_labels`` (360,).

    Notes
    -----
    Source: E. Alpaydin, C. Kaynak, Optical recognition of handwritten digits, 1998,
    https://archive.ics.uci.edu/dataset/80 . Licence: CC BY 4.0.

    Examples
    --------
    >>> tuple(digits().train_images.shape)
    (1437, 8, 8)
    """
    from sklearn.datasets import load_digits

    bunch = load_digits()
    images = torch.from_numpy(bunch.images).float() / 16
    labels = torch.from_numpy(bunch.target).long()
    names = tuple(str(digit) for digit in range(10))
    return LabelledImages(images[:1437], labels[:1437], images[1437:], labels[1437:], names)


def _idx_set(dataset: str, class_names: tuple[str, ...]) -> LabelledImages:
    """Read the four files of a data set in the form of MNIST."""
    parts: list[Tensor] = []
    for part in ("train", "t10k"):
        images = read_idx(fetch(dataset, f"{part}-images-idx3-ubyte.gz"), dimensions=3)
        labels = read_idx(fetch(dataset, f"{part}-labels-idx1-ubyte.gz"), dimensions=1)
        parts += _tensors(dataset, images, labels)
    train_images, train_labels, test_images, test_labels = parts
    return LabelledImages(train_images, train_labels, test_images, test_labels, class_names)


def _tensors(where: str, images: np.ndarray, labels: np.ndarray) -> tuple[Tensor, Tensor]:
    """Turn bytes into what a network eats: float32 in [0, 1], and int64."""
    if len(images) != len(labels):
        raise DataError(f'"{where}": there are {len(images):,} images, but {len(labels):,} labels.')
    pixels = torch.tensor(images, dtype=torch.float32).div_(255)
    return pixels, torch.tensor(labels, dtype=torch.int64)


def read_idx(path: Path, dimensions: int) -> np.ndarray:
    """Read an array of bytes in the IDX format, compressed with gzip.

    Parameters
    ----------
    path
        The file.
    dimensions
        How many dimensions the array must have.

    Returns
    -------
    ndarray
        uint8, with as many dimensions as asked for.

    Raises
    ------
    DataError
        If the file is not gzip, or its header or length is not what the format says.
    """
    try:
        content = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f'"{path}": cannot be decompressed ({error}); expected gzip.') from None
    header = 4 + 4 * dimensions
    expected = bytes([0, 0, 8, dimensions])
    if content[:4] != expected or len(content) < header:
        raise DataError(
            f'"{path}": begins with "{content[:4].hex(" ")}", but expected '
            f'"{expected.hex(" ")}": the IDX format, bytes, {dimensions} dimensions.'
        )
    shape = tuple(np.frombuffer(content, ">u4", dimensions, offset=4).tolist())
    if len(content) - header != math.prod(shape):
        raise DataError(
            f'"{path}": the header says "{shape}", {math.prod(shape):,} bytes, but '
            f"{len(content) - header:,} bytes follow it."
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)
