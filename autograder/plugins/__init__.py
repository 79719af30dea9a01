"""Steps for nbgrader's own commands, so that they grade in the same rooms as ``autograder grade``.

They are named in ``nbgrader_config.py``, and hold for ``nbgrader autograde`` and for the button in
formgrader::

    c.Autograde.exporter_class = "autograder.plugins.HandInExporter"
    c.Autograde.sanitize_preprocessors = [
        "autograder.plugins.RebuildNotebook",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        "autograder.plugins.GradeInRooms",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
        "autograder.plugins.SaveRecord",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
"""

from autograder.plugins.conversion import PluginError
from autograder.plugins.execute_in_room import ExecuteInRoom
from autograder.plugins.grade_in_rooms import GradeInRooms, SaveRecord
from autograder.plugins.hand_in_exporter import HandInExporter
from autograder.plugins.rebuild_notebook import RebuildNotebook

__all__ = [
    "ExecuteInRoom",
    "GradeInRooms",
    "HandInExporter",
    "PluginError",
    "RebuildNotebook",
    "SaveRecord",
]
