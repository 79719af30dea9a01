"""Whatever is handed in, nothing is raised, and the source stays what it is."""

import json

from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from autograder.intake import rebuild
from tests.autograder.intake.builders import hand_in, make_source

SOURCE = make_source()
IDS = [cell.grade_id for cell in SOURCE.cells if cell.grade_id]
TEXTS = [cell.text for cell in SOURCE.cells] + [cell.solution for cell in SOURCE.answers]

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
text = st.lists(st.sampled_from(TEXTS) | st.text(max_size=20), max_size=4).map("\n".join)
metadata = st.fixed_dictionaries(
    {"nbgrader": st.fixed_dictionaries({"grade_id": st.sampled_from(IDS) | plain})}
)
cell = plain | st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | plain,
        "source": text | plain,
        "metadata": metadata | plain,
    },
    optional={"execution_count": plain, "attachments": plain},
)


def whole(result):
    """Check what every rebuilt notebook is."""
    ours = [one for one in result.cells if one.role != "extra"]
    assert result.problem or result.cells
    assert not result.cells or [one.source_index for one in ours] == [*range(len(SOURCE.cells))]
    for one, known in zip(ours, SOURCE.cells, strict=False):
        if known.role != "answer":
            assert one.cell == known.cell
    ids = [one.cell["id"] for one in result.cells]
    assert len(ids) == len(set(ids))
    json.dumps([one.cell for one in result.cells]).encode()
    assert all(one.cell["source"].encode() is not None for one in result.cells)


@settings(max_examples=200)
@for_all(st.lists(cell, max_size=12))
def test_any_cells(cells):
    """Texts and ids of the source, in any mixture, and values of any type."""
    whole(rebuild(SOURCE, json.dumps({"cells": cells}).encode()))


@settings(max_examples=100)
@for_all(plain)
def test_any_json(value):
    """Whatever JSON can say."""
    whole(rebuild(SOURCE, json.dumps(value).encode()))


@settings(max_examples=100)
@for_all(st.binary(max_size=30), st.integers(0, 3000), st.integers(0, 3000))
def test_any_bytes(noise, start, length):
    """A good notebook with noise in the place of a piece of it."""
    good = json.dumps(hand_in(SOURCE)).encode()

    whole(rebuild(SOURCE, good[:start] + noise + good[start + length :]))
