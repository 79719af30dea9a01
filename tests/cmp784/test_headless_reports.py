"""The faces of a report, made from results that no notebook had to run for."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from cmp784.claims import Claim
from cmp784.headless import Failure, Report, Result, RunOptions, UsageError
from cmp784.headless.options import parse_bytes, parse_parameter

pytest.importorskip("nbconvert", reason='needs the runner: pip install "cmp784[instructor]"')
pytest.importorskip("distributed", reason='needs the runner: pip install "cmp784[instructor]"')

from cmp784.headless import html_report, junit, pages, terminal
from cmp784.headless.schedule import Event
from cmp784.headless.store import Store

TRUE = Claim("a < b & c", (1.0, 2.0), at_least=1.0, source="Figure 1")
FALSE = Claim("a < b & c", (0.0,), at_least=1.0)
NOT_A_NUMBER = Claim("share", (float("nan"),), at_most=1.0)
BROKEN = Failure("It <broke>.", "Mend it.", 3, "x = '\x00'", "Trace\x08back")


def _report(*results, scale="laptop", **settings):
    return Report(tuple(results), scale, **settings)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (_report(), 0),
        (_report(Result("a.ipynb", "passed")), 0),
        (_report(Result("a.ipynb", "passed"), Result("b.ipynb", "timed out")), 1),
        (_report(Result("a.ipynb", "passed"), interrupted=True), 130),
    ],
    ids=["nothing to run", "all passed", "one did not", "interrupted"],
)
def test_exit_status_tells_what_happened(report, status):
    """Is the status of the command line the one that is documented?"""
    assert report.exit_status == status


def test_result_survives_json():
    """Is a result read back as it was written, claims and failure included?"""
    result = Result("a.ipynb", "failed", 1.5, 1.25, (TRUE, FALSE), BROKEN, "abc")

    assert Result.from_json(result.to_json()) == result


def test_seconds_are_rounded_once_for_every_report():
    """Do seconds between two tenths read the same in JSON and in a table made from it?"""
    result = Result("a.ipynb", "passed", 3.34999, 2.44996)
    report = _report(result, seconds=3.34999)

    kept = Result.from_json(result.to_json())
    assert (
        (kept.seconds, kept.cell_seconds) == (result.seconds, result.cell_seconds) == (3.35, 2.45)
    )
    assert report.to_json()["seconds"] == report.seconds == 3.35


def test_junit_holds_no_character_that_xml_forbids_and_no_name_twice():
    """Can every parser read the XML, whatever a notebook printed?"""
    result = Result("w/a.ipynb", "failed", 1.5, claims=(TRUE, FALSE), failure=BROKEN)

    [suite] = ET.fromstring(junit.render(_report(result)))

    assert [(case.get("name"), case.get("classname")) for case in suite.findall("testcase")] == [
        ("runs", "w.a"),
        ("claim: a < b & c", "w.a"),
        ("claim: a < b & c (2)", "w.a"),
    ]
    assert suite.find("testcase/failure").get("message") == "It <broke>."
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "0")


def test_html_escapes_what_notebooks_say():
    """Is nothing that a notebook wrote taken for HTML?"""
    result = Result("<a>.ipynb", "failed", claims=(TRUE,), failure=BROKEN)

    page = html_report.render(_report(result), {"<a>.ipynb": "notebooks/<a>.html"})

    assert '<a href="notebooks/%3Ca%3E.html">&lt;a&gt;.ipynb</a>' in page
    assert "It &lt;broke&gt;." in page
    assert "a &lt; b &amp; c" in page


def test_measured_number_that_is_none_is_stored_as_valid_json(tmp_path):
    """Can a report with a NaN be read by a strict parser?"""
    import json

    result = Result("a.ipynb", "claim failed", claims=(NOT_A_NUMBER,), failure=BROKEN)

    Store(tmp_path).write(_report(result, parameters={"rate": float("inf")}))

    text = (tmp_path / "report.json").read_text("utf-8")
    told = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))
    assert told["notebooks"][0]["claims"][0]["measured"] == ["nan"]


def test_page_of_a_notebook_that_cannot_be_drawn_says_so():
    """Does a strange executed notebook give a page with the reason, not an error?"""
    page = pages.render(Result("a.ipynb", "passed", executed={"cells": [{"cell_type": 7}]}))

    assert "could not be drawn" in page


def test_progress_in_a_log_is_one_line_an_event():
    """Is a log of CI short: start, end, and nothing that moves?"""
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file, terminal.Progress(console, total=1) as progress:
        progress.show(Event("started", "a.ipynb"))
        for cell in range(1, 10):
            progress.show(Event("cell", "a.ipynb", cell, 9))
        progress.show(Event("ended", "a.ipynb", result=Result("a.ipynb", "passed", 2.0)))

    assert console.export_text().splitlines() == [
        "start  a.ipynb",
        "✓ 1/1  a.ipynb  passed  2.0 s  0/0 claims",
    ]


def test_progress_on_a_terminal_is_a_live_table():
    """Does a terminal show what runs now, and how far it is?"""
    console = Console(width=100, record=True, force_terminal=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file, terminal.Progress(console, total=2) as progress:
        progress.show(Event("cell", "a.ipynb", 3, 9))
        progress._live.refresh()

    told = console.export_text()
    assert "cell 3/9" in told
    assert "0 of 2 done" in told


def test_stored_result_is_replaced_at_once_and_only_a_passed_one_is_kept(tmp_path):
    """Does the store resume what passed with the same fingerprint, and nothing else?"""
    store, executed = Store(tmp_path), {"cells": [], "metadata": {}, "nbformat": 4}
    passed = Result("/w/a.ipynb", "passed", 1.0, digest="1", executed=executed)
    store.save(passed)

    assert store.load("/w/a.ipynb", "1") == replace(passed, kept=True, executed=None)
    assert store.load("/w/a.ipynb", "2") is None
    assert store.load("/w/b.ipynb", "1") is None
    store.save(replace(passed, status="failed"))
    assert store.load("/w/a.ipynb", "1") is None
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=1", ("seed", 1)),
        ("rate=1e-3", ("rate", 0.001)),
        ("flag=true", ("flag", True)),
        ("flag=False", ("flag", False)),
        ("none=null", ("none", None)),
        ("sizes=[1, 2]", ("sizes", [1, 2])),
        ("title=two words", ("title", "two words")),
        ("text=a=b", ("text", "a=b")),
    ],
)
def test_parameter_is_read_as_the_value_that_it_looks_like(text, expected):
    """Does a value on the command line get the type that a notebook expects?"""
    assert parse_parameter(text) == expected


@pytest.mark.parametrize("text", ["0", "-1GB", "nan", "1XB", "GB", ""])
def test_size_that_is_none_is_refused(text):
    """Is a memory limit that makes no sense refused, with an example?"""
    with pytest.raises(UsageError, match="expected a size such as 600MiB"):
        parse_bytes(text)


def test_sizes_are_read_with_and_without_unit():
    """Do decimal and binary units differ, and is a bare number bytes?"""
    assert [parse_bytes(t) for t in ("1000", "1kB", "1 KiB", "1.5G")] == [1000, 1000, 1024, 1.5e9]


def test_usage_error_survives_pickling():
    """Can an error cross processes, as dask makes it?"""
    import pickle

    with pytest.raises(UsageError) as caught:
        RunOptions(scale="huge")

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
