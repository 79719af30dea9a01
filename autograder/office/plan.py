"""What workers get: the plan of an assignment, and a task a hand-in, in plain bytes."""

import ast
import importlib.util
import os
import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from nbgrader.utils import find_all_files

from autograder.grading_record import digest, digest_of, grader_version
from autograder.intake import HandIn, SourceCell, SourceNotebook, read_folder, read_sources
from autograder.rooms import RoomSettings
from autograder.workspace import Workspace

#: Modules that take long to import and that hand-ins of many courses use.
HEAVY = (
    "torch",
    "numpy",
    "matplotlib",
    "matplotlib.pyplot",
    "pandas",
    "scipy",
    "sklearn",
    "cmp784",
)
#: nbgrader's `timeout` is None for no limit; a room has one.
LONGEST = 3600.0


@dataclass(frozen=True)
class Lesson:
    """What the reference solution has taught about a notebook's tests.

    Parameters
    ----------
    in_room
        Tests that it passes only beside the student's code.
    changing
        Tests in which it changes what it is given.
    """

    in_room: frozenset[str] = frozenset()
    changing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Plan:
    """What all hand-ins of an assignment have in common.

    Parameters
    ----------
    sources
        The instructor's notebooks.
    files
        The instructor's other files, which take the place of those handed in.
    isolation
        As for `autograder.rooms.choose`; each worker chooses for itself.
    preload
        What rooms have imported before they open.
    timeout
        Seconds that a cell may run, where it does not say so itself.
    lessons
        By notebook.
    """

    assignment: str
    sources: tuple[SourceNotebook, ...]
    files: Mapping[str, bytes]
    isolation: str | None
    preload: tuple[str, ...]
    timeout: float
    lessons: Mapping[str, Lesson] = field(default_factory=dict)

    @cached_property
    def rest(self) -> str:
        """Digest of all that is no test: when it changes, everything is graded anew."""
        names = sorted(self.files)
        files = [(name, digest([self.files[name].hex()])) for name in names]
        notebooks = [
            (source.name, source.metadata, [_but_test(cell) for cell in source.cells])
            for source in self.sources
        ]
        return digest_of([files, notebooks, self.timeout, grader_version()])

    @cached_property
    def questions(self) -> Mapping[str, Mapping[str, str]]:
        """Digest of each test, by notebook and name."""
        return {
            source.name: {cell.grade_id: digest_of(cell) for cell in source.tests}
            for source in self.sources
        }

    @cached_property
    def digest(self) -> str:
        """Digest of all that a verdict comes from, but the hand-in."""
        return digest_of([self.rest, self.questions])

    @property
    def settings(self) -> RoomSettings:
        """How rooms are made; the isolation is the worker's to choose."""
        return RoomSettings(preload=self.preload)


def _but_test(cell: SourceCell) -> Any:
    """Give what counts of a cell for the other questions; of a test only that it is there."""
    return ["test", cell.grade_id] if cell.role == "test" else cell


@dataclass(frozen=True)
class Task:
    """One hand-in on its way to a worker.

    Parameters
    ----------
    student
        Whose it is, for messages; the hand-in's rooms do not learn it.
    handin
        Digest of the folder, as `digest_of_folder` gives it.
    hand_in
        What is in it.
    seed
        Where the tests' random numbers begin.
    plan
        A `Plan`, packed: a worker unpacks the same one once.
    only
        Notebook to the tests that are to be graded; all where it is None.
    timestamp
        What stands in ``timestamp.txt``; empty where nothing does.
    """

    student: str
    handin: str
    hand_in: HandIn
    seed: int
    plan: bytes
    only: Mapping[str, frozenset[str]] | None = None
    timestamp: str = ""


@lru_cache(maxsize=4)
def unpack(packed: bytes) -> Plan:
    """Unpack a plan, once in a process."""
    plan: Plan = pickle.loads(packed)  # packed by the office, of the same user
    return plan


def pack(plan: Plan) -> bytes:
    """Pack a plan for tasks."""
    return pickle.dumps(plan)


def make_plan(
    workspace: Workspace,
    assignment: str,
    sources: Sequence[SourceNotebook],
    isolation: str | None = None,
) -> Plan:
    """Gather what all hand-ins of an assignment have in common.

    Parameters
    ----------
    workspace, assignment
        The course and the assignment.
    sources
        Its notebooks, as `autograder.intake.read_sources` gives them.
    isolation
        As for `autograder.rooms.choose`.
    """
    files = _master_files(workspace, assignment)
    execute = Execute(config=workspace.config)
    timeout = LONGEST if execute.timeout is None or execute.timeout < 0 else execute.timeout
    preload = tuple(imported(sources))
    return Plan(assignment, tuple(sources), files, isolation, preload, float(timeout or LONGEST))


def digest_of_source(workspace: Workspace, assignment: str) -> str:
    """Give the digest of all that a verdict comes from, but the hand-in.

    Raises
    ------
    IntakeError
        When the gradebook does not hold the assignment as its source is.
    """
    return make_plan(workspace, assignment, read_sources(workspace, assignment)).digest


def make_task(
    workspace: Workspace, plan: Plan, student: str, handin: str, seed: int, packed: bytes = b""
) -> Task:
    """Read a hand-in for a worker; whatever is wrong with it is told in the task."""
    folder = workspace.folder("submitted", plan.assignment, student)
    hand_in = read_folder(folder, plan.sources)
    stamp = read_text(folder / "timestamp.txt")
    return Task(student, handin, hand_in, seed, packed or pack(plan), timestamp=stamp)


def read_text(path: Path) -> str:
    """Read a small file that may be anything; empty where it is none."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            return file.read(1000).decode("utf-8-sig", errors="replace").strip()
    except OSError:
        return ""


def imported(sources: Iterable[SourceNotebook]) -> Iterator[str]:
    """Name the heavy modules that the instructor's cells import and that are installed here."""
    names = {name for source in sources for cell in source.cells for name in _imports(cell)}
    for heavy in HEAVY:
        if heavy in names and importlib.util.find_spec(heavy.split(".")[0]) is not None:
            yield heavy


def _imports(cell: SourceCell) -> set[str]:
    """Name the modules that a cell imports, those above them too."""
    found: set[str] = set()
    for text in (cell.full, cell.solution) if cell.is_code else ():
        try:
            tree = ast.parse("\n".join(_plain_lines(text)))
        except (SyntaxError, ValueError, RecursionError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.split(".")[0] for name in found}


def _plain_lines(text: str) -> Iterator[str]:
    """Leave out IPython's magics and system calls, which are no Python, and keep their blocks."""
    for line in text.splitlines():
        bare = line.lstrip()
        indent = line[: len(line) - len(bare)]
        yield f"{indent}pass" if bare.startswith(("%", "!")) else line


def _master_files(workspace: Workspace, assignment: str) -> dict[str, bytes]:
    """Read the source's data files, as ``nbgrader autograde`` copies them."""
    converter = Autograde(coursedir=workspace.coursedir, config=workspace.config)
    folder = str(workspace.folder("source", assignment))
    kept = {
        os.path.join(folder, name) for name in converter.exclude_overwriting.get(assignment, [])
    }
    paths = set(find_all_files(folder, [*workspace.coursedir.ignore, "*.ipynb"])) - kept
    return {os.path.relpath(path, folder): Path(path).read_bytes() for path in sorted(paths)}
