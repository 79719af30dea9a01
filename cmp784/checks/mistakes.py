"""The one error that an exercise check raises, and how it shows numbers."""

from typing import Any

from cmp784.errors import Cmp784Error


class Mistake(Cmp784Error, AssertionError):  # noqa: N818 - said to a student
    """A wrong answer, told in a friendly way.

    Parameters
    ----------
    problem
        What is wrong, in one sentence.
    seen
        The shapes or values that were seen, against what was expected.
    likely
        The likely mistake; only when the evidence is exact.
    step
        What to do next.

    Examples
    --------
    >>> print(Mistake("sum: the value is wrong.", seen="Yours is 2, expected is 4."))
    sum: the value is wrong.
    Yours is 2, expected is 4.
    """

    def __init__(self, problem: str, seen: str = "", likely: str = "", step: str = "") -> None:
        super().__init__(problem, seen, likely, step)
        self.problem, self.seen, self.likely, self.step = problem, seen, likely, step

    def __str__(self) -> str:
        """Return the whole message, one thought a line."""
        return "\n".join(part for part in self.args if part)


def number(value: Any) -> str:
    """Return a number as a reader wants it: ``0.333333``, ``True``, ``12``."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, complex):
        return f"{value:.6g}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def pair(first: Any, second: Any) -> tuple[str, str]:
    """Return two numbers as text, with more digits when six do not tell them apart."""
    texts = number(first), number(second)
    if texts[0] == texts[1] and first != second:
        plain = [value.item() if hasattr(value, "item") else value for value in (first, second)]
        return repr(plain[0]), repr(plain[1])
    return texts


def place(index: tuple[Any, ...]) -> str:
    """Return an index as one writes it: ``[2, 0]``; nothing for a single number."""
    return f"[{', '.join(str(int(part)) for part in index)}]" if index else ""


def short(value: Any, limit: int = 160) -> str:
    """Return what ``repr`` says on one line, cut to ``limit`` characters; never raises."""
    try:
        text = " ".join(repr(value).split())
    except Exception as error:  # a student's __repr__ may do anything
        text = f"<a {type(value).__name__} whose repr fails with {type(error).__name__}>"
    return text if len(text) <= limit else text[: limit - 2] + " …"


def listed(values: list[Any], limit: int = 8) -> str:
    """Return values as a readable list: ``1, 2 and 3``, cut after ``limit``."""
    texts = [str(value) for value in values[:limit]]
    if len(values) > limit:
        return f"{', '.join(texts)} and {len(values) - limit} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
