"""The same random numbers for a test whenever it is repeated, others for each hand-in."""

import hashlib
import random
import sys


def number(text: str) -> int:
    """Return 63 random-looking bits that depend on nothing but ``text``.

    Examples
    --------
    >>> number("1:squares") == number("1:squares") != number("2:squares")
    True
    """
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def sow(text: str) -> None:
    """Seed every generator that is loaded."""
    seed = number(text)
    random.seed(seed)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(seed & 0xFFFFFFFF)
    if torch := sys.modules.get("torch"):
        # Not `torch.manual_seed`: it would look for devices.
        torch.default_generator.manual_seed(seed)
