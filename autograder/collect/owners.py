"""Whose hand-in it is: what a platform wrote, looked up in the roster. Nothing is guessed."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.collect.names import folded, joined, keys, plain, words
from autograder.roster import Roster, Student, is_safe_id

#: Columns of the roster that a folder's or file's free name may hold.
FREE = ("student_id", "login", "email", "canvas_id", "participant")


@dataclass(frozen=True)
class Claim:
    """Who a platform says it was.

    Parameters
    ----------
    ids
        Pairs of a column of the roster, and what stands there. ``free`` stands for any column;
        other names are the platform's own numbers, which no roster has.
    names
        Spellings of the name, or of several names that it may be.
    last_first
        Whether the platform writes the last name first.
    pseudonym
        Whether the platform hides the name: blind marking.
    """

    ids: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    last_first: bool = False
    pseudonym: bool = False

    def __str__(self) -> str:
        ids = (
            f"{column.replace('_', ' ')} {value}" for column, value in self.ids if column != "free"
        )
        return ", ".join(dict.fromkeys((*(f"'{name}'" for name in self.names[:1]), *ids)))


@dataclass(frozen=True)
class Owner:
    """The answer: ids of students (several for a team), or the kind and words of a problem.

    ``note`` is what a person should know of an answer that was found.
    """

    students: tuple[str, ...] = ()
    kind: str = ""
    problem: str = ""
    note: str = ""
    by_name: bool = False


class Owners:
    """Looks claims up.

    Parameters
    ----------
    roster
        The students, or None: then a platform's own id is the student's id.
    """

    def __init__(self, roster: Roster | None) -> None:
        self.roster = roster
        self._ids: dict[tuple[str, str], Student] = {}
        self._names: list[dict[str, set[Student]]] = [{}, {}, {}, {}]
        self._teams: dict[str, list[Student]] = {}
        self._current: set[str] = set()
        for student in roster or ():
            self._index(student)

    def confirm(self, claims: Iterable[Claim]) -> None:
        """Note which columns of the roster are about these claims: those in which some are found.

        Moodle numbers its participants anew for each assignment; a number that differs from the
        roster's is a contradiction only where the roster's are of the same assignment.
        """
        for claim in claims:
            for column, value in claim.ids:
                if (column, _same(column, value)) in self._ids:
                    self._current.add(column)

    def _index(self, student: Student) -> None:
        for column in FREE:
            if value := getattr(student, column):
                self._ids[column, _same(column, value)] = student
        for name in {student.name, f"{student.last_name} {student.first_name}".strip()} - {""}:
            for level, key in enumerate(keys(name)):
                self._names[level].setdefault(key, set()).add(student)
        if student.team:
            self._teams.setdefault(joined(student.team), []).append(student)

    def resolve(self, claim: Claim) -> Owner:
        """Find the owner of a claim."""
        if self.roster is None:
            return self._own_id(claim)
        by_id = self._by_id(claim)
        by_name, loosely = self.named(claim.names, claim.last_first)
        # A team's number is its own, or that of whoever handed in for it.
        if not by_name and (team := self._team(claim)):
            return team
        if len(by_id) > 1 or (not by_id and len(by_name) > 1):
            found = ", ".join(sorted(student.student_id for student in by_id or by_name))
            return Owner(kind="ambiguous-owner", problem=f"{claim} fits several students: {found}")
        if by_id:
            return self._agreed(claim, by_id.pop(), by_name)
        if by_name:
            return self._by_name(claim, by_name.pop(), loosely)
        return self._unknown(claim)

    def knows(self, claim: Claim) -> bool:
        """Tell whether the roster has somebody, or several, for a claim."""
        return bool(self._by_id(claim) or self.named(claim.names, claim.last_first)[0])

    def knows_team(self, name: str) -> bool:
        """Tell whether the roster has a team of that name."""
        return joined(name) in self._teams

    def _by_id(self, claim: Claim) -> set[Student]:
        found = set()
        for column, value in claim.ids:
            for known in FREE if column == "free" else (column,):
                if student := self._ids.get((known, _same(known, value))):
                    found.add(student)
        return found

    def named(self, names: Iterable[str], last_first: bool = False) -> tuple[set[Student], bool]:
        """Find students by any spelling of a name, by the strictest comparison that finds one.

        Returns
        -------
        tuple of set of Student and bool
            Who fits, and whether only without accents.
        """
        forms = [keys(name) for name in names if name.strip()]
        for level, known in enumerate(self._names):
            found = {student for form in forms for student in known.get(form[level], ())}
            # Of "Can Ali" and "Ali Can", the platform's own order tells.
            if len(found) > 1 and level < 2:
                ordered = {s for s in found if self._in_order(s, forms, level, last_first)}
                found = ordered or found
            if found:
                return found, level == 3
        return set(), False

    @staticmethod
    def _in_order(
        student: Student, forms: list[tuple[str, str, str, str]], level: int, last_first: bool
    ) -> bool:
        parts = [student.first_name, student.last_name]
        name = " ".join(reversed(parts) if last_first else parts).strip()
        return keys(name)[level] in {form[level] for form in forms}

    def _agreed(self, claim: Claim, student: Student, by_name: set[Student]) -> Owner:
        """Take the student of an id, unless the name speaks against it."""
        # What may be an id as well speaks for no other name.
        said = set(claim.names) - {value for _, value in claim.ids}
        strange = bool(said and student.name) and not claim.pseudonym
        if strange and student not in by_name:
            own = {plain(word) for word in words(student.name)}
            written = {plain(word) for name in said for word in words(name)}
            glued = {plain(name) for name in said}
            shared = own & written or any(word in name for word in own for name in glued)
            # Moodle's numbers of teams may be those of participants.
            doubtful = not shared and "participant" in dict(claim.ids)
            if by_name or doubtful:
                found = f"{claim} does not fit: the roster has that number for '{student.name}'"
                return Owner(kind="ambiguous-owner", problem=found)
            if not shared:
                return Owner((student.student_id,), note=f"taken as '{student.name}', by number")
        return Owner((student.student_id,))

    def _by_name(self, claim: Claim, student: Student, loosely: bool) -> Owner:
        """Take the student of a name, unless the roster has another number for them."""
        for column, value in claim.ids:
            known = getattr(student, column, "") if column in self._current else ""
            if known and _same(column, known) != _same(column, value):
                found = f"{claim} has the name of '{student.student_id}', but another number"
                return Owner(kind="ambiguous-owner", problem=found)
        note = f"taken as '{student.name}', whose letters differ" if loosely else ""
        return Owner((student.student_id,), note=note, by_name=True)

    def _team(self, claim: Claim) -> Owner | None:
        """Take all members of the team of that name, if there is one."""
        teams = [self._teams[joined(name)] for name in claim.names if self.knows_team(name)]
        if not teams:
            return None
        members = tuple(sorted(student.student_id for student in teams[0]))
        return Owner(members, note=f"handed in by the team of {', '.join(members)}")

    def _unknown(self, claim: Claim) -> Owner:
        """Say that nobody fits; a pseudonym that no roster could have stands for itself."""
        if claim.pseudonym:
            owner = self._own_id(claim)
            if owner.problem:
                return owner
            if ("student_id", _same("student_id", owner.students[0])) in self._ids:
                problem = f"{claim} has a number that is another student's id"
                return Owner(kind="ambiguous-owner", problem=problem)
            note = "the platform hides the name; collected under the platform's own id"
            return Owner(owner.students, note=note)
        return Owner(kind="unknown-owner", problem=f"{claim or 'nobody'} is not in the roster")

    def _own_id(self, claim: Claim) -> Owner:
        """Make the platform's id the student's."""
        if not claim.ids:
            found = f"{claim or 'nobody'} has no id, and there is no roster to look it up"
            return Owner(kind="unknown-owner", problem=found)
        own = folder_id(*claim.ids[0])
        if not is_safe_id(own):
            found = f"{claim} has an id that cannot name a folder"
            return Owner(kind="unknown-owner", problem=found)
        return Owner((own,))


def folder_id(column: str, value: str) -> str:
    """Give the id of a student whom only the platform knows.

    Canvas's anonymous ids may differ only in case: a few letters of a digest keep their folders
    apart on systems that do not tell ``a`` from ``A``.

    Examples
    --------
    >>> folder_id("participant", "1234567"), folder_id("anonymous", "aBcDe")
    ('1234567', 'anon_aBcDe-cf76')
    """
    if column != "anonymous":
        return value
    return f"anon_{value}-{hashlib.sha256(value.encode()).hexdigest()[:4]}"


def _same(column: str, value: str) -> str:
    """Give an id in the form in which it is compared: in any case, but for Canvas's."""
    return value if column == "canvas_id" else folded(value)
