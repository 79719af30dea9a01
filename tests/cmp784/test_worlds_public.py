import pickle
import subprocess
import sys

from cmp784 import worlds
from cmp784.errors import Cmp784Error


def test_public_names_are_these():
    """What a notebook may use does not change by accident."""
    assert worlds.__all__ == sorted(worlds.__all__, key=lambda name: (not name.isupper(), name))
    assert set(worlds.__all__) == {
        *("BACKGROUND", "COLOURS", "HELD_OUT", "KEYPOINTS", "PALETTE", "RELATIONS", "SHAPES"),
        *("SIZES", "Block", "Blocks", "Cards", "Description", "Match", "Question", "Scene"),
        *("Seen", "WorldError", "all_scenes", "blocks", "caption", "cards", "describe"),
        *("matches", "parse_caption", "questions", "retina", "split_of", "turkish"),
    }
    assert all(hasattr(worlds, name) for name in worlds.__all__)


def test_error_is_the_packages_own_and_survives_pickling():
    """An error crosses to another process with its message."""
    error = pickle.loads(pickle.dumps(worlds.WorldError("side is '15'")))

    assert isinstance(error, Cmp784Error)
    assert isinstance(error, ValueError)
    assert str(error) == "side is '15'"


def test_importing_the_package_loads_no_torch():
    """Is ``import cmp784`` light although the worlds need torch?"""
    code = "import sys, cmp784; print('torch' in sys.modules, 'scipy' in sys.modules)"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.split() == ["False", "False"]
