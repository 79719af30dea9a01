"""Many notebooks at once, through dask.distributed: in-process or on a cluster, by one path."""

import os
import queue
import signal
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any

from dask.system import CPU_COUNT
from distributed import Client, Future, LocalCluster, WorkerPlugin, get_worker, system

from cmp784.headless.execute import REMEDIES, Job, execute
from cmp784.headless.options import RunOptions, UsageError
from cmp784.headless.result import Failure, Result

#: Seconds to wait for a scheduler, and for its first worker.
PATIENCE = 30
#: The dask resource that a worker with a GPU offers: ``dask worker --resources "GPU=1"``.
GPU = "GPU"


@dataclass(frozen=True)
class Event:
    """Something that happened to a notebook.

    Parameters
    ----------
    kind
        ``"started"``, ``"cell"`` or ``"ended"``.
    notebook
        Its name.
    cell, cells
        The cell that runs now, from 1, and how many there are.
    result
        The outcome, when it has ended.
    """

    kind: str
    notebook: str
    cell: int = 0
    cells: int = 0
    result: Result | None = None


class IgnoreInterrupt(WorkerPlugin):
    """Leaves Ctrl-C to the runner: a terminal sends it to our worker processes as well."""

    name = "cmp784-ignore-interrupt"

    def setup(self, worker: Any) -> None:
        """Ignore the signal; called by dask in each new worker process."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_IGN)


class Pool:
    """Workers that run notebooks; a context manager that leaves no process behind.

    Parameters
    ----------
    options
        The number of workers or the scheduler's address, and the device.

    Raises
    ------
    UsageError
        On entry, when the scheduler does not answer, its workers cannot do what is asked, or
        there is no GPU for ``device="cuda"``.
    """

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self.mark = uuid.uuid4().hex
        self.workers: dict[str, dict[str, Any]] = {}
        self._events: queue.Queue[Event | Future] = queue.Queue()
        self._futures: dict[Future, Job] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Pool":
        """Connect, and check what the workers can do."""
        gpus = visible_gpus() if self.options.device == "cuda" else []
        if self.options.device == "cuda" and self.options.scheduler is None and not gpus:
            raise UsageError(
                "device 'cuda' was asked for, but torch sees no GPU on this machine. Run on a "
                "machine with an NVIDIA GPU and its driver, name a scheduler that has GPU workers "
                "with --scheduler, or use --device cpu."
            )
        try:
            self._connect(gpus)
            self.workers = self._inspect()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *problem: object) -> None:
        """End what still runs and disconnect."""
        try:
            if self._futures:
                self._end_kernels()
        finally:
            self._stack.close()

    def run(self, jobs: Sequence[Job]) -> Iterator[Event]:
        """Run notebooks, the first ones first, and yield what happens until all have ended.

        Whoever leaves the loop early leaves the rest to ``__exit__``, which kills it.
        """
        topic = f"cmp784-{self.mark}"
        self._client.subscribe_topic(topic, self._on_event)
        for place, job in enumerate(jobs):
            job = replace(job, mark=f"{self.mark}/{place}")
            future = self._client.submit(
                run_here,
                job,
                topic,
                key=f"cmp784-{self.mark}-{place}",
                pure=False,
                priority=len(jobs) - place,
                resources={GPU: 1} if self.options.device == "cuda" else None,
            )
            self._futures[future] = job
            future.add_done_callback(self._on_done)
        while self._futures:
            event = self._next()
            if event is not None:
                yield event

    def _next(self) -> Event | None:
        """Wait a little for an event; short waits let Ctrl-C through on every system."""
        with suppress(queue.Empty):
            event = self._events.get(timeout=0.2)
            if isinstance(event, Future):
                return self._ended(event)
            return event
        return None

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take in what a worker logged; called in dask's thread, which adds keys of its own."""
        told = {key: event[1][key] for key in ("kind", "notebook", "cell", "cells")}
        self._events.put(Event(**told))

    def _on_done(self, future: Future) -> None:
        """Take in that a notebook ended; called in dask's thread."""
        self._events.put(future)

    def _ended(self, future: Future) -> Event:
        """Turn a finished future into an event."""
        job = self._futures.pop(future)
        try:
            result = future.result(timeout=PATIENCE)
        except Exception as error:  # the worker is gone, or the result could not be sent
            failure = Failure(f"{type(error).__name__}: {error}", REMEDIES["worker died"])
            result = Result(job.notebook, "worker died", failure=failure, digest=job.digest)
        return Event("ended", job.notebook, result=result)

    def _connect(self, gpus: list[str]) -> None:
        """Open the client, on a cluster of our own if none was named."""
        import dask

        if self.options.scheduler is not None:
            self._client = self._stack.enter_context(_client(self.options.scheduler))
            return
        count = self.options.workers or default_workers(gpus)
        settings = {
            # A notebook whose worker died is tried once more.
            "distributed.scheduler.allowed-failures": 1,
            # No notebook waits for a busy worker beside an idle one.
            "distributed.scheduler.worker-saturation": 1.0,
            "distributed.worker.daemon": True,
            "distributed.admin.tick.limit": "1h",
        }
        with dask.config.set(settings):
            cluster = LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                # No dashboard, and a free port for what is left of it: runs go side by side.
                dashboard_address=None,
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
                silence_logs=50,
                resources={GPU: 1} if gpus else None,
                **({"env": {"CMP784_GPUS": ",".join(gpus)}} if gpus else {}),
            )
        self._stack.enter_context(cluster)
        self._client = self._stack.enter_context(Client(cluster))
        self._client.register_plugin(IgnoreInterrupt())

    def _inspect(self) -> dict[str, dict[str, Any]]:
        """Ask every worker what it is, and refuse those that would run something else."""
        from cmp784.headless.environment import describe

        where = self.options.scheduler or "the in-process cluster"
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"{where}: no worker arrived within {PATIENCE} s. Start one with: "
                f"dask worker {where} --nthreads 1"
            ) from None
        # Our own workers have our sources, even while somebody edits them.
        sources = describe().sources if self.options.scheduler is not None else None
        found = self._client.run(describe_worker, sources, on_error="return")
        for address, told in found.items():
            if isinstance(told, BaseException) or told["problem"]:
                reason = told["problem"] if isinstance(told, dict) else repr(told)
                raise UsageError(
                    f"worker {address}: {reason}. Install the same cmp784 there as here, with: "
                    'pip install "cmp784[instructor]"'
                )
        if self.options.device == "cuda" and not any(told["gpu"] for told in found.values()):
            raise UsageError(
                f"{where}: device 'cuda' was asked for, but none of its {len(found)} workers "
                f'offers a GPU. Start one with: dask worker {where} --resources "{GPU}=1"'
            )
        return found

    def _end_kernels(self) -> None:
        """Kill every kernel of this run, on every host, and forget what waits."""
        from cmp784.headless.processes import kill_marked

        futures, self._futures = list(self._futures), {}
        with suppress(Exception):  # a scheduler that is gone cannot be told
            self._client.cancel(futures, force=True)
        with suppress(Exception):
            self._client.run(kill_marked, self.mark, on_error="ignore")
        kill_marked(self.mark)


def run_here(job: Job, topic: str) -> Result:
    """Run one notebook in this worker and log its progress; called by dask.

    Parameters
    ----------
    job
        What to run. Its limits hold; without a memory limit the worker's own holds.
    topic
        The dask topic of the run.

    Returns
    -------
    Result
        What came of it.
    """
    from cmp784.headless.processes import kill_marked

    worker = get_worker()
    kill_marked(job.mark)  # left over from a worker that died with this notebook
    memory = job.memory or worker.memory_manager.memory_limit or system.MEMORY_LIMIT
    gpus = [gpu for gpu in os.environ.get("CMP784_GPUS", "").split(",") if gpu]
    gpu = gpus[int(worker.name) % len(gpus)] if gpus else None

    def log(kind: str, cell: int, cells: int) -> None:
        told = {"kind": kind, "notebook": job.notebook, "cell": cell, "cells": cells}
        worker.log_event(topic, told)

    log("started", 0, 0)
    ready = replace(job, memory=int(memory), gpu=gpu)
    return execute(ready, lambda cell, cells: log("cell", cell, cells))


def describe_worker(sources: str | None, dask_worker: Any = None) -> dict[str, Any]:
    """Say what this worker is and why it cannot serve, if so; called by dask on every worker.

    Parameters
    ----------
    sources
        Fingerprint of the caller's ``cmp784``, to be compared; None: do not compare.
    dask_worker
        The worker; dask fills it in.

    Returns
    -------
    dict
        ``environment``, ``gpu`` (whether it offers one) and ``problem`` (words or None).
    """
    from cmp784.headless.environment import describe
    from cmp784.headless.options import require_instructor_half

    problem = None
    here = describe()
    try:
        require_instructor_half()
    except UsageError as error:
        problem = str(error)
    if sources is not None and here.sources != sources:
        problem = f"its cmp784 {here.packages.get('cmp784')} differs from the one that asks"
    offered = dask_worker.state.total_resources
    return {"environment": here.to_json(), "gpu": offered.get(GPU, 0) > 0, "problem": problem}


def visible_gpus() -> list[str]:
    """Return the GPUs that torch may use here, as ``CUDA_VISIBLE_DEVICES`` names them."""
    import torch

    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    named = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return named[:count] if named else [str(number) for number in range(count)]


def default_workers(gpus: Sequence[str] = ()) -> int:
    """Return how many workers a machine gets: one a GPU, else one a core, four at most."""
    return len(gpus) or min(4, CPU_COUNT)


def _client(address: str) -> Client:
    """Connect to a running scheduler."""
    try:
        return Client(address, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"scheduler '{address}' does not answer ({error}). Expected the address of a running "
            "dask scheduler, for example tcp://10.0.0.5:8786; start one with: dask scheduler"
        ) from error
