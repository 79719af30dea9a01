"""Every lecture runs at the scale ``smoke``, as the headless runner runs it."""

from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from cmp784 import checks, headless

ROOT = Path(__file__).resolve().parents[2]
LECTURES = sorted((ROOT / "lectures").rglob("[0-9]*.ipynb"))

pytestmark = [
    pytest.mark.slow,
    # Not ours: what the Jupyter and dask packages say to each other while they start and stop.
    pytest.mark.filterwarnings("default"),
]


@pytest.fixture(scope="module")
def lectures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, headless.Result]:
    """Run all lectures; give the results by file name."""
    output = tmp_path_factory.mktemp("lectures")
    options = headless.RunOptions(scale="smoke", workers=1, output=output)
    report = headless.run([ROOT / "lectures"], options)
    return {Path(result.notebook).stem: result for result in report.results}


def executed(result: headless.Result) -> nbformat.NotebookNode:
    """Return the executed notebook of a result that passed."""
    assert result.status == "passed", result.failure
    return nbformat.from_dict(result.executed)


@pytest.mark.parametrize("name", [path.stem for path in LECTURES])
def test_lecture_runs_quietly_and_describes_every_picture(
    lectures: dict[str, headless.Result], name: str
) -> None:
    """Does a lecture run to its end, without a warning, and with words for each picture?"""
    notebook = executed(lectures[name])
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    pictures = [out for out in outputs if "image/png" in out.get("data", {})]
    pages = [BeautifulSoup(out.data.get("text/html", ""), "html.parser") for out in pictures]

    assert [out.text for out in outputs if out.get("name") == "stderr"] == []
    assert len(pictures) >= 3
    assert [out for out in pictures if not out.metadata["image/png"].get("alt")] == []
    assert [img for page in pages for img in page.select("img") if not img.get("alt")] == []


@pytest.mark.parametrize("name", [path.stem for path in LECTURES])
def test_lecture_measures_its_claims_and_waits_for_answers(
    lectures: dict[str, headless.Result], name: str
) -> None:
    """Are the claims in the executed notebook, and the exercises unanswered?"""
    statuses = {outcome.status for outcome in checks.read(executed(lectures[name]))}

    assert len(lectures[name].claims) >= 3
    assert statuses == {"unanswered"}
