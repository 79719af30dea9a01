"""The small built-in copies of the text data sets, for work without network and mirror."""

from pathlib import Path

from cmp784.data.downloads import fetch

#: Where the samples lie, in the layout of the cache: ``<data set>/<file>``.
FOLDER = Path(__file__).parent / "sample_files"


def locate(dataset: str, name: str, sample: bool) -> Path:
    """Return the path of a data set's file: the real one, or the built-in sample of it.

    Parameters
    ----------
    dataset
        Name of the data set.
    name
        Name of the file.
    sample
        True for the sample in the package, which needs neither network nor mirror.

    Returns
    -------
    Path
        The file. Only read it.

    Raises
    ------
    DataError
        If the real file is asked for and cannot be had.
    """
    return FOLDER / dataset / name if sample else fetch(dataset, name)
