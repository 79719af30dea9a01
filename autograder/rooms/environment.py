"""The environment variables that rooms get: a fresh set, nothing of the grader's own."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from autograder.rooms.inside.preloads import INLINE

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

DATA = "/opt/data"  # where the public data are, in a container


def fresh() -> dict[str, str]:
    """Return what every process behind walls has."""
    environment = {
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The same for every hand-in and on every machine: the order of a set decides no mark.
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(THREADS, "1"),
    }
    if data := os.environ.get("CMP784_DATA"):
        environment["CMP784_DATA"] = str(Path(data).resolve())
    return environment


def of_room(more: Mapping[str, str], student: bool, container: bool) -> dict[str, str]:
    """Return what a room's own code has, ``more`` included."""
    variables = fresh()
    if container:
        variables["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        if "CMP784_DATA" in variables:
            variables["CMP784_DATA"] = DATA
    if student:
        variables["MPLBACKEND"] = INLINE
    return {**variables, **more}


def of_zygote() -> dict[str, str]:
    """Return what the process has that imports before rooms are forked."""
    packages = Path(__file__).resolve().parents[2]
    return {**fresh(), "HOME": "/tmp", "MPLCONFIGDIR": "", "PYTHONPATH": str(packages)}
