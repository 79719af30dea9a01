"""Runs the instructor's own code before tests: what needs no name of the student's."""

import contextlib
import linecache
import re
import types
from collections.abc import Iterator
from typing import Any

from IPython.utils.capture import capture_output

from autograder.crossing import operators_of
from autograder.examiner import given_code
from autograder.examiner.given_code import Statement

# Cell magics whose body is ordinary code, and those that prepare files.
_TRANSPARENT = re.compile(r"\s*%%(?:time|timeit|capture)\b[^\n]*\n")
_CAPTURES = re.compile(r"\s*%%capture\b(?:[ \t]+-\S+)*[ \t]*(\w*)")
_RUN_WHOLE = re.compile(r"\s*%%writefile\b")
_INSTALLS = re.compile(
    r"get_ipython\(\)\.(?:system|getoutput|run_line_magic\('(?:pip|conda|mamba)')"
)


def without_magic(source: str) -> str:
    r"""Return a cell without the first line where that only times or captures the others.

    Examples
    --------
    >>> without_magic("%%time\nx = 1")
    '\nx = 1'
    """
    return _TRANSPARENT.sub("\n", source, count=1)


@contextlib.contextmanager
def capturing(source: str, names: dict[str, Any]) -> Iterator[bool]:
    """Do what ``%%capture`` does around a cell that begins with it; say whether it does."""
    found = _CAPTURES.match(source)
    if found is None:
        yield False
        return
    with capture_output(display=False) as captured:
        yield True
    if found[1]:
        names[found[1]] = captured


def lasting(found: list[Statement]) -> list[Statement]:
    r"""Return the definitions of a test cell that are still there at its end.

    Examples
    --------
    >>> cell = "def f(): pass\nkept = g\ndef g(): pass\nf()\ng = kept"
    >>> [sorted(one.binds) for one in lasting(given_code.statements(cell))]
    [['f']]
    """
    names = frozenset[str]()
    kept = list[Statement]()
    for statement in reversed(found):
        if statement.defines and not statement.binds & names:
            kept.insert(0, statement)
        names |= statement.binds
    return kept


class Setup:
    """The instructor's own names: those of given code, and of tests that went before.

    Parameters
    ----------
    shell
        The examiner's shell.
    names
        Its namespace.
    begin
        ``tests``, ``given`` and ``answers``: the sources of the whole notebook.
    """

    def __init__(self, shell: Any, names: dict[str, Any], begin: dict[str, Any]) -> None:
        self.shell = shell
        self.names = names
        answers = [self._plain(source) for source in begin["answers"]]
        self.solution_names: set[str] = set().union(*map(given_code.bound, answers))
        for source in answers:
            for statement in given_code.imports(source):
                self.solution_names -= statement.binds
        own = [*map(self._plain, begin["given"]), *answers]
        #: The operators of each class that the solution or the given code defines.
        self.operators = operators_of("\n".join(one for one in own if given_code.statements(one)))
        self._modules = {"get_ipython", "*"}
        self._needed = self._find_needed(begin)
        self._of_tests: list[Statement] = []
        self._number = 0

    def _plain(self, source: str) -> str:
        """Return a cell's source as Python; empty where there is none in it."""
        source = without_magic(source)
        if source.lstrip().startswith("%%"):
            return ""
        with contextlib.suppress(Exception):  # IPython says of broken code what it likes
            return str(self.shell.transform_cell(source))
        return ""

    def _find_needed(self, begin: dict[str, Any]) -> frozenset[str]:
        """Return the names that tests need, through the given code too."""
        needed = set(given_code.every_name(map(self._plain, begin["tests"])))
        given = [given_code.statements(self._plain(source)) for source in begin["given"]]
        every = [one for cell in given for one in cell]
        for statement in every:
            if statement.source.startswith(("import ", "from ")):
                self._modules |= statement.binds
        for statement in reversed(every):
            if statement.acts in self._modules or (statement.binds | statement.changes) & needed:
                needed |= given_code.every_name([statement.source])
        return frozenset(needed)

    def run(self, role: str, source: str) -> list[str]:
        """Run a cell's statements that belong here; return what could not run, in words."""
        if role == "given" and _RUN_WHOLE.match(source):
            self.shell.run_cell(source, store_history=False)
            return []
        source = self._plain(source)
        found = given_code.statements(source)
        if role == "answer":
            self._give_way(source)
            return self._run([one for one in given_code.imports(source)])
        if role == "test":
            self._of_tests += found
            return self._run([one for one in lasting(found) if not self._has(one)])
        return self._run(found)

    def before(self, source: str) -> list[str]:
        """Return what earlier tests did to names that a test needs, which runs elsewhere."""
        needed, chosen = given_code.every_name([self._plain(source)]), list[str]()
        for statement in reversed(self._of_tests):
            if statement.binds & needed:
                needed |= given_code.every_name([statement.source])
                chosen.insert(0, statement.source)
        return chosen

    def _give_way(self, source: str) -> None:
        """Forget what the student's answer sets from here on."""
        bound = given_code.bound(source)
        self._forget(bound, given_code.changed(source))
        self._of_tests = [one for one in self._of_tests if not one.binds & bound]

    def _forget(self, bound: frozenset[str], changed: frozenset[str]) -> None:
        for name in bound:
            dict.pop(self.names, name, None)
        for name in changed:
            value = dict.get(self.names, name)
            # `plt.show()` is no change of `plt`.
            if value is not None and not isinstance(value, type | types.ModuleType):
                dict.pop(self.names, name, None)

    def _has(self, statement: Statement) -> bool:
        return all(dict.__contains__(self.names, name) for name in statement.binds)

    def _run(self, found: list[Statement]) -> list[str]:
        notes = []
        for statement in found:
            if not self._is_wanted(statement):
                continue
            missing = {name for name in statement.needs if not dict.__contains__(self.names, name)}
            why = f"it needs {', '.join(sorted(missing))}" if missing else self._execute(statement)
            if why:
                self._forget(statement.binds, statement.changes)
                notes.append(f"{statement.source.splitlines()[0][:80]!r}: {why}")
        return notes

    def _is_wanted(self, statement: Statement) -> bool:
        if _INSTALLS.search(statement.source):
            return False
        return statement.acts in self._modules or bool(
            (statement.binds | statement.changes) & self._needed
        )

    def _execute(self, statement: Statement) -> str:
        """Run a statement; return what went wrong."""
        self._number += 1
        name = f"<given {self._number}>"
        lines = statement.source.splitlines(keepends=True)
        linecache.cache[name] = (len(statement.source), None, lines, name)
        try:
            exec(compile(statement.source, name, "exec"), self.names)
        except BaseException as error:
            return f"{type(error).__name__}: {str(error)[:200]}"
        return ""
