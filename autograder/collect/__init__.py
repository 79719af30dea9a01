"""Collect: from the "download all submissions" archives of a platform to nbgrader's folders.

>>> sorted(PLATFORMS)
['blackboard', 'brightspace', 'canvas', 'drive', 'folder', 'gradescope', 'moodle']
"""

from autograder.collect.collecting import Collection, Taken, collect
from autograder.collect.platforms import AUTO, PLATFORMS
from autograder.collect.troubles import CollectError, Trouble

__all__ = ["AUTO", "PLATFORMS", "CollectError", "Collection", "Taken", "Trouble", "collect"]
