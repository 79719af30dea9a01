"""Compare sources of cells: what is the same, what is alike, and which names code gives."""

import re

#: Characters of a text that are compared; nobody's answer is longer, but pasted pictures are.
COMPARED = 50_000

_WORD = re.compile(r"\w+|[^\w\s]")
#: What a line that begins at the margin gives a value: a function, a class, a variable; in R too.
_BINDING = re.compile(
    r"^(?:(?:async +def|def|class|function|struct) +([\w.]+)"
    r"|([\w.]+(?: *, *[\w.]+)*) *(?::[^=\n]*)?(?:<-|=(?!=)))",
    re.MULTILINE,
)
_FENCE = re.compile(r"\s*```[\w+{}. -]*\n(.*?)\n?```\s*", re.DOTALL)


def normal(text: str) -> str:
    r"""Give a text without blanks at the ends of lines, and blank lines around it.

    Examples
    --------
    >>> normal("\n  a = 1  \nb = 2\n\n")
    'a = 1\nb = 2'
    """
    return "\n".join(map(str.rstrip, text.strip().split("\n")))


def lines(text: str) -> frozenset[str]:
    """Give the lines of a text without their indents, and without empty ones."""
    return frozenset(filter(None, map(str.strip, text[:COMPARED].split("\n"))))


def words(text: str) -> frozenset[str]:
    """Give the words and signs of a text."""
    return frozenset(_WORD.findall(text, 0, COMPARED))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Say how much two sets have in common, 0 to 1.

    Examples
    --------
    >>> likeness(frozenset("abc"), frozenset("bcd"))
    0.6666666666666666
    """
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def names(code: str) -> frozenset[str]:
    r"""Give the names to which code gives a value at the top level, as far as lines tell.

    Examples
    --------
    >>> sorted(names("def f(x):\n    y = 1\na, b = f(2), 3\na == b\nz: int = 4"))
    ['a', 'b', 'f', 'z']
    """
    return frozenset(
        name for bound in _BINDING.finditer(code, 0, COMPARED) for name in _names(bound)
    )


def _names(bound: re.Match[str]) -> list[str]:
    return [name.strip() for name in (bound[1] or bound[2]).split(",")]


def bound_at(line: str) -> frozenset[str]:
    """Give the names to which one line gives a value."""
    bound = _BINDING.match(line)
    return frozenset(_names(bound)) if bound else frozenset()


def unfenced(text: str) -> str:
    r"""Take code out of the fence that Markdown has around it.

    Examples
    --------
    >>> unfenced("```python\nx = 1\n```")
    'x = 1'
    """
    whole = _FENCE.fullmatch(text)
    return whole[1] if whole and "```" not in whole[1] else text


def compiles(code: str) -> bool:
    """Tell whether Python can compile it; lines for IPython count as Python."""
    if len(code) > COMPARED:
        return True
    plain = re.sub(r"^([ \t]*)(?:[%!?].*|\w+ *= *[%!].*)$", r"\1pass", code, flags=re.MULTILINE)
    try:
        compile(plain, "<cell>", "exec", flags=0x2400, dont_inherit=True)  # only parse; top await
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True
