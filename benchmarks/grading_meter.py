"""What a command costs with all of its processes: seconds, seconds of processors, memory.

Kernels are children of children, some in namespaces of their own, and a sandbox's first process
may end without anybody to wait for it. A control group counts every one of them. Where none can be
made, orphans are adopted and the processors' time of all children is taken, which may be too low.
"""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

CPUACCT = Path("/sys/fs/cgroup/cpuacct")
UNIFIED = Path("/sys/fs/cgroup")
PR_SET_CHILD_SUBREAPER = 36
#: Seconds that processes have to end after the command did; they count as the command's.
GRACE = 20.0


@dataclass(frozen=True)
class Sample:
    """One look at a running command: seconds since its start, bytes, and what was asked for."""

    seconds: float
    cpu: float
    memory: int
    processes: int
    done: int


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Parameters
    ----------
    wall, cpu
        Seconds, and processors' seconds of all its processes together.
    status
        The exit status; of several commands the largest.
    counted_by
        ``"cgroup"``, or ``"children"`` where no control group could be made.
    others
        Cores that the rest of the machine kept busy meanwhile: below 0.1 it was quiet.
    """

    wall: float
    cpu: float
    status: int
    counted_by: str
    others: float
    samples: tuple[Sample, ...] = field(default=(), repr=False)


class Meter:
    """Count what processes cost; use it as a context manager, and `start` commands in it."""

    def __init__(self, name: str = "benchmark") -> None:
        self.group = _group(f"{name}-{os.getpid()}-{time.monotonic_ns()}")
        self.counted_by = "cgroup" if self.group else "children"

    def __enter__(self) -> "Meter":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._before = _children()
        return self

    def __exit__(self, *_: object) -> None:
        self.settle()
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        while self.pids():
            _reap()
            time.sleep(0.01)
        _reap()
        if self.group:
            self.group.rmdir()

    def start(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
    ) -> subprocess.Popen[bytes]:
        """Start a command whose processes are counted; what it says goes into a file."""
        with log.open("ab") as said:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                preexec_fn=self._join,
            )

    def cpu(self) -> float:
        """Give the processors' seconds so far; without a group, of those that have ended."""
        if self.group is None:
            return _children() - self._before
        if (self.group / "cpuacct.usage").exists():
            return int((self.group / "cpuacct.usage").read_text()) / 1e9
        words = (self.group / "cpu.stat").read_text().split()
        return int(words[words.index("usage_usec") + 1]) / 1e6

    def settle(self) -> None:
        """Wait until what the commands left behind has ended, but not for ever."""
        deadline = time.monotonic() + GRACE
        while _reap() | bool(self.pids()) and time.monotonic() < deadline:
            time.sleep(0.01)

    def pids(self) -> list[int]:
        """List the processes of the group."""
        if self.group is None:
            return []
        return [int(pid) for pid in (self.group / "cgroup.procs").read_text().split()]

    def _join(self) -> None:
        if self.group is not None:
            (self.group / "cgroup.procs").write_text(str(os.getpid()))


def measure(
    commands: Sequence[Sequence[str]],
    folder: Path,
    environment: Mapping[str, str],
    log: Path,
    watch: Callable[[], int] | None = None,
) -> Cost:
    """Run commands side by side; wall time is to their end, processors' to their last process's.

    Parameters
    ----------
    log
        Everything that they say is written there.
    watch
        Asked twice a second how much is done; the samples then tell memory of the first command's
        own process, too.
    """
    with Meter() as meter:
        start, rest = time.perf_counter(), busy()
        running = [meter.start(command, folder, environment, log) for command in commands]
        with _watching(meter, running[0].pid, start, watch) as samples:
            status = max(abs(process.wait()) for process in running)
        wall = time.perf_counter() - start
        meter.settle()
        cpu = meter.cpu()
        others = max(0.0, busy() - rest - cpu) / (time.perf_counter() - start)
    return Cost(wall, cpu, status, meter.counted_by, others, tuple(samples))


@contextmanager
def _watching(
    meter: Meter, pid: int, start: float, watch: Callable[[], int] | None
) -> Iterator[list[Sample]]:
    """Look at the running command twice a second, in a thread."""
    samples: list[Sample] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.5):
            seconds, memory = time.perf_counter() - start, resident(pid)
            if memory and watch:
                done = watch()
                samples.append(Sample(seconds, meter.cpu(), memory, len(meter.pids()), done))

    thread = threading.Thread(target=look, daemon=True)
    if watch:
        thread.start()
    try:
        yield samples
    finally:
        over.set()
        if watch:
            thread.join()


def busy() -> float:
    """Give the processors' seconds that the whole machine has spent since it was started."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    user, nice, system, _idle, _wait, irq, softirq, steal = ticks[:8]
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    """Give the bytes of memory that a process holds; 0 when it is gone."""
    try:
        words = Path(f"/proc/{pid}/status").read_text().split()
        return int(words[words.index("VmRSS:") + 1]) * 1024
    except (OSError, ValueError):
        return 0


def _group(name: str) -> Path | None:
    """Make a control group, of version 1 or 2; none where that is not allowed."""
    own = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    places = [CPUACCT / path.lstrip("/") for _, kinds, path in own if "cpuacct" in kinds]
    places += [UNIFIED / path.lstrip("/") for _, kinds, path in own if not kinds]
    for place in places:
        group = place / name
        try:
            group.mkdir()
        except OSError:
            continue
        if (group / "cpuacct.usage").exists() or (group / "cpu.stat").exists():
            return group
        group.rmdir()
    return None


def _children() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _reap() -> bool:
    """Wait for whoever has ended, adopted processes included; tell whether some still run."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
