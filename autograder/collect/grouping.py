"""Grouping: which files are one hand-in, whose it is, and when it was handed in."""

from collections import Counter, defaultdict

from autograder.collect.hand_ins import HandIn
from autograder.collect.names import cased, folded
from autograder.collect.owners import Claim, Owner
from autograder.collect.placing import Places
from autograder.collect.platforms import Platform
from autograder.collect.platforms.forms import Context, Piece
from autograder.collect.times import to_utc

#: Files of hand-ins, each with its platform.
Found = list[tuple[Platform, Piece]]


def hand_ins_of(
    found: Found, context: Context, places: Places
) -> tuple[dict[str, list[HandIn]], dict[str, dict[str, str]]]:
    """Give each student's hand-ins, and the platform's ids of those found by name."""
    groups: dict[tuple[str, str, Claim, str], list[tuple[Platform, Piece]]] = defaultdict(list)
    for platform, piece in found:
        top = piece.entry.archive
        groups[top, platform.name, piece.claim, piece.attempt].append((platform, piece))
    context.owners.confirm(claim for _, _, claim, _ in groups)
    owners = {claim: context.owners.resolve(claim) for _, _, claim, _ in groups}
    ids = _tell_apart(owners, places)
    hand_ins: dict[str, list[HandIn]] = defaultdict(list)
    times = _Times(context)
    for (_, name, claim, _), pieces in groups.items():
        owner = owners[claim]
        first = pieces[0][1].entry
        place = {"archive": first.archive, "entry": first.path}
        if owner.problem:
            context.troubles.add(owner.kind, f"{owner.problem}. It was not collected.", **place)
            continue
        if owner.note:
            context.troubles.add("owner-note", f"{claim}: {owner.note}.", **place)
        for versions in _versions([piece for _, piece in pieces], pieces[0][0], context):
            for student in owner.students:
                hand_ins[student].append(times.hand_in(student, name, versions))
    times.warn()
    return hand_ins, ids


def _tell_apart(owners: dict[Claim, Owner], places: Places) -> dict[str, dict[str, str]]:
    """Refuse people of one name whom the platform's ids tell apart; give the others' ids."""
    seen: dict[tuple[str, str], set[str]] = defaultdict(set)
    for claim, owner in owners.items():
        if owner.by_name and claim.ids and claim.ids[0][0] != "free":
            column, value = claim.ids[0]
            seen[owner.students[0], column].add(value)
    claims = defaultdict(list)
    for claim, owner in owners.items():
        if owner.by_name:
            claims[owner.students[0]].append(claim)
    ids: dict[str, dict[str, str]] = defaultdict(dict)
    for (student, column), values in seen.items():
        before = places.record(student).ids.get(column)
        for claim in claims[student]:
            mine = dict(reversed(claim.ids)).get(column)
            if len(values) > 1 or before not in (None, mine):
                others = ", ".join(sorted(values | ({before} if before else set())))
                problem = f"{claim}: several people have this name ({column} {others})"
                owners[claim] = Owner(kind="ambiguous-owner", problem=problem)
            elif mine:
                ids[student][column] = mine
    _refuse_cases(owners, places)
    return ids


def _refuse_cases(owners: dict[Claim, Owner], places: Places) -> None:
    """Refuse ids that differ only in case: on some systems they would share a folder."""
    above = places.submitted("x").parent.parent
    names = {path.name for path in above.glob("*")} if above.is_dir() else set()
    names |= {student for owner in owners.values() for student in owner.students}
    alike = Counter(map(cased, names))
    for claim, owner in owners.items():
        if any(alike[cased(student)] > 1 for student in owner.students):
            problem = f"{claim}: another id differs only in case"
            owners[claim] = Owner(kind="ambiguous-owner", problem=problem)


def _versions(pieces: list[Piece], platform: Platform, context: Context) -> list[list[Piece]]:
    """Split files of one student into attempts, where versions of a notebook lie side by side."""
    same: dict[str, list[Piece]] = defaultdict(list)
    for piece in pieces:
        name = platform.original(piece.file)
        if piece.version is not None and _is_version(name, context):
            same[folded(name)].append(piece)
    older = [
        piece
        for versions in same.values()
        if len({piece.version for piece in versions}) == len(versions)
        for piece in sorted(versions, key=lambda piece: piece.version or 0)[:-1]
    ]
    if not platform.splits or not older:
        return [pieces]
    rest = [piece for piece in pieces if piece not in older]
    return [[piece] for piece in older] + [rest]


def _is_version(name: str, context: Context) -> bool:
    """Tell whether a name is the notebook's, or an archive's."""
    known = {folded(notebook) for notebook in context.notebooks}
    return folded(name) in known or name.lower().endswith(".zip")


class _Times:
    """Turns the times of pieces into those of hand-ins, and gathers what is wrong with them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._problems: dict[tuple[str, str, bool], list[HandIn]] = defaultdict(list)

    def hand_in(self, student: str, platform: str, pieces: list[Piece]) -> HandIn:
        """Make a hand-in: complete with its last file."""
        moments = []
        problems = {piece.problem for piece in pieces} - {""}
        for piece in pieces:
            if piece.submitted:
                moment, odd = to_utc(piece.submitted, self.context.zone)
                moments.append(moment)
                problems |= {odd} - {""}
        result = HandIn(
            student,
            platform,
            tuple(pieces),
            max(moments, default=None),
            next((piece.source for piece in pieces if piece.submitted), ""),
            max((piece.rank for piece in pieces if piece.rank is not None), default=None),
            any(piece.late for piece in pieces),
        )
        for problem in problems:
            self._problems[result.archive, problem, bool(moments)].append(result)
        return result

    def warn(self) -> None:
        """Warn of times that are not known, or may be off: once, where all are so."""
        for (archive, problem, known), hand_ins in self._problems.items():
            kind = "time-uncertain" if known else "no-time"
            whose = f"{len(hand_ins)} hand-ins: " if len(hand_ins) > 1 else ""
            end = "" if known else "; whether it was late is not known"
            one = hand_ins[0] if len(hand_ins) == 1 else None
            self.context.troubles.add(
                kind,
                f"{whose}{problem}{end}.",
                archive=archive,
                entry=one.entry if one else "",
                student=one.student if one else "",
            )
