"""What a student may read of a test that failed: nothing of its hidden lines, and no smuggled word.

Whatever student code can word (an error, a value that a message quotes) could be a hidden test's
argument in disguise. So of a failed test only those words are kept that the instructor wrote into
the assertion's own message, filled with short numbers; see `docs/grading.md`.
"""

import ast
import builtins
import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: What stands for a hidden check that failed without words of its own.
HIDDEN = "A hidden check failed."
#: What stands in a message for a part that could tell too much.
LEFT_OUT = "…"

_NUMBER = re.compile(r"[-+]?[\d.,e+-]{1,12}|True|False|None|nan|inf")
_SHORTEST = 4  # characters of a literal that is searched for
_FORMATS = re.compile(r"%(?:\(\w+\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?[diouxXeEfFgGcrsa]|\{[^{}]*\}")
_MESSAGES = ("msg", "err_msg", "message")
#: Arguments by name, and functions, that take what the instructor wants students to read.
_LABELS = (*_MESSAGES, "name", "title", "step", "likely", "seen")
_LABELLERS = ("graded", "exercise", "by_hand", "Mistake")


@dataclass(frozen=True)
class Failure:
    """How a test cell failed, as far as the process knows that ran it.

    Parameters
    ----------
    kind
        ``assertion``, ``student`` (an error of the student's code), ``missing`` (a name that
        nobody set), ``test`` (any other error of the test, mostly with what the student's code
        returned), ``exit``, ``syntax``, or ``silence`` (the student's notebook did not answer).
    name
        The class of the error.
    text
        Its message.
    line
        The line of the cell, counted from 1; 0 when it is not known.
    """

    kind: str
    name: str
    text: str
    line: int


@dataclass(frozen=True)
class Told:
    """The error that a student sees; ``visible`` when it stands in what students were given."""

    name: str
    message: str
    visible: bool


class TestText:
    """A test cell, as it is released and in full.

    Parameters
    ----------
    full
        Its source with hidden tests.
    released
        Its source as students have it.
    """

    __test__ = False  # it is no test of pytest's

    def __init__(self, full: str, released: str) -> None:
        self.lines = full.splitlines()
        self.hidden = hidden_lines(full, released)
        self._tree = _parse(full)
        self._labels = frozenset(_labels(self._tree))
        self._secrets = frozenset(self._find_secrets()) - self._labels

    def tell(self, failure: Failure) -> Told:
        """Return what the student may know of a failure."""
        visible = failure.line > 0 and failure.line not in self.hidden
        name = failure.name if failure.name in dir(builtins) else "Error"
        if failure.kind == "silence":
            return Told("Unanswered", failure.text, False)
        if failure.kind == "assertion":
            return Told(failure.name, self._told_of_assertion(failure, visible), visible)
        if failure.kind == "student":
            shown = name if name != "Error" else "an error of your own"
            return Told(name, f"Your code stopped with {shown}.{self._where(failure)}", visible)
        if failure.kind == "missing":
            return Told(name, self._told_of_missing(failure) + self._where(failure), visible)
        if failure.kind == "test":
            words = f"The test stopped with {failure.name} when it used what your code gave it."
            return Told(name, words + self._where(failure), visible)
        words = f"The test itself stopped with {failure.name}; it is not your fault."
        return Told(name, words, False)

    def _told_of_missing(self, failure: Failure) -> str:
        found = re.search(r"'(\w+)'", failure.text)
        visible = (
            line for number, line in enumerate(self.lines, start=1) if number not in self.hidden
        )
        if found and re.search(rf"\b{found[1]}\b", "\n".join(visible)):
            return f"Your notebook does not set the name '{found[1]}'."
        return "Your notebook does not set a name that this test needs."

    def _told_of_assertion(self, failure: Failure, visible: bool) -> str:
        words = self._template_filled(failure)
        if not visible:
            return words or HIDDEN
        return words + self._where(failure) if words else self._where(failure).strip()

    def _where(self, failure: Failure) -> str:
        if not 0 < failure.line <= len(self.lines) or failure.line in self.hidden:
            return ""
        return f" It happened in the line: {self.lines[failure.line - 1].strip()}"

    def _template_filled(self, failure: Failure) -> str:
        """Return an assertion's message as its author wrote it, filled with short numbers."""
        statement = self._statement_at(failure.line)
        for message in _message_expressions(statement):
            pieces = _pieces(message)
            if pieces is None or not any(piece.strip() for piece in pieces):
                continue
            filled = fill(pieces, failure.text)
            return "" if self._quotes_secret(filled, pieces) else filled.strip()
        return ""

    def _quotes_secret(self, text: str, pieces: Iterable[str]) -> bool:
        own = "\0".join(pieces)
        return any(secret in text and secret not in own for secret in self._secrets)

    def _statement_at(self, line: int) -> ast.stmt | None:
        """Return the innermost statement that covers a line."""
        found: ast.stmt | None = None
        for node in ast.walk(self._tree):
            if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or 0):
                continue
            if found is None or node.lineno >= found.lineno:
                found = node
        return found

    def _find_secrets(self) -> Iterable[str]:
        """Yield the literals of hidden lines."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.Constant) and node.lineno in self.hidden:
                value = node.value
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                if len(text) >= _SHORTEST and text not in ("None", "True", "False"):
                    yield text

    def may_show(self, text: str) -> bool:
        """Tell whether words of a library's check may be shown although the line is hidden.

        Quoted texts, long words and many digits could carry more than the check's author meant.
        """
        if any(secret in text and not self._is_in_label(secret, text) for secret in self._secrets):
            return False
        for label in sorted(self._labels, key=len, reverse=True):
            text = text.replace(label, "")
        longest = max((len(word) for word in text.split()), default=0)
        quoted = re.search(r"(['\"])(?=.{4,}?\1).*?\1", text)
        return longest <= 24 and not quoted and sum(c.isdigit() for c in text) <= 24

    def _is_in_label(self, secret: str, text: str) -> bool:
        """Tell whether a text quotes a literal only as a part of words meant for students."""
        return any(secret in label and label in text for label in self._labels)

    def clean_outcome(self, outcome: dict[str, Any], line: int = 0) -> dict[str, Any]:
        """Return the stored outcome of a check without what could tell too much.

        Parameters
        ----------
        outcome
            What the check stored.
        line
            The line of the cell that ran when it failed; 0 when it is not known.
        """
        visible = line > 0 and line not in self.hidden
        if outcome.get("status") == "passed" or not self.hidden or visible:
            return outcome
        lines = str(outcome.get("message", "")).splitlines()
        kept = [line for line in lines if self.may_show(line)]
        if outcome.get("status") == "error":
            kept = _of_error(lines)
        return {**outcome, "message": "\n".join(kept) or HIDDEN}


def _of_error(lines: list[str]) -> list[str]:
    """Return of an error in a hidden check its class and its meaning, no word of the student's."""
    from cmp784.checks.explanations import MEANINGS, PATTERNS

    name = lines[0].partition(":")[0] if lines else ""
    known = isinstance(getattr(builtins, name, None), type)
    words = f"Your code stopped in a hidden check{f' with {name}' if known else ''}."
    meanings = {said for _, said in MEANINGS} | {said for _, said in PATTERNS}
    return [words, *(line for line in lines[-1:] if line in meanings)]


def _labels(tree: ast.AST) -> Iterable[str]:
    """Yield the texts by which a test's author tells students what was checked."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = getattr(node.func, "attr", getattr(node.func, "id", ""))
            said = [word.value for word in node.keywords if word.arg in _LABELS]
            yield from _texts(*said, *(node.args if function in _LABELLERS else ()))
        elif isinstance(node, ast.Dict):
            yield from _texts(*filter(None, node.keys))
        elif isinstance(node, ast.Assign):
            targets = [getattr(target, "id", "") for target in node.targets]
            yield from _texts(*([node.value] if set(targets) & {"name", "what"} else []))


def _texts(*nodes: ast.AST) -> Iterable[str]:
    """Yield the literal texts in expressions, also those between the values of an f-string."""
    for part in nodes:
        for node in ast.walk(part):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
                yield node.value


def hidden_lines(full: str, released: str) -> frozenset[int]:
    r"""Return which lines of a test students were not given, counted from 1.

    Examples
    --------
    >>> full = "a = 1", "assert a == 1", "assert a < 2"
    >>> sorted(hidden_lines("\n".join(full), "\n".join(full[::2])))
    [2]
    """
    ours, theirs = full.splitlines(), released.splitlines()
    matcher = difflib.SequenceMatcher(None, ours, theirs, autojunk=False)
    known = {
        block.a + offset + 1
        for block in matcher.get_matching_blocks()
        for offset in range(block.size)
    }
    return frozenset(range(1, len(ours) + 1)) - known


def fill(pieces: list[str], text: str) -> str:
    """Return a message from the pieces of its template, with short numbers in between.

    Examples
    --------
    >>> fill(["got ", ", expected ", ""], "got 12, expected Q0FOQVJZ")
    'got 12, expected …'
    """
    pattern = "(.*?)".join(re.escape(piece) for piece in pieces)
    found = re.fullmatch(pattern, text, re.DOTALL)
    values = found.groups() if found else [LEFT_OUT] * (len(pieces) - 1)
    shown = [value if _NUMBER.fullmatch(value) else LEFT_OUT for value in values]
    return "".join(a + b for a, b in zip(pieces, [*shown, ""], strict=True))


def _parse(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        # Magics: the lines still count, the literals in them are nobody's message.
        return ast.Module(body=[], type_ignores=[])


def _message_expressions(statement: ast.stmt | None) -> Iterable[ast.expr]:
    """Yield what the author of a failing statement wrote for people to read."""
    if isinstance(statement, ast.Assert) and statement.msg is not None:
        yield statement.msg
    if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call):
        yield from statement.exc.args[:1]
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call):
        yield from (key.value for key in call.keywords if key.arg in _MESSAGES)
        if len(call.args) > 2:
            yield call.args[-1]


def _pieces(message: ast.expr) -> list[str] | None:
    """Return the fixed parts of a message, with a gap between each two; None when unknown."""
    if isinstance(message, ast.Constant) and isinstance(message.value, str):
        return [message.value]
    if isinstance(message, ast.JoinedStr):
        pieces = [""]
        for part in message.values:
            if isinstance(part, ast.Constant):
                pieces[-1] += str(part.value)
            else:
                pieces.append("")
        return pieces
    template = None
    if isinstance(message, ast.BinOp) and isinstance(message.op, ast.Mod):
        template = message.left
    elif isinstance(message, ast.Call) and isinstance(message.func, ast.Attribute):
        template = message.func.value if message.func.attr == "format" else None
    if isinstance(template, ast.Constant) and isinstance(template.value, str):
        return _FORMATS.split(template.value)
    if isinstance(message, ast.BinOp) and isinstance(message.op, ast.Add):
        first, second = _pieces(message.left), _pieces(message.right)
        if first is None and second is None:
            return None
        left, right = first or ["", ""], second or ["", ""]
        return [*left[:-1], left[-1] + right[0], *right[1:]]
    return None
