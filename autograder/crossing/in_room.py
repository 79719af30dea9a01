"""A test that runs beside the student's code, in a fork of the notebook."""

import ast
import contextlib
import io
import sys
import tokenize
import traceback
from collections.abc import Sequence
from typing import Any

#: The display type of structured results, and that of exercises' outcomes.
TYPES = ("application/vnd.cmp784.points+json", "application/vnd.cmp784.check+json")
_MOST_DISPLAYS = 100
_FILE = "<test>"


def silence() -> None:
    """Let nothing of a notebook's displays reach the kernel's channels: there are none here."""
    shell = _shell()
    if shell is None:
        return
    with contextlib.suppress(Exception):
        shell.display_pub.publish = lambda *args, **options: None
        shell.displayhook = lambda *args, **options: None


def _shell() -> Any:
    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def is_silent(source: str) -> bool:
    """Tell whether a cell ends with a semicolon, by which its last value is not shown.

    Examples
    --------
    >>> is_silent("x;  # no output"), is_silent("x  # no semicolon;")
    (True, False)
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    shown = [token.string for token in tokens if token.type not in _BLANK]
    return shown[-1:] == [";"]


_BLANK = (tokenize.ENDMARKER, tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.DEDENT)


def run(source: str, namespace: dict[str, Any], before: Sequence[str] = ()) -> dict[str, Any]:
    """Run a test cell in a notebook's names, and say how it went.

    Parameters
    ----------
    before
        Statements that run first; it is no matter if one of them cannot.

    Returns
    -------
    dict
        ``completed``; ``ename``, ``evalue`` and ``line`` of its error; ``value`` and ``value_type``
        of its last expression; ``displays`` of structured results.
    """
    displays: list[Any] = []
    shell = _shell()

    def publish(data: Any, *args: Any, **options: Any) -> None:
        kept = {key: value for key, value in data.items() if _is_structured(key)}
        if kept and len(displays) < _MOST_DISPLAYS:
            displays.append(kept)

    result: dict[str, Any] = {"completed": False, "ename": "", "evalue": "", "line": 0}
    result.update(value=None, value_type="", displays=displays)
    if shell is not None:
        with contextlib.suppress(Exception):
            shell.display_pub.publish = publish
            source = shell.transform_cell(source)
    for statement in before:
        with contextlib.suppress(Exception):
            exec(compile(statement, "<before>", "exec"), namespace)
    try:
        value = _execute(source, namespace)
        if value is not None and not is_silent(source):
            result.update(value=repr(value)[:1000], value_type=type(value).__name__)
            _show(value, publish, shell)
        result["completed"] = True
    except BaseException as error:
        result.update(ename=type(error).__name__, evalue=_text(error), line=_line(error))
    return result


def _is_structured(key: Any) -> bool:
    return key in TYPES or str(key).startswith(("application/vnd.cmp784", "application/vnd.course"))


def _execute(source: str, namespace: dict[str, Any]) -> Any:
    """Run the source, and return the value of its last expression."""
    tree = ast.parse(source, _FILE)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, _FILE, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), _FILE, "eval"), namespace)


def _show(value: Any, publish: Any, shell: Any) -> None:
    with contextlib.suppress(Exception):
        if isinstance(value, dict) and set(value) == {"checks"}:
            publish({TYPES[0]: value["checks"]})
        elif shell is not None:
            publish(shell.display_formatter.format(value)[0])


def _text(error: BaseException) -> str:
    try:
        return str(error)[:10_000]
    except Exception:
        return ""


def _line(error: BaseException) -> int:
    """Return the last line of the test that the error passed through."""
    if isinstance(error, SyntaxError) and error.filename == _FILE:
        return error.lineno or 0
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == _FILE
    ]
    return lines[-1] if lines else 0
