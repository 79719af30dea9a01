"""Tests of autograder.office.plan: what rooms are to import before they open."""

from types import SimpleNamespace

import pytest

from autograder.office.plan import imported


@pytest.mark.parametrize(
    "text",
    [
        "import torch",
        "import torch.nn as nn",
        "from torch import nn",
        "%matplotlib inline\nimport torch",
        "try:\n    import torch\nexcept ImportError:\n    %pip install torch",
        "if True:\n    !pip install torch\nimport torch",
        "def f():\n    import torch",
    ],
)
def test_heavy_modules_are_found_among_magics(text):
    """A room that imports torch itself would take seconds for it."""
    assert list(imported([source(text)])) == ["torch"]


def test_cell_that_is_no_python_hides_no_other():
    """Each cell is read alone."""
    assert list(imported([source("import torch", "%%bash\necho '(", "import numpy")])) == [
        "torch",
        "numpy",
    ]


def source(*texts):
    """Make as much of a source as is looked at."""
    cells = [SimpleNamespace(is_code=True, full=text, solution="") for text in texts]
    return SimpleNamespace(cells=cells)
