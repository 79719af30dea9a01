"""Workers by dask.distributed: threads of this process, or processes of a scheduler elsewhere."""

import os
import queue
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

import dask
import psutil
from distributed import Client, Future, KilledWorker, LocalCluster

from autograder.errors import AutograderError
from autograder.office.plan import Plan, Task, pack
from autograder.office.worker import Result, close_rooms, give_up, given_up, grade_hand_in, warm

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE = 30
SETTINGS = {
    # The office works beside the workers; that they answer late says nothing.
    "distributed.admin.tick.limit": "1h",
}
#: Memory that a hand-in with its rooms is counted with.
MEMORY = 3 * 2**29
#: Hand-ins that wait beside those that are being graded, so that no worker waits for the office.
AHEAD = 2

Function = Callable[[Task], Result]


class PoolError(AutograderError):
    """Workers that cannot be had."""


@dataclass(frozen=True)
class Lost:
    """A hand-in whose workers ended under it, again and again."""

    task: Task
    reason: str


class Pool:
    """Workers that grade hand-ins; a context manager that leaves no process behind.

    Parameters
    ----------
    workers
        How many hand-ins at once; by default one a core, as far as memory goes. All of them share
        one zygote: their own work is little, what runs in rooms runs in processes.
    scheduler
        Address of a scheduler of dask that is there already; empty for workers of our own.
    function
        What a worker does with a task.

    Raises
    ------
    PoolError
        On entry, when the scheduler does not answer, or no worker arrives.
    """

    def __init__(
        self,
        workers: int | None = None,
        scheduler: str = "",
        function: Function = grade_hand_in,
    ) -> None:
        self.workers, self.scheduler, self.function = (
            workers or default_workers(),
            scheduler,
            function,
        )
        self._stack = ExitStack()
        self._ended: queue.Queue[Future] = queue.Queue()

    def __enter__(self) -> "Pool":
        """Start or find the workers."""
        try:
            self._connect()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        """End the rooms, then the workers if they are ours."""
        with suppress(Exception):
            if self.scheduler and problem[0] is None:
                self._client.run(close_rooms, on_error="ignore")
        self._stack.close()

    def run(self, tasks: Iterator[Task]) -> Iterator[Result | Lost]:
        """Grade hand-ins, and give results as they come.

        Tasks are taken as workers get free: only a few hand-ins are in memory at any time.
        """
        waiting: dict[Future, Task] = {}
        most = self._slots() + AHEAD
        try:
            for task in tasks:
                waiting[self._submit(task)] = task
                while len(waiting) >= most:
                    yield self._next(waiting)
            while waiting:
                yield self._next(waiting)
        finally:
            if waiting:
                with suppress(Exception):  # a scheduler that is gone cannot be told
                    self._client.cancel(list(waiting), force=True)
                self._ended = queue.Queue()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function on one worker, and give what it returns; raise `PoolError` if all die."""
        try:
            return self._client.submit(function, *arguments, pure=False).result()
        except KilledWorker as error:
            raise PoolError(f"every worker was ended from outside ({error})") from error

    def warm(self, plan: Plan) -> list[Future]:
        """Let every process make its rooms; gives what will hold what they have to say."""
        packed = pack(plan)
        # Each goes to a worker that is free. By their addresses, one that dies is waited for ever.
        processes = self._slots() if self.scheduler else 1
        return [self._client.submit(warm, packed, pure=False) for _ in range(processes)]

    def _submit(self, task: Task) -> Future:
        future = self._client.submit(self.function, task, pure=False, retries=0)
        future.add_done_callback(self._ended.put)
        return future

    def _next(self, waiting: dict[Future, Task]) -> Result | Lost:
        """Wait for one hand-in; short waits let Ctrl-C through."""
        while True:
            with suppress(queue.Empty):
                future = self._ended.get(timeout=0.2)
                if future in waiting and (ended := self._taken(future, waiting[future])):
                    del waiting[future]
                    future.release()
                    return ended

    def _taken(self, future: Future, task: Task) -> Result | Lost | None:
        """Fetch a result; None where the worker that held it has died: it is made again."""
        try:
            result: Result = future.result(timeout=PATIENCE)
        except Exception as error:  # all workers have died, or the scheduler is gone
            if isinstance(error, TimeoutError) and future.status != "error":
                future.add_done_callback(self._ended.put)
                return None
            name = type(error).__name__
            words = {
                "KilledWorker": "every process that graded it was ended from outside",
                "CancelledError": "the scheduler has gone away",
                "FutureCancelledError": "the scheduler has gone away",
            }.get(name, f"the worker stopped with {name}: {error}")
            return Lost(task, words)
        return result

    def _slots(self) -> int:
        """Count what can run at once."""
        if not self.scheduler:
            return self.workers
        return max(1, sum(self._client.nthreads().values()))

    def _connect(self) -> None:
        if self.scheduler:
            self._client = self._stack.enter_context(_client(self.scheduler))
            try:
                self._client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError:
                raise PoolError(
                    f"scheduler '{self.scheduler}': no worker arrived within {PATIENCE} s. "
                    f"Start one with: dask worker {self.scheduler} --nthreads 1"
                ) from None
            return
        self._stack.callback(given_up.clear)
        scratch = self._stack.enter_context(TemporaryDirectory(prefix="autograder-"))
        settings = SETTINGS | {"temporary-directory": scratch}
        self._stack.enter_context(dask.config.set(settings))
        cluster = self._stack.enter_context(
            LocalCluster(
                n_workers=1,
                threads_per_worker=self.workers,
                processes=False,
                # No dashboard, and a free port for what is left of it: runs go side by side.
                dashboard_address=None,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                silence_logs=50,
                memory_limit=0,
            )
        )
        self._client = self._stack.enter_context(Client(cluster))
        # The first that is done on leaving: without rooms, threads end.
        self._stack.callback(give_up)


def default_workers() -> int:
    """Return how many workers this machine gets: one a core, as far as memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, psutil.virtual_memory().total // MEMORY))


def _client(address: str) -> Client:
    """Connect to a scheduler; for TLS, dask's own settings name the certificates."""
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise PoolError(
            f"scheduler '{address}' does not answer ({error}). Expected the address of a running "
            "dask scheduler, for example tls://10.0.0.5:8786; start one with: dask scheduler"
        ) from error
