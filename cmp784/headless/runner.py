"""The run itself: find, choose, skip what is done, schedule, store, report."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from cmp784.headless.options import RunOptions, UsageError, require_instructor_half
from cmp784.headless.report import Report
from cmp784.headless.result import Failure, Result

if TYPE_CHECKING:
    from cmp784.headless.execute import Job
    from cmp784.headless.notebook import Source
    from cmp784.headless.schedule import Event
    from cmp784.headless.store import Store


class Listener(Protocol):
    """Whoever wants to see a run as it goes; ``terminal.Progress`` is one."""

    def begin(self, total: int) -> None:
        """Take in how many notebooks there are; called once, first."""

    def show(self, event: "Event") -> None:
        """Take in one event; called from the thread that called ``run``."""


def run(
    paths: Iterable[str | Path] = ("lectures",),
    options: RunOptions | None = None,
    listener: Listener | None = None,
) -> Report:
    """Execute notebooks headless and report what came of them.

    Each notebook runs in a kernel of its own with one thread, a limit on time (three times the
    seconds that its metadata name) and one on memory. Whatever it does is a row of the report and
    never the end of the others. Results are stored as they come, so that an interrupted run keeps
    them. A script that calls this needs the usual ``if __name__ == "__main__":``, because worker
    processes import it.

    Parameters
    ----------
    paths
        Notebooks and folders.
    options
        How to run them; None: at ``laptop``, on this machine.
    listener
        Is told of every event.

    Returns
    -------
    Report
        Its ``exit_status`` is 0, 1 or, after Ctrl-C, 130.

    Raises
    ------
    UsageError
        When the paths, the revision, the scheduler or the device cannot be used.
    """
    require_instructor_half()
    from cmp784.headless.notebook import find
    from cmp784.headless.store import Store

    options = options or RunOptions()
    sources = find(paths)
    if options.changed_since is not None:
        from cmp784.headless.changes import changed_since

        sources = changed_since(sources, options.changed_since)
    _check_parameters(sources, options)
    return _Run(sources, options, listener, Store(options.folder)).go()


class _Run:
    """One run under way."""

    def __init__(
        self,
        sources: "Sequence[Source]",
        options: RunOptions,
        listener: Listener | None,
        store: "Store",
    ) -> None:
        from cmp784.headless.environment import describe

        self.sources, self.options, self.listener, self.store = sources, options, listener, store
        self.environment = describe().to_json()
        self.began, self.started = time.monotonic(), datetime.now(UTC).isoformat()
        self.results: dict[str, Result] = {}
        self.workers = 0
        self.interrupted = False

    def go(self) -> Report:
        """Run what must be run, and write the report in any case."""
        from cmp784.headless.schedule import Event

        if self.listener is not None:
            self.listener.begin(len(self.sources))
        try:
            with terminable():
                jobs = [job for source in self.sources if (job := self._job(source)) is not None]
                for result in list(self.results.values()):
                    self._tell(Event("ended", result.notebook, result=result))
                if jobs:
                    self._schedule(jobs)
        except KeyboardInterrupt:
            self.interrupted = True
        report = self._report()
        self.store.write(report)
        return report

    def _schedule(self, jobs: "list[Job]") -> None:
        """Run jobs, the longest first, and store each result as it comes."""
        from cmp784.headless.schedule import Pool

        jobs.sort(key=lambda job: (-job.seconds, job.notebook))
        with Pool(self.options) as pool:
            self.workers = len(pool.workers)
            if self.options.scheduler is not None:
                self.environment["workers"] = {k: v["environment"] for k, v in pool.workers.items()}
            for event in pool.run(jobs):
                if event.result is not None:
                    self._keep(event.result)
                self._tell(event)

    def _job(self, source: "Source") -> "Job | None":
        """Return what is to be run of a notebook; None when its result is here already."""
        from cmp784.headless.execute import REMEDIES, Job

        options = self.options
        digest = source.fingerprint(
            options.scale, options.device, dict(options.parameters), self.environment["sources"]
        )
        if source.problem is not None:
            failure = Failure(f"It cannot be run: {source.problem}.", REMEDIES["invalid"])
            self._keep(Result(source.name, "invalid", failure=failure, digest=digest))
            return None
        if options.resume and (kept := self.store.load(source.name, digest)) is not None:
            self.results[source.name] = kept
            return None
        return Job(
            notebook=source.name,
            content=source.json,
            folder=str(source.path.parent),
            parameters={"scale": options.scale, **options.parameters},
            device=options.device,
            seconds=source.limit(options.scale),
            memory=options.memory_limit or 0,
            digest=digest,
        )

    def _keep(self, result: Result) -> None:
        self.store.save(result)
        self.results[result.notebook] = result

    def _tell(self, event: "Event") -> None:
        if self.listener is not None:
            self.listener.show(event)

    def _report(self) -> Report:
        """Return the report; a notebook without a result was not run."""
        from cmp784.headless.execute import REMEDIES

        failure = Failure(
            "The run was interrupted before this notebook ended.", REMEDIES["not run"]
        )
        rows = (
            self.results.get(source.name) or Result(source.name, "not run", failure=failure)
            for source in self.sources
        )
        return Report(
            results=tuple(rows),
            scale=self.options.scale,
            device=self.options.device,
            parameters=self.options.parameters,
            workers=self.workers,
            started=self.started,
            seconds=time.monotonic() - self.began,
            environment=self.environment,
            interrupted=self.interrupted,
            folder=self.store.folder,
        )


@contextmanager
def terminable() -> Iterator[None]:
    """Let a request to terminate, as CI sends it, end the run like Ctrl-C."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt("asked to terminate")

    before: Callable | int | None = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _check_parameters(sources: "Sequence[Source]", options: RunOptions) -> None:
    """Refuse a parameter that none of the notebooks knows: it would change nothing, in silence."""
    known = {name for source in sources for name in source.parameter_names}
    for name in options.parameters:
        if sources and name not in known:
            offered = ", ".join(repr(word) for word in sorted(known)) or "none"
            raise UsageError(
                f"parameter {name!r}: none of the {len(sources)} notebooks has it in its cell "
                f"tagged 'parameters'; they have {offered}."
            )
