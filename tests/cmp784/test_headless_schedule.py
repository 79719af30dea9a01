"""One code path for many machines: a real scheduler, workers in processes of their own."""

import contextlib
import os
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from cmp784 import headless
from cmp784.headless import RunOptions, UsageError, processes
from tests.cmp784 import builders

pytest.importorskip("papermill", reason='needs the runner: pip install "cmp784[instructor]"')
distributed = pytest.importorskip(
    "distributed", reason='needs the runner: pip install "cmp784[instructor]"'
)

pytestmark = pytest.mark.slow

WHO = "import os, time\nprint(os.getppid())\ntime.sleep(4)"


def _start(*words):
    """Start a part of dask as its users do, in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "1h"},
    )


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Give the address of a scheduler with two workers, all on this machine."""
    import json
    import time

    folder = tmp_path_factory.mktemp("dask")
    card = folder / "scheduler.json"
    started = [
        _start(
            *("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
            *("--scheduler-file", str(card)),
        )
    ]
    for number in (1, 2):
        started.append(
            _start(
                *("worker", "--scheduler-file", str(card), "--nthreads", "1", "--no-dashboard"),
                *("--name", f"worker-{number}", "--local-directory", str(folder)),
            )
        )
    end = time.monotonic() + 60
    while not card.exists() and time.monotonic() < end:
        time.sleep(0.1)
    yield json.loads(card.read_text())["address"]
    for process in reversed(started):
        process.terminate()
    for process in started:
        process.wait(30)


class Diary:
    """A listener that writes down what it is told."""

    def __init__(self):
        self.events = []

    def begin(self, total):
        """Write down how many there are."""
        self.events.append(("begin", total))

    def show(self, event):
        """Write down one event."""
        self.events.append((event.kind, event.notebook, event.cell, event.cells))


def test_real_scheduler_spreads_notebooks_over_its_workers(scheduler, tmp_path, monkeypatch):
    """Do two workers in processes of their own run two notebooks, and tell of it as they go?"""
    with distributed.Client(scheduler) as client:
        client.wait_for_workers(2, timeout=60)
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        builders.write_notebook(tmp_path / f"{name}.ipynb", WHO, builders.TRUE_CLAIM)
    builders.write_notebook(tmp_path / "c.ipynb", "1 / 0")
    diary = Diary()

    report = headless.run(["."], RunOptions(scheduler=scheduler), diary)

    assert [r.status for r in report.results] == ["passed", "passed", "failed"]
    assert report.workers == 2
    parents = {r.executed["cells"][3]["outputs"][0]["text"] for r in report.results[:2]}
    assert len(parents) == 2
    assert str(os.getpid()) not in {parent.strip() for parent in parents}
    assert ("begin", 3) in diary.events
    told = [event for event in diary.events if event[1] == "a.ipynb"]
    assert told == [
        ("started", "a.ipynb", 0, 0),
        *[("cell", "a.ipynb", number, 4) for number in (1, 2, 2, 3, 4)],
        ("ended", "a.ipynb", 0, 0),
    ]


def _kernels_in(folder):
    """Return the processes of runs that work in a folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if processes.MARK in process.environ() and process.cwd() == str(folder):
                found.append(process)
    return found


class Impatient:
    """A listener that presses Ctrl-C when a cell begins to wait."""

    def begin(self, total):
        """Do nothing."""

    def show(self, event):
        """Interrupt, as the signal would."""
        if event.kind == "cell" and event.cell == 3:
            raise KeyboardInterrupt


def test_interrupted_run_ends_the_kernels_of_a_real_scheduler(scheduler, tmp_path, monkeypatch):
    """Are the workers of a cluster free again after Ctrl-C, their kernels gone?"""
    monkeypatch.chdir(tmp_path)
    builders.write_notebook(tmp_path / "endless.ipynb", "import time; time.sleep(600)  # endless")

    report = headless.run(["."], RunOptions(scheduler=scheduler), Impatient())

    assert (report.exit_status, [r.status for r in report.results]) == (130, ["not run"])
    assert _kernels_in(tmp_path) == []
    again = builders.write_notebook(tmp_path / "sub" / "again.ipynb", "x = 1")
    assert headless.run([again], RunOptions(scheduler=scheduler)).exit_status == 0


def test_cuda_without_gpu_workers_is_refused(scheduler, tmp_path):
    """Is a cluster without GPU workers named, with the way to get one?"""
    path = builders.write_notebook(tmp_path / "a.ipynb")

    with pytest.raises(UsageError, match=r'none of its 2 workers offers a GPU.*"GPU=1"'):
        headless.run([path], RunOptions(scheduler=scheduler, device="cuda", output=tmp_path))


def test_scheduler_that_does_not_answer_is_named(tmp_path, monkeypatch):
    """Is a wrong address an error that says what was expected?"""
    from cmp784.headless import schedule

    monkeypatch.setattr(schedule, "PATIENCE", 1)
    path = builders.write_notebook(tmp_path / "a.ipynb")

    with pytest.raises(UsageError, match=r"'tcp://127.0.0.1:9' does not answer.*dask scheduler"):
        headless.run([path], RunOptions(scheduler="tcp://127.0.0.1:9", output=tmp_path))


def test_worker_with_other_sources_is_refused():
    """Does a worker that has another cmp784 say so?"""
    from cmp784.headless.environment import digest
    from cmp784.headless.schedule import describe_worker

    worker = SimpleNamespace(state=SimpleNamespace(total_resources={"GPU": 1}))

    other = describe_worker("another fingerprint", dask_worker=worker)
    same = describe_worker(digest(), dask_worker=worker)

    assert "differs from the one that asks" in other["problem"]
    assert (same["problem"], same["gpu"]) == (None, True)
