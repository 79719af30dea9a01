"""Rooms in which a student's code and the examiner run, apart from everything else and each other.

A worker process holds one `Rooms`; it opens a `Room` a hand-in, and an `Examiner` beside it. See
`autograder.rooms.inside` for what runs behind the walls.
"""

from autograder.rooms.choice import Choice, choose
from autograder.rooms.errors import RoomsError
from autograder.rooms.examiner import Examiner
from autograder.rooms.kernelspec import install_kernel
from autograder.rooms.room import Room
from autograder.rooms.rooms import Rooms
from autograder.rooms.settings import Limits, RoomSettings

__all__ = [
    "Choice",
    "Examiner",
    "Limits",
    "Room",
    "RoomSettings",
    "Rooms",
    "RoomsError",
    "choose",
    "install_kernel",
]
