"""The whole run, with real kernels: what fails is told, and the others go on."""

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from cmp784 import claims, headless
from cmp784.headless import RunOptions, terminal
from tests.cmp784 import builders

pytest.importorskip("papermill", reason='needs the runner: pip install "cmp784[instructor]"')
pytest.importorskip("distributed", reason='needs the runner: pip install "cmp784[instructor]"')

pytestmark = pytest.mark.slow

LOOK_AROUND = """
import json, os, sys
import torch
from pathlib import Path
told = {"scale": scale, "seed": seed, "threads": torch.get_num_threads(), "python": sys.executable,
        "folder": os.getcwd(), "headless": os.environ["CMP784_HEADLESS"],
        "backend": os.environ["MPLBACKEND"], "device": os.environ["CMP784_DEVICE"],
        "neighbour": Path("table.csv").read_text()}
print(json.dumps(told))
"""
DRAW = """
import base64
from IPython.display import display
pixel = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
         "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
bundle = {"image/png": pixel, "text/plain": "a picture",
          "application/vnd.jupyter.widget-view+json": {"model_id": "1", "version_major": 2}}
display(bundle, metadata={"image/png": {"alt": "A point, <small> & alone."}}, raw=True)
"""
EAT = """
import time
held = []
while True:
    held.append(bytearray(4_000_000))
    time.sleep(0.002)
"""
# Known by this process's number, since other runs of these tests may go on beside it.
LEFT_BEHIND = f"left-behind-by-{os.getpid()}"
LEAVE_A_CHILD = f"""
import subprocess, sys
child = "import time; time.sleep(600)  # {LEFT_BEHIND}"
subprocess.Popen([sys.executable, "-c", child], start_new_session=True)
"""


def _write_all(folder: Path) -> None:
    """Write one good notebook and one for each kind of trouble."""
    write = builders.write_notebook
    folder.mkdir()
    (folder / "table.csv").write_text("1,2")
    write(folder / "good.ipynb", LOOK_AROUND, DRAW, builders.TRUE_CLAIM)
    write(folder / "fails.ipynb", "x = 1", "1 / 0  # here", "never = True")
    write(folder / "hangs.ipynb", LEAVE_A_CHILD, "while True:\n    pass", laptop=1)
    write(folder / "ends kernel.ipynb", "import os\nos._exit(3)")
    write(folder / "crashes.ipynb", "def deep():\n    import os\n    os.abort()\n", "deep()")
    write(folder / "eats.ipynb", EAT)
    write(folder / "untrue.ipynb", "before = 1", builders.FALSE_CLAIM)
    write(folder / "damaged claim.ipynb", "before = 1", builders.DAMAGED_CLAIM)
    write(folder / "leaves early.ipynb", "import sys\nsys.exit(0)", builders.TRUE_CLAIM)
    write(folder / "kills worker.ipynb", "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)")
    write(folder / "no parameters.ipynb", "x = 1", parameters=None)
    write(folder / "bad seconds.ipynb", "x = 1", laptop=-5)
    expected = builders.make_notebook("1 / 0", builders.TRUE_CLAIM)
    builders.write(folder / "expects error.ipynb", builders.tag(expected, 3, "raises-exception"))
    builders.write(folder / "sub" / "not json.ipynb", '{"cells": [')
    builders.write(folder / ".ipynb_checkpoints" / "old.ipynb", "left out")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder in which all of them have been run, once for this module."""
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def before(folder):
    """Give the bytes of every file before the run."""
    _write_all(folder / "lectures")
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def report(folder, before):
    """Give the report of the run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MPLBACKEND", "agg")
        options = RunOptions(workers=2, parameters={"seed": 7}, memory_limit=600 * 2**20)
        return headless.run(["lectures"], options)


def _result(report, name):
    return next(result for result in report.results if result.notebook == f"lectures/{name}.ipynb")


def _told(folder, name):
    """Return what the first output of the first code cell that printed holds."""
    executed = builders.read_json(folder / f"build/run/laptop/notebooks/lectures/{name}.ipynb")
    texts = (out.get("text") for cell in executed["cells"] for out in cell.get("outputs", []))
    return json.loads("".join(next(text for text in texts if text)))


def test_every_kind_of_trouble_is_told_apart_and_the_others_go_on(report):
    """Does each notebook get the status that it deserves?"""
    statuses = {r.notebook.removeprefix("lectures/"): r.status for r in report.results}

    assert statuses == {
        "bad seconds.ipynb": "invalid",
        "crashes.ipynb": "kernel died",
        "damaged claim.ipynb": "failed",
        "eats.ipynb": "out of memory",
        "ends kernel.ipynb": "kernel died",
        "expects error.ipynb": "passed",
        "fails.ipynb": "failed",
        "good.ipynb": "passed",
        "hangs.ipynb": "timed out",
        "kills worker.ipynb": "worker died",
        "leaves early.ipynb": "failed",
        "no parameters.ipynb": "invalid",
        "sub/not json.ipynb": "invalid",
        "untrue.ipynb": "claim failed",
    }
    assert report.exit_status == 1


@pytest.mark.parametrize(
    ("name", "cell", "source", "reason", "traceback"),
    [
        ("fails", 4, "1 / 0  # here", "ZeroDivisionError: division by zero", "----> 1 1 / 0"),
        ("hangs", 4, "while True:", "longer than its limit of 3 s", "KeyboardInterrupt"),
        ("eats", 3, "held = []", "its limit is 600 MiB", "line"),
        ("ends kernel", 3, "os._exit(3)", "exit status 3", ""),
        ("crashes", 4, "deep()", "signal SIGABRT", "in deep"),
        ("untrue", 4, "claim(", "measured 0.5", ""),
        ("leaves early", 3, "sys.exit(0)", "SystemExit: 0", ""),
        ("damaged claim", None, "", "cell 4: stored claim is damaged", ""),
        ("no parameters", None, "", "0 cells are tagged 'parameters'", ""),
        ("bad seconds", None, "", "course.seconds.laptop is -5", ""),
        ("sub/not json", None, "", "not valid JSON", ""),
        ("kills worker", None, "", "KilledWorker", ""),
    ],
)
def test_failure_names_cell_source_traceback_and_remedy(
    report, name, cell, source, reason, traceback
):
    """Does a reader find the place, counted over all cells of the source, and what to do?"""
    failure = _result(report, name).failure

    assert failure.cell == cell
    assert source in failure.source
    assert reason in failure.reason
    assert traceback in failure.traceback
    assert "\x1b" not in failure.traceback
    assert failure.remedy.endswith(".")


def test_kernel_gets_our_python_one_thread_its_folder_and_the_parameters(report, folder):
    """Does a notebook see what the documentation promises, whatever kernel it names?"""
    import sys

    assert _told(folder, "good") == {
        "scale": "laptop",
        "seed": 7,
        "threads": 1,
        "python": sys.executable,
        "folder": str((folder / "lectures").resolve()),
        "headless": "1",
        "backend": "module://matplotlib_inline.backend_inline",
        "device": "",
        "neighbour": "1,2",
    }


def test_sources_are_left_as_they_were(report, folder, before):
    """Does the run write nothing beside the notebooks, and nothing into them?"""
    after = {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(folder / "build")
    }

    assert after == before


def test_killed_kernel_leaves_no_child_behind(report):
    """Is a child in a session of its own gone with the kernel that started it?"""
    import psutil

    lines = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]

    assert [line for line in lines if any(LEFT_BEHIND in word for word in line)] == []


def test_executed_page_keeps_words_of_pictures_and_drops_live_widgets(report, folder):
    """Can the page be read without a kernel, and the picture without eyes?"""
    page = (folder / "build/run/laptop/notebooks/lectures/good.html").read_text("utf-8")

    assert '<img alt="A point, &lt;small&gt; &amp; alone."' in page
    assert 'class="jupyter-widgets' not in page
    assert 'type="application/vnd.jupyter.widget' not in page
    assert re.findall(r"<(?:script|img|link)(?! defer)[^>]*(?:src|href)=\"(?!data:)", page) == []


class _Rows(HTMLParser):
    """Collects the rows of the table of notebooks, with the cells as text."""

    def __init__(self):
        super().__init__()
        self.rows, self._open = {}, None

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "data-notebook" in attributes:
            self._open = self.rows[attributes["data-notebook"]] = []
        elif tag == "td" and self._open is not None:
            self._open.append("")

    def handle_endtag(self, tag):
        if tag == "tr":
            self._open = None

    def handle_data(self, data):
        if self._open:
            self._open[-1] += data


def _rows_of_html(path):
    parser = _Rows()
    parser.feed(path.read_text("utf-8"))
    return {
        name: (status[2:].removesuffix(" (kept)"), seconds, held, measured)
        for name, (_, status, seconds, held, measured) in parser.rows.items()
    }


def _rows_of_json(path):
    rows = {}
    for row in builders.read_json(path)["notebooks"]:
        made = [claims.Claim.from_json(claim).to_text() for claim in row["claims"]]
        held = f"{row['claims_passed']}/{row['claims_total']}"
        rows[row["notebook"]] = (row["status"], f"{row['seconds']:.1f}", held, "".join(made))
    return rows


def _rows_of_junit(path):
    rows = {}
    for suite in ET.parse(path).getroot():
        told = {prop.get("name"): prop.get("value") for prop in suite.find("properties")}
        made = [
            case.findtext("system-out") for case in suite if case.find("system-out") is not None
        ]
        seconds = f"{float(suite.get('time')):.1f}"
        rows[suite.get("name")] = (told["status"], seconds, told["claims"], "".join(made))
    return rows


def _rows_of_terminal(report):
    console = Console(width=400, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(terminal.render(report))
    lines = [line for line in console.export_text().splitlines() if line.startswith("│")]
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in lines]
    return {
        name: (status.removesuffix(" (kept)"), seconds, held, measured)
        for name, status, seconds, held, measured in cells
    }


def test_terminal_json_junit_and_html_agree(report, folder):
    """Do the four reports tell the same of every notebook?"""
    made = folder / "build/run/laptop"
    rows = _rows_of_json(made / "report.json")

    assert len(rows) == len(report.results)
    assert _rows_of_html(made / "report.html") == rows
    assert _rows_of_junit(made / "report.xml") == rows
    assert _rows_of_terminal(report) == rows


def test_junit_counts_what_failed(report, folder):
    """Does a reader of JUnit see as many troubles as there are notebooks that did not pass?"""
    root = ET.parse(folder / "build/run/laptop/report.xml").getroot()
    troubled = [
        suite.get("name")
        for suite in root
        if suite.find(".//failure") is not None or suite.find(".//error") is not None
    ]

    assert troubled == [result.notebook for result in report.results if not result.passed]
    assert int(root.get("tests")) == len(root.findall(".//testcase"))
    assert int(root.get("failures")) == len(root.findall(".//failure"))
    assert int(root.get("errors")) == len(root.findall(".//error"))


def test_report_names_machine_and_versions(report):
    """Does the report say where the numbers come from?"""
    import platform

    import torch

    assert report.environment["python"] == platform.python_version()
    assert report.environment["packages"]["torch"] == torch.__version__
    assert report.environment["cpus"] >= 1
    assert report.workers == 2
