"""Where tensors live: the GPU when there is one, unless the run says otherwise."""

import os
from typing import TYPE_CHECKING

from cmp784.errors import Cmp784Error

if TYPE_CHECKING:
    import torch

#: Environment variable by which the headless runner's ``--device`` reaches a notebook.
VARIABLE = "CMP784_DEVICE"


def device() -> "torch.device":
    """Return the device that this notebook should use.

    ``cuda`` where torch sees a GPU, else ``cpu``; the variable ``CMP784_DEVICE`` (``cpu`` or
    ``cuda``) decides instead when it is set.

    Returns
    -------
    torch.device
        Ready for ``tensor.to(device())``.

    Raises
    ------
    Cmp784Error
        When ``CMP784_DEVICE`` asks for something unknown, or for a GPU that torch does not see.

    Examples
    --------
    >>> device().type in ("cpu", "cuda")
    True
    """
    import torch

    wanted = os.environ.get(VARIABLE, "")
    if wanted not in ("", "cpu", "cuda"):
        raise Cmp784Error(f"{VARIABLE} is {wanted!r}; expected 'cpu' or 'cuda'.")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise Cmp784Error(
            f"{VARIABLE} asks for 'cuda', but torch {torch.__version__} sees no GPU here. "
            "Unset it, set it to 'cpu', or run on a machine with an NVIDIA GPU and its driver."
        )
    return torch.device(wanted or ("cuda" if torch.cuda.is_available() else "cpu"))
