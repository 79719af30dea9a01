"""What a zygote imports before it forks, so that no room has to."""

import contextlib
import importlib
import io
import os
import sys
from collections.abc import Sequence

INLINE = "module://matplotlib_inline.backend_inline"
# What an IPython kernel and a plot import only when they are first used.
_KERNEL = (
    "ctypes.util",
    "getpass",
    "multiprocessing.util",
    "tempfile",
    "uuid",
    "faulthandler",
    "tornado.platform.asyncio",
    "zmq.eventloop.zmqstream",
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "ipykernel.comm",
    "ipykernel.datapub",
    "ipykernel.codeutil",
    "ipykernel.pickleutil",
    "ipykernel.subshell_manager",
    "ipykernel.control",
    "IPython.core.completer",
    "IPython.core.display_functions",
    "IPython.core.formatters",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.core.ultratb",
    "IPython.core.debugger",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
    "IPython.lib.display",
    "IPython.lib.pretty",
    "IPython.utils.capture",
    "IPython.utils.wildcard",
    "autograder.rooms.inside.filters",
    "autograder.rooms.inside.kernel",
    "autograder.rooms.inside.snapshots",
)
_EXAMINER = ("autograder.examiner.process",)
# Most rooms need them sooner or later, but they are no reason to refuse one.
_WELCOME = ("autograder.crossing.answering", "autograder.examiner.preparing")


def load(what: str, modules: Sequence[str]) -> None:
    """Import what a kernel, an examiner, or either of ``"both"`` needs, and ``modules``."""
    if what != "examiner":
        _without_debugger()
    for name in _KERNEL if what != "examiner" else ():
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    for name in (*modules, *(_EXAMINER if what != "student" else ())):
        importlib.import_module(name)
    for name in _WELCOME:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if "numpy" in sys.modules:
        importlib.import_module("numpy.random")
    if "matplotlib.pyplot" in sys.modules:
        _draw()
    elif "matplotlib" in sys.modules:
        choose_backend(INLINE)
    if what != "examiner":
        _complain()


def _complain() -> None:
    """Show one error as IPython does: the look at the files of all modules takes 100 ms."""
    from IPython.core import ultratb

    try:
        exec(compile("def f():\n    raise ValueError\nf()", "<preload>", "exec"), {})
    except ValueError:
        # Its settings differ from version to version, and without all this a room only is slower.
        with contextlib.suppress(Exception):
            formatter = ultratb.FormattedTB(mode="Context", theme_name="neutral")
            formatter.structured_traceback(*sys.exc_info())


def _without_debugger() -> None:
    """Let the kernel see no debugger: nobody debugs in a room, and the import takes 50 ms."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]
    with contextlib.suppress(ImportError):
        importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]


def _draw() -> None:
    """Draw one figure, so that fonts are found and the backends are there."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    importlib.import_module("matplotlib_inline.backend_inline")
    figure, axes = pyplot.subplots()
    axes.plot([0, 1], [0, 1], label="a")
    axes.set_title("a")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)
    choose_backend(INLINE)
    # In the room it is chosen again, and then looks for the kernel that there is by then.
    pyplot._backend_mod = None
    inline = sys.modules.pop("matplotlib_inline.backend_inline")
    delattr(sys.modules["matplotlib_inline"], inline.__name__.rpartition(".")[2])


def choose_backend(backend: str = "") -> None:
    """Let plots go where the environment says, as when matplotlib is first imported.

    The first time takes a look at all installed packages, 20 ms.
    """
    matplotlib = sys.modules.get("matplotlib")
    backend = backend or os.environ.get("MPLBACKEND", "")
    if matplotlib is not None and backend:
        matplotlib.rcParams["backend"] = backend
