"""Helpers of the CMP784 notebooks: what they share and should not have to show.

Importing this package is quick: it loads neither torch nor matplotlib nor dask. A notebook writes
``from cmp784 import checks, claim, data, plots, widgets, worlds`` and pays for what it names.
"""

from cmp784.claims import claim
from cmp784.devices import device
from cmp784.errors import Cmp784Error
from cmp784.progress import track

__all__ = [
    "Cmp784Error",
    "checks",
    "claim",
    "claims",
    "course",
    "data",
    "device",
    "handin",
    "headless",
    "plots",
    "track",
    "widgets",
    "worlds",
]

__version__ = "0.1.0"
