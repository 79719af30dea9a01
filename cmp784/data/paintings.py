"""Single pictures: paintings to take a style from, and built-in photos."""

import numpy as np
import torch
from torch import Tensor

from cmp784.data.downloads import fetch
from cmp784.data.errors import check_name

PAINTINGS = {
    "starry_night": "starry_night_google.jpg",
    "the_scream": "the_scream.jpg",
    "shipwreck": "shipwreck.jpg",
}
PHOTOS = ("china", "flower")


def painting(name: str) -> Tensor:
    """Return a painting.

    Parameters
    ----------
    name
        ``"starry_night"`` (Vincent van Gogh, The Starry Night, 1889; 1014 x 1280 pixels),
        ``"the_scream"`` (Edvard Munch, The Scream, 1893; 1528 x 1200) or ``"shipwreck"``
        (J. M. W. Turner, The Shipwreck of the Minotaur, about 1805 to 1810; 662 x 960).

    Returns
    -------
    Tensor
        float32 (3, height, width) in [0, 1], channels red, green, blue.

    Raises
    ------
    DataError
        If the name is unknown, or the file can be had from no place.

    Notes
    -----
    Licence: public domain; the painters died more than 70 years ago, and the files are faithful
    reproductions.
    """
    from PIL import Image

    check_name("painting", name, PAINTINGS)
    with Image.open(fetch("paintings", PAINTINGS[name])) as image:
        return _picture(np.asarray(image.convert("RGB")))


def photo(name: str = "china") -> Tensor:
    """Return a photo that ships with scikit-learn: no download.

    Parameters
    ----------
    name
        ``"china"`` (a temple) or ``"flower"``.

    Returns
    -------
    Tensor
        float32 (3, 427, 640) in [0, 1], channels red, green, blue.

    Raises
    ------
    DataError
        If the name is unknown.

    Notes
    -----
    Licence: CC BY 2.0. Attribution: "china" by danielbuechele, "flower" by vultilion, both on
    flickr.com, as the read-me beside the files in scikit-learn says.

    Examples
    --------
    >>> tuple(photo("flower").shape)
    (3, 427, 640)
    """
    from sklearn.datasets import load_sample_image

    check_name("photo", name, PHOTOS)
    return _picture(load_sample_image(f"{name}.jpg"))


def _picture(pixels: np.ndarray) -> Tensor:
    """Turn bytes (height, width, 3) into floats (3, height, width) in [0, 1]."""
    return torch.tensor(pixels, dtype=torch.float32).div_(255).permute(2, 0, 1).contiguous()
