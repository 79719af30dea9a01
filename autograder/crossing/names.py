"""The names of a test: the examiner's own, and behind them those of the student's notebook."""

import builtins
import re
import types
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from autograder.crossing.remote import Remote

if TYPE_CHECKING:
    from autograder.crossing.examiner_link import ExaminerLink

#: Names of IPython's own, which each room has for itself.
OWN = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})
_OF_IPYTHON = re.compile(r"_+(i*|i?\d+|[iod]h|exit_code)")
_MISSING = object()


class Names(dict[str, Any]):
    """A namespace to run test cells in.

    The dict itself holds the examiner's own names, and ``keys()`` shows only those. A name that is
    not among them is looked up in the student's notebook, where one is `attached`; Python's own
    functions come before it, unless the solution defines them. What a test assigns or deletes there
    holds for the student's functions, too.

    Examples
    --------
    >>> names = Names(double=2)
    >>> exec("four = double * double", names)
    >>> names["four"]
    4
    """

    _link: "ExaminerLink | None" = None
    _solution: frozenset[str] = frozenset()

    def attach(self, link: "ExaminerLink", solution: frozenset[str]) -> None:
        """Look for names in a student's notebook from now on."""
        self.detach()
        self._link, self._solution = link, solution
        self._overlaid: set[str] = set()

    def detach(self) -> None:
        """Look for names nowhere else; forget stand-ins."""
        self._link = None
        for name, value in list(self.items()):
            if isinstance(value, Remote):
                dict.__delitem__(self, name)

    def give_back(self, names: Iterable[str]) -> None:
        """Let names stand for the student's objects again that a test has set and not restored."""
        for name in self._overlaid.intersection(names):
            dict.pop(self, name, None)

    def own(self) -> dict[str, Any]:
        """Return the examiner's own names."""
        return dict(self.items())

    def _is_there(self, name: object) -> bool:
        """Tell whether the student's notebook is asked for a name, and has it."""
        if self._link is None or not isinstance(name, str) or not _crosses(name):
            return False
        if hasattr(builtins, name) and name not in self._solution:
            return False
        return name in self._link.names.there

    def __missing__(self, name: str) -> Any:
        if not self._is_there(name):
            raise KeyError(name)
        assert self._link is not None
        return self._link.name(name)

    def __contains__(self, name: object) -> bool:
        return dict.__contains__(self, name) or self._is_there(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for, the examiner's or the student's."""
        try:
            return self[name]
        except KeyError:
            return default

    def __setitem__(self, name: str, value: Any) -> None:
        if self._link is None or not _crosses(name):
            dict.__setitem__(self, name, value)
            return
        if dict.get(self, name, _MISSING) is value:
            return
        known = name in self._link.names.ever
        if known and isinstance(value, Remote):
            # A stand-in that goes back to where it came from.
            dict.pop(self, name, None)
            self._overlaid.discard(name)
            self._link.names.put(name, value)
            return
        dict.__setitem__(self, name, value)
        if known and not isinstance(value, types.ModuleType):
            self._overlaid.add(name)
            self._link.names.put(name, value)

    def __delitem__(self, name: str) -> None:
        if dict.__contains__(self, name):
            dict.__delitem__(self, name)
            if self._link is not None and name in self._overlaid:
                self._overlaid.discard(name)
                self._link.names.restore(name)
        elif self._is_there(name):
            assert self._link is not None
            self._link.names.delete(name)
        else:
            raise KeyError(name)

    def update(self, *others: Any, **more: Any) -> None:
        """Assign several names."""
        for other in (*others, more):
            pairs: Iterable[Any] = other.items() if isinstance(other, Mapping) else other
            for name, value in pairs:
                self[name] = value

    def __ior__(self, other: Any) -> "Names":  # type: ignore[override,misc]
        self.update(other)
        return self

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return what a name stands for; assign it when it stands for nothing."""
        if name not in self:
            self[name] = default
        return self[name]

    def pop(self, name: str, *default: Any) -> Any:
        """Delete a name and return what it stood for."""
        if name not in self and default:
            return default[0]
        value = self[name]
        del self[name]
        return value

    def __copy__(self) -> dict[str, Any]:
        return self.own()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("the names of a test cannot be copied")


def _crosses(name: str) -> bool:
    return not name.startswith("__") and name not in OWN and not _OF_IPYTHON.fullmatch(name)


class RoomNames:
    """Which names the student's notebook has, and what is to be changed there.

    Attributes
    ----------
    there, ever
        The names that it has now, and all that it had at some time.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.there = set(names)
        self.ever = set(self.there)
        self.changes: list[tuple[str, str, Any]] = []

    def put(self, name: str, value: Any) -> None:
        """Let a name stand for something else."""
        self.there.add(name)
        self.changes.append(("=", name, value))

    def restore(self, name: str) -> None:
        """Let a name stand for what it did before the test."""
        self.there.add(name)
        self.changes.append(("r", name, None))

    def delete(self, name: str) -> None:
        """Delete a name."""
        self.there.discard(name)
        self.changes.append(("-", name, None))

    def seen(self, names: Iterable[str]) -> None:
        """Take the names that the notebook has now."""
        self.there = set(names)
        self.ever |= self.there
        for how, name, _ in self.changes:
            (self.there.discard if how == "-" else self.there.add)(name)
