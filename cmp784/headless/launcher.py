"""Start the kernel of a notebook so that even a crash or a kill leaves a traceback.

Run as ``python launcher.py -f connection.json``: a module in the notebook's folder must not stand
in for one that the kernel needs; the kernel adds the folder before the first cell. What
Python has to say at the end goes into the file that ``CMP784_KERNEL_LOG`` names, because ipykernel
takes standard error for itself.
"""

import faulthandler
import os
import signal
import sys

#: Names the file that receives tracebacks of crashes, and of ``SIGUSR1``.
LOG = "CMP784_KERNEL_LOG"


def main() -> None:
    """Arm the fault handler and become a kernel; called by the kernel manager."""
    if not sys.flags.safe_path:
        del sys.path[0]  # the folder of this file
    log = open(os.environ.pop(LOG), "a")  # noqa: SIM115  (stays open for the kernel's life)
    faulthandler.enable(file=log, all_threads=False)
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, file=log, all_threads=False)

    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()


if __name__ == "__main__":
    main()
