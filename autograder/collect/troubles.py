"""What collecting could not take as it is: one record each, with its place, for a person."""

from dataclasses import asdict, dataclass

from autograder.errors import AutograderError

#: Kinds of warnings about work that was collected all the same: a person should know, no more.
NOTES = frozenset({"no-time", "other-notebooks", "owner-note", "renamed", "time-uncertain"})


class CollectError(AutograderError):
    """A wrong request: an unknown platform, a bad pattern, no archive of that name."""


@dataclass(frozen=True, order=True)
class Trouble:
    """One warning.

    Parameters
    ----------
    archive
        The archive or folder, as it was named; nested ones behind ``>``.
    entry
        The file inside, empty for the whole archive.
    student
        Whose hand-in it is, where known.
    kind
        One of the words that the tests compare: ``unsafe-path``, ``unknown-owner`` ...
    message
        What was found and what was done, in words.
    """

    archive: str
    entry: str
    student: str
    kind: str
    message: str

    @property
    def left_out(self) -> bool:
        """Whether something was not collected, or waits for a person to decide."""
        return self.kind not in NOTES

    def __str__(self) -> str:
        place = ", ".join(filter(None, (self.archive, self.entry and f"'{self.entry}'")))
        owner = f" [{self.student}]" if self.student else ""
        return f"{place}{owner}: {self.message}"

    def as_json(self) -> dict[str, str]:
        """Give the fields as plain data."""
        return asdict(self)


class Troubles:
    """Gathers warnings; each is kept once."""

    def __init__(self) -> None:
        self._all: dict[Trouble, None] = {}

    def add(
        self, kind: str, message: str, *, archive: str = "", entry: str = "", student: str = ""
    ) -> None:
        """Note one warning. Letters that a terminal would act on are shown as escapes."""
        parts = (_printable(part) for part in (archive, entry, student, kind, message))
        self._all.setdefault(Trouble(*parts))

    def listed(self) -> tuple[Trouble, ...]:
        """Give all warnings, in the order of archive and entry."""
        return tuple(sorted(self._all))


def _printable(text: str) -> str:
    """Show control characters and broken letters as escapes, and shorten what has no end."""
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )
    return shown if len(shown) <= 500 else f"{shown[:240]} ... {shown[-240:]}"
