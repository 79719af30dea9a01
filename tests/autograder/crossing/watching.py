"""What an attack must not reach: foreign code, new modules, much memory, much time."""

import contextlib
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

MiB = 1024**2

#: What Python tells of when code is made, loaded, run or looked into, or files and programs opened.
_TELLING = (
    *("compile", "exec", "import", "open", "marshal.loads", "pickle.find_class", "ctypes.dlopen"),
    *("os.system", "os.exec", "os.fork", "subprocess.Popen", "socket.connect", "cpython.run_file"),
    *("object.__getattr__", "function.__new__", "code.__new__", "sys._getframe"),
)
#: What the examiner itself opens, to see how much memory it has.
_OWN = ("open", "/proc/self/statm")
_heard: list[tuple[object, ...]] | None = None


def _listen(event: str, args: tuple[object, ...]) -> None:
    if _heard is not None and event in _TELLING and (event, *args)[:2] != _OWN:
        _heard.append((event, *(str(arg)[:100] for arg in args)))


sys.addaudithook(_listen)


@contextlib.contextmanager
def watched(seconds: float, memory: int = 64 * MiB, but: Iterable[str] = ()) -> Iterator[None]:
    """Let nothing be imported, compiled, opened or looked into, within time and memory.

    Parameters
    ----------
    but
        What may happen all the same.
    """
    global _heard
    modules = set(sys.modules)
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory starts anew
    before, started, heard = _peak(), time.monotonic() - _waited(), []
    _heard = heard
    try:
        yield
    finally:
        _heard = None
        took, more = time.monotonic() - _waited() - started, _peak() - before
    assert set(sys.modules) - modules == set()
    assert [told for told in heard if told[0] not in but] == []
    assert took < seconds
    assert more // MiB < memory // MiB


def _waited() -> float:
    """Return for how many seconds this thread could have run, but others did."""
    with contextlib.suppress(OSError):
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def _peak() -> int:
    """Return the largest memory that this process has had, in bytes."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
