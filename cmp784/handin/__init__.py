"""Hand in a practical: check it in a fresh kernel, then pack the one file to upload.

A student writes ``from cmp784 import handin`` in the last cells of a practical, or in a console,
and calls ``handin.check("practical1.ipynb")`` and ``handin.pack("practical1.ipynb")``. In a
terminal, ``python -m cmp784.handin practical1.ipynb`` checks too. Nothing here needs the network.
"""

from cmp784.handin.checking import check
from cmp784.handin.packing import digest, pack
from cmp784.handin.report import Check, Report
from cmp784.handin.submission import HandinError

__all__ = ["Check", "HandinError", "Report", "check", "digest", "pack"]
