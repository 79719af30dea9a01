"""One notebook, run here: what the whole run does not show."""

import json
import os
import re
import subprocess
import sys

import nbformat
import pytest

from tests.cmp784 import builders

pytest.importorskip("papermill", reason='needs the runner: pip install "cmp784[instructor]"')

from cmp784.headless import processes, watchdog
from cmp784.headless.execute import Job, execute

pytestmark = pytest.mark.slow


def _execute(*cells, folder="/no/such/folder", notebook=None, on_cell=lambda *_: None, **settings):
    """Run some cells at laptop."""
    made = notebook or builders.make_notebook(*cells)
    settings = {"parameters": {"scale": "laptop"}, **settings}
    return execute(Job("a.ipynb", nbformat.writes(made), folder, **settings), on_cell)


def test_folder_that_is_not_on_this_host_becomes_a_temporary_one():
    """Does a worker without the caller's file system still run the notebook?"""
    result = _execute("import os; open('made.txt', 'w').close(); print(os.getcwd())")

    assert result.status == "passed"
    folder = result.executed["cells"][3]["outputs"][0]["text"].strip()
    assert folder != "/no/such/folder"
    assert not os.path.exists(folder)


def test_progress_counts_the_cells_of_the_source():
    """Does progress count to the number of cells, though papermill adds one?"""
    told = []

    result = _execute("x = 1", "y = 2", on_cell=lambda *place: told.append(place))

    assert result.status == "passed"
    assert told == [(1, 4), (2, 4), (2, 4), (3, 4), (4, 4)]
    assert 0 < result.cell_seconds < result.seconds


def test_notebook_that_ignores_the_interruption_is_killed_and_still_has_a_traceback():
    """Is a cell that ignores Ctrl-C ended all the same, and its line known?"""
    stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"

    result = _execute(stubborn, seconds=1.0)

    assert result.status == "timed out"
    assert result.failure.cell == 3
    assert re.search("line 2 in <module>", result.failure.traceback)


def test_notebook_that_writes_without_end_is_stopped(monkeypatch):
    """Is a flood of output ended before it fills the memory of the runner?"""
    monkeypatch.setattr(watchdog, "OUTPUT_LIMIT", 200_000)

    result = _execute("while True: print('x' * 1000)", seconds=60.0)

    assert (result.status, result.failure.cell) == ("failed", 3)
    assert "it wrote more than" in result.failure.reason
    assert len(json.dumps(result.executed)) < 1_000_000


def test_cell_number_counts_an_injected_cell_that_the_source_has_already():
    """Is the number right in a notebook that papermill has written to before?"""
    notebook = builders.make_notebook("seed = 1", "1 / 0")
    builders.tag(notebook, 3, "injected-parameters")

    assert _execute(notebook=notebook).failure.cell == 4


def test_module_beside_the_notebook_is_imported(tmp_path):
    """Is the notebook's own folder on the path, as in JupyterLab?"""
    builders.write(tmp_path / "helper.py", "answer = 42")

    result = _execute("import helper; assert helper.answer == 42", folder=str(tmp_path))

    assert result.status == "passed"


def test_file_named_like_a_standard_module_does_not_stop_the_kernel(tmp_path):
    """Does a ``logging.py`` beside the notebook leave the kernel alone?"""
    builders.write(tmp_path / "logging.py", "raise RuntimeError('mine')")

    assert _execute("x = 1", folder=str(tmp_path)).status == "passed"


def test_engine_works_from_papermill_itself(tmp_path):
    """Can papermill be told to use our engine by its name?"""
    import papermill

    from cmp784.headless import engine

    engine.register()
    notebook = builders.make_notebook("total = 1 + 1\ntotal")
    notebook.metadata["kernelspec"]["name"] = "python3"

    done = papermill.execute_notebook(
        notebook, None, engine_name=engine.NAME, language="python", progress_bar=False
    )

    assert done.cells[2].outputs[0].data["text/plain"] == "2"


def test_kernel_of_a_dask_worker_keeps_the_memory_that_it_uses_again(monkeypatch):
    """Is dask's setting for its workers, which halves torch's speed, kept from the kernels?"""
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")

    result = _execute("import os; print('MALLOC_TRIM_THRESHOLD_' in os.environ)")

    assert result.executed["cells"][3]["outputs"][0]["text"] == "False\n"


def test_mark_of_one_notebook_is_not_that_of_another():
    """Is a kernel found by its own mark and its run's, and never by another's that begins alike?"""
    child = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)"],
        env=os.environ | {processes.MARK: "test-run/10"},
    )
    try:
        found = {
            mark: [process.pid for process in processes.marked(mark)]
            for mark in ("test-run/1", "test-run/10", "test-run", "test")
        }
        assert processes.kill_marked("test-run/10") == 1
        assert processes.marked("test-run") == []
    finally:
        child.kill()

    assert found == {
        "test-run/1": [],
        "test-run/10": [child.pid],
        "test-run": [child.pid],
        "test": [],
    }


def test_empty_mark_is_refused():
    """Is the mark that every process carries never one to kill by?"""
    with pytest.raises(ValueError, match="the mark is empty"):
        processes.kill_marked("")
