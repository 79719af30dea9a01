"""The kernel's name under which nbclient, papermill and nbgrader find rooms."""

import json
import sys
from pathlib import Path

NAME = "cmp784-room"
PROVISIONER = "room-provisioner"


def install_kernel(prefix: str | Path = sys.prefix) -> Path:
    """Write the kernel's specification below ``prefix`` and return its folder."""
    folder = Path(prefix) / "share" / "jupyter" / "kernels" / NAME
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kernel.json").write_text(json.dumps(specification(), indent=1) + "\n")
    return folder


def specification() -> dict[str, object]:
    """Return the contents of ``kernel.json``."""
    return {
        # Nothing runs this: the provisioner forks a room. Jupyter wants a command all the same.
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Python 3 (room)",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {"kernel_provisioner": {"provisioner_name": PROVISIONER, "config": {}}},
    }
