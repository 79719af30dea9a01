"""What Google Colab offers: the notebook that its browser tab holds, and downloads.

In Colab the notebook is no file of the machine that runs it. The tab hands it over when asked, as
``google.colab._message`` does for Colab's own parts (github.com/googlecolab/colabtools).
"""

import sys
from pathlib import Path
from typing import Any

#: Seconds to wait for the browser tab.
PATIENCE = 30


def is_here() -> bool:
    """Tell whether this is a kernel of Colab, which loads ``google.colab`` when it starts."""
    return "google.colab" in sys.modules


def notebook() -> dict[str, Any] | None:
    """Return the notebook of the browser tab as plain data; None when the tab does not answer."""
    try:
        from google.colab import _message  # type: ignore[import-not-found]

        reply = _message.blocking_request("get_ipynb", request="", timeout_sec=PATIENCE)
    except Exception:  # an unofficial door: whatever fails behind it, the file is still asked for
        return None
    found = reply.get("ipynb") if isinstance(reply, dict) else None
    return found if isinstance(found, dict) else None


def download(path: Path) -> bool:
    """Start the download of a file in the browser tab, and tell whether it started."""
    try:
        from google.colab import files

        files.download(str(path))
    except Exception:  # the file is written: it can be fetched by hand
        return False
    return True
