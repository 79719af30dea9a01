"""nbgrader's own running of a notebook, in a room's kernel."""

from typing import Any

from nbgrader.preprocessors import Execute
from traitlets import Unicode

from autograder.rooms.kernelspec import NAME
from autograder.rooms.provisioner import RoomManager


class ExecuteInRoom(Execute):
    """Runs a notebook as nbgrader does, its tests too, in a walled kernel.

    For steps that give no marks; whoever gives marks takes `GradeInRooms`. ``nbgrader validate``
    takes no other steps from its settings.

    The notebook's kernelspec counts for nothing: this is a Python kernel.
    """

    kernel_name = Unicode(NAME, help="Name of the kernel; a room's, whatever a notebook says.")

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # nbgrader's `Execute` takes a manager's class from here alone, and from no settings.
        super().__init__(*arguments, **{"kernel_manager_class": RoomManager, **settings})
