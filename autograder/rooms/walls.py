"""Which walls stand around a zygote or a room, and the command that builds them."""

from collections.abc import Sequence

from autograder.rooms import bubblewrap, container
from autograder.rooms.inside import walls as inside
from autograder.rooms.settings import RoomSettings


def inside_kind(settings: RoomSettings) -> str:
    """Return who builds a room's own walls; see `autograder.rooms.inside.walls`."""
    return {"warm": inside.OWN, "none": inside.NONE}.get(settings.isolation, inside.GIVEN)


def around(words: Sequence[str], settings: RoomSettings, meeting: str = "") -> list[str]:
    """Return the command that runs Python with ``words`` behind walls.

    Parameters
    ----------
    words
        The program, which is this Python, and its arguments.
    settings
        Which walls.
    meeting
        The folder where the grader waits for a container's call.

    Raises
    ------
    RoomsError
        The walls cannot be built.
    """
    if settings.isolation == "none":
        return list(words)
    if settings.isolation == "container":
        return container.command(words[1:], settings, meeting)
    return bubblewrap.command(words, settings, once=settings.isolation == "cold")
