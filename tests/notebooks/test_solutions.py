"""The worked answer of every exercise passes the check that students see."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from cmp784 import checks

ROOT = Path(__file__).resolve().parents[2]
SOLUTIONS = sorted((ROOT / "solutions" / "lectures").rglob("[0-9]*.ipynb"))

pytestmark = [
    pytest.mark.slow,
    # Not ours: what the Jupyter packages say to each other while a kernel starts and stops.
    pytest.mark.filterwarnings("default"),
]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_worked_exercises_pass_their_checks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the worked notebook run to its end, with every check passed?"""
    monkeypatch.setenv("CMP784_HEADLESS", "1")
    notebook = nbformat.read(path, as_version=4)

    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()

    outcomes = checks.read(notebook)
    assert len(outcomes) >= 2
    assert [outcome for outcome in outcomes if outcome.status != "passed"] == []
