"""What the instructor wrote, cell by cell: what students are given, and what they are not."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

#: Roles of cells.
GIVEN, ANSWER, TEST, TASK, EXTRA = "given", "answer", "test", "task", "extra"


@dataclass(frozen=True)
class SourceCell:
    """A cell of the assignment.

    Parameters
    ----------
    role
        ``given``, ``answer``, ``test`` or ``task``.
    grade_id
        nbgrader's name of it; empty for a given cell without one.
    points
        What can be reached; 0 where there are none.
    manual
        Whether a person gives the points of this answer or task.
    cell
        As it is released to students, in the form of nbformat 4.5.
    full
        The source with hidden tests.
    solution
        The reference answer; empty for what is no answer.
    timeout
        Seconds that it may run; None for the course's default.
    in_room
        Whether a test runs beside the student's code, because the instructor wants it so.
    """

    role: str
    grade_id: str
    points: float
    manual: bool
    cell: dict[str, Any]
    full: str
    solution: str = ""
    timeout: float | None = None
    in_room: bool = False

    @property
    def text(self) -> str:
        """Give the source as students see it."""
        return str(self.cell["source"])

    @property
    def is_code(self) -> bool:
        """Tell whether a kernel runs it."""
        return bool(self.cell["cell_type"] == "code")


@dataclass(frozen=True)
class SourceNotebook:
    """A notebook of the assignment.

    Parameters
    ----------
    name
        Without ``.ipynb``.
    metadata
        The notebook's own, as students get it.
    digest
        Of all the rest, in hexadecimal digits: it changes when anything does.
    """

    name: str
    cells: tuple[SourceCell, ...]
    metadata: dict[str, Any]
    digest: str = field(default="")

    def __post_init__(self) -> None:
        """Compute the digest where it is not given."""
        if not self.digest:
            object.__setattr__(self, "digest", digest_of(self))

    @property
    def tests(self) -> tuple[SourceCell, ...]:
        """Give the test cells, in order."""
        return tuple(cell for cell in self.cells if cell.role == TEST)

    @property
    def answers(self) -> tuple[SourceCell, ...]:
        """Give the answer cells, in order."""
        return tuple(cell for cell in self.cells if cell.role == ANSWER)

    @property
    def language(self) -> str:
        """Give the language of the kernel, in small letters."""
        kernel, about = self.metadata.get("kernelspec", {}), self.metadata.get("language_info", {})
        return str(kernel.get("language") or about.get("name") or "python").lower()


def digest_of(source: SourceNotebook) -> str:
    """Compute the digest of a source, whatever digest it says it has."""
    plain = {**asdict(source), "digest": ""}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
