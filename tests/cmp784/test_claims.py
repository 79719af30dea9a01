"""Measured claims: their verdict, their look, and how they are read back."""

import json
import math
import pickle

import nbclient
import nbformat
import numpy as np
import pytest
import torch

from cmp784 import claim, claims
from cmp784.claims import Claim, ClaimError
from cmp784.outputs import NotebookError

VERDICTS = {
    "one number": (0.98, {"at_least": 0.95}, "✓ w: measured 0.98, claimed at least 0.95"),
    "too low": (0.9, {"at_least": 0.95}, "✗ w: measured 0.9, claimed at least 0.95"),
    "on the bound": (3, {"at_least": 3, "at_most": 3}, "✓ w: measured 3, claimed exactly 3"),
    "between": (2, {"at_least": 1, "at_most": 3}, "✓ w: measured 2, claimed between 1 and 3"),
    "too high": (9, {"at_most": 3}, "✗ w: measured 9, claimed at most 3"),
    "source": (1, {"at_most": 3, "source": "p. 1"}, "✓ w: measured 1, claimed at most 3  [p. 1]"),
    "seeds": (
        [0.9, 1.0, 1.1],
        {"at_least": 0.95},
        "✓ w: measured 1 ± 0.1 (n = 3), claimed at least 0.95",
    ),
    "one seed": ([0.5], {"at_least": 0.1}, "✓ w: measured 0.5, claimed at least 0.1"),
    "array": (
        np.array([1, 3]),
        {"at_least": 2},
        "✓ w: measured 2 ± 1.4 (n = 2), claimed at least 2",
    ),
    "tensor": (
        torch.tensor(2.0, requires_grad=True),
        {"at_most": 2},
        "✓ w: measured 2, claimed at most 2",
    ),
    "tensors": (
        [torch.tensor(1.0), np.float32(1)],
        {"at_most": 2},
        "✓ w: measured 1 ± 0 (n = 2), claimed at most 2",
    ),
    "generator": (
        (n for n in (1, 1)),
        {"at_most": 2},
        "✓ w: measured 1 ± 0 (n = 2), claimed at most 2",
    ),
    "nan": (math.nan, {"at_least": 0}, "✗ w: measured nan, claimed at least 0"),
    "one nan": ([1, math.nan], {"at_least": 0}, "✗ w: measured nan (n = 2), claimed at least 0"),
    "inf": (math.inf, {"at_least": 0}, "✗ w: measured inf, claimed at least 0"),
    "both infinities": (
        [math.inf, -math.inf],
        {"at_least": 0},
        "✗ w: measured nan (n = 2), claimed at least 0",
    ),
    "open bound": (5, {"at_most": math.inf}, "✓ w: measured 5, claimed at most inf"),
    "large numbers": (
        [1e308, 1e308],
        {"at_least": 0},
        "✓ w: measured 1e+308 ± 0 (n = 2), claimed at least 0",
    ),
    "many images": (60_000, {"at_least": 60_000}, "✓ w: measured 60000, claimed at least 60000"),
    "a million": (1_234_567, {"at_most": 2e6}, "✓ w: measured 1234567, claimed at most 2000000"),
    "rounds to the bound": (
        0.94999,
        {"at_least": 0.95},
        "✗ w: measured 0.94999, claimed at least 0.95",
    ),
    "truth": (True, {"at_least": 1}, "✓ w: measured 1, claimed at least 1"),
    "negative": (-0.5, {"at_most": 0}, "✓ w: measured -0.5, claimed at most 0"),
}


@pytest.mark.parametrize(("measured", "bounds", "line"), VERDICTS.values(), ids=VERDICTS)
def test_claim_shows_its_line(measured, bounds, line, capsys):
    """A tick or a cross, the figure, the bounds, the source."""
    claim("w", measured, **bounds)

    assert capsys.readouterr().out == line + "\n"


REFUSED = {
    "no bound": (1, {}, "no bound, so it cannot fail. Give at_least= or at_most="),
    "crossing bounds": (1, {"at_least": 2, "at_most": 1}, "above at_most=1, so nothing could pass"),
    "bound not a number": (1, {"at_least": math.nan}, "a bound is not a number"),
    "bound in words": (1, {"at_least": "high"}, "at_least is 'high'; expected a number"),
    "empty": ([], {"at_least": 1}, "nothing was measured. Pass a number"),
    "empty tensor": (torch.zeros(0), {"at_least": 1}, "nothing was measured"),
    "text": ("3", {"at_least": 1}, "measured is '3'; expected a number"),
    "texts": (["3"], {"at_least": 1}, r"measured is \['3'\]; expected a number"),
    "bytes": (b"3", {"at_least": 1}, "measured is b'3'"),
    "dict": ({1: 2}, {"at_least": 1}, r"measured is \{1: 2\}"),
    "None": (None, {"at_least": 1}, "measured is None"),
    "complex": (1j, {"at_least": 1}, "measured is 1j"),
    "nested": ([[1, 2]], {"at_least": 1}, "a flat sequence with one number a seed"),
    "table": (np.ones((2, 2)), {"at_least": 1}, "a flat sequence with one number a seed"),
    "too large": (10**400, {"at_least": 1}, "expected a number"),
}


@pytest.mark.parametrize(("measured", "bounds", "words"), REFUSED.values(), ids=REFUSED)
def test_claim_that_cannot_be_measured_is_refused(measured, bounds, words, capsys):
    """The claim is named, what was found is quoted, and nothing is shown."""
    with pytest.raises(ClaimError, match=f"^claim 'gain': .*{words}"):
        claim("gain", measured, **bounds)

    assert capsys.readouterr().out == ""


def test_html_of_a_claim_is_escaped_and_readable_in_grey():
    """Words and source may hold any character; symbol and label carry the verdict."""
    shown = Claim("a < b & <script>", (1.0,), at_least=2, source='"x" <y>').to_html()

    assert "a &lt; b &amp; &lt;script&gt;" in shown
    assert "&quot;x&quot; &lt;y&gt;" in shown
    assert "<script>" not in shown
    assert 'aria-label="claim fails">✗<' in shown


STORED = {
    "one": Claim("w", (1.0,), at_least=0),
    "several": Claim("w", (0.1, 0.2), at_least=0, at_most=1, source="s"),
    "not finite": Claim("w", (math.inf, -math.inf), at_most=math.inf),
    "unicode": Claim("ağırlık ≥ 3", (3.0,), at_least=3),
}


@pytest.mark.parametrize("made", STORED.values(), ids=STORED)
def test_claim_survives_strict_json(made):
    """Numbers that are not finite are stored as text, because JSON has none."""
    text = json.dumps(made.to_json(), allow_nan=False)

    assert Claim.from_json(json.loads(text)) == made
    assert json.loads(text)["passed"] is made.passed


def test_nan_survives_json():
    """Not a number equals nothing, so it is looked at by itself."""
    back = Claim.from_json(json.loads(json.dumps(Claim("w", (math.nan,), at_least=0).to_json())))

    assert math.isnan(back.measured[0])
    assert not back.passed


def test_verdict_is_worked_out_again_when_read():
    """A verdict that somebody edited does not count."""
    stored = {**Claim("w", (1.0,), at_least=2).to_json(), "passed": True}

    assert not Claim.from_json(stored).passed


def test_claim_and_its_error_can_be_pickled():
    """Both cross a process."""
    made = Claim("w", (1.0,), at_least=2)

    assert pickle.loads(pickle.dumps(made)) == made
    assert str(pickle.loads(pickle.dumps(ClaimError("why")))) == "why"


DAMAGED = {
    "field missing": {"words": "w", "at_least": 1},
    "text for numbers": {"words": "w", "measured": "98", "at_least": 1},
    "null": {"words": "w", "measured": [None], "at_least": 1},
    "no bound": {"words": "w", "measured": [1]},
    "list": [1, 2],
    "text": "w",
}


@pytest.mark.parametrize("stored", DAMAGED.values(), ids=DAMAGED)
def test_damaged_claim_names_its_cell(stored):
    """The cell is counted from 1 over all cells, and the remedy is given."""
    output = nbformat.v4.new_output("display_data", data={claims.MIME: stored})
    code = nbformat.v4.new_code_cell(outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("text"), code])

    with pytest.raises(
        ClaimError, match=r"^cell 2: stored claim is damaged .*Run its notebook again"
    ):
        claims.read(notebook)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Return the path of a notebook with claims that a real kernel has executed."""
    sources = [
        "from cmp784 import claim\nimport torch",
        'claim("holds", [1, 2], at_least=1, source="p. 1")\nclaim("fails", 0, at_least=1)',
        'claim("not a number", torch.tensor(float("nan")), at_most=1)',
        "print('still here')",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbclient.NotebookClient(notebook, timeout=120).execute()
    path = tmp_path_factory.mktemp("claims") / "executed.ipynb"
    nbformat.write(notebook, path)
    return path


def test_claims_of_an_executed_notebook_are_read_in_order(executed):
    """Those that fail do not stop the notebook."""
    read = claims.read(executed)

    assert read[:2] == [
        Claim("holds", (1.0, 2.0), at_least=1, source="p. 1"),
        Claim("fails", (0.0,), at_least=1),
    ]
    assert [made.passed for made in read] == [True, False, False]
    assert nbformat.read(executed, as_version=4).cells[3].outputs[0].text == "still here\n"


def test_output_of_a_claim_has_three_forms(executed):
    """Data for the runner, HTML for the page, text for the terminal."""
    data = nbformat.read(executed, as_version=4).cells[1].outputs[0].data

    made = claims.read(str(executed))[0]
    assert data == {
        claims.MIME: made.to_json(),
        "text/html": made.to_html(),
        "text/plain": made.to_text(),
    }


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_missing_notebook_is_named(tmp_path, kind):
    """The path is in the message."""
    with pytest.raises(NotebookError, match=r"none.ipynb: there is no such file. Check the path"):
        claims.read(kind(tmp_path / "none.ipynb"))
