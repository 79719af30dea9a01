"""The report as JUnit XML: one suite a notebook, one case for the run, one for each claim."""

import re
from xml.etree import ElementTree as ET

from cmp784.claims import Claim
from cmp784.headless.options import BINDING_SCALES
from cmp784.headless.report import Report
from cmp784.headless.result import Result

#: Characters that XML cannot hold.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Return the report as JUnit XML.

    Each notebook is a suite. Its first case, ``runs``, says whether every cell ran; each claim is
    a case of its own. A failed claim at the scale ``smoke`` is skipped: there it is only recorded.

    Parameters
    ----------
    report
        What is to be told.

    Returns
    -------
    str
        The XML document.
    """
    root = ET.Element("testsuites", name=f"cmp784 run --scale {report.scale}")
    suites = [_suite(root, result, report) for result in report.results]
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(suite.get(key, "0")) for suite in suites)))
    root.set("time", f"{report.seconds:.3f}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, result: Result, report: Report) -> ET.Element:
    """Add the suite of one notebook."""
    suite = ET.SubElement(root, "testsuite", name=_clean(result.notebook))
    properties = ET.SubElement(suite, "properties")
    told = {"status": result.status, "scale": report.scale, "device": report.device}
    told |= {"claims": f"{result.claims_passed}/{len(result.claims)}", "kept": str(result.kept)}
    for name, value in told.items():
        ET.SubElement(properties, "property", name=name, value=value)
    _run_case(suite, result)
    names: dict[str, int] = {}
    for claim in result.claims:
        names[claim.words] = names.get(claim.words, 0) + 1
        _claim_case(suite, result, claim, names[claim.words], report.scale in BINDING_SCALES)
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{result.seconds:.3f}")
    if report.started:
        suite.set("timestamp", report.started[:19])
    return suite


def _run_case(suite: ET.Element, result: Result) -> None:
    """Add the case that says whether the notebook ran to its end."""
    case = _case(suite, result, "runs", result.seconds)
    failure = result.failure
    if result.status == "not run":
        ET.SubElement(case, "skipped", message=_clean(failure.reason if failure else "not run"))
    elif failure is not None and result.status != "claim failed":
        tag = "failure" if result.status == "failed" else "error"
        said = ET.SubElement(case, tag, message=_clean(failure.reason), type=result.status)
        where = f"cell {failure.cell}:\n{failure.source}\n\n" if failure.cell else ""
        said.text = _clean(f"{where}{failure.traceback}\n\n{failure.remedy}")


def _claim_case(suite: ET.Element, result: Result, claim: Claim, time: int, binding: bool) -> None:
    """Add the case of one claim; ``time`` tells apart claims of the same words."""
    name = f"claim: {claim.words}" + (f" ({time})" if time > 1 else "")
    case = _case(suite, result, name, 0.0)
    if not claim.passed and binding:
        words = f"measured {claim.figure}, claimed {claim.expected}"
        ET.SubElement(case, "failure", message=_clean(words), type="claim failed")
    elif not claim.passed:
        ET.SubElement(case, "skipped", message="does not hold; at smoke it is only recorded")
    ET.SubElement(case, "system-out").text = _clean(claim.to_text())


def _case(suite: ET.Element, result: Result, name: str, seconds: float) -> ET.Element:
    stem = result.notebook.removesuffix(".ipynb").replace("/", ".")
    settings = {"classname": _clean(stem), "name": _clean(name), "time": f"{seconds:.3f}"}
    return ET.SubElement(suite, "testcase", settings)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
