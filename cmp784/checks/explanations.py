"""What an error of the student's code most likely means, without a traceback."""

import linecache
import re
import sysconfig
from pathlib import Path
from traceback import walk_tb
from typing import NamedTuple

from cmp784.errors import Cmp784Error

#: Error type to what it most often means; the first that fits is told.
MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (ZeroDivisionError, "Something is divided by zero. Is a count or a sum zero for this input?"),
    (RecursionError, "The function calls itself without end. Where does it stop?"),
    (UnboundLocalError, "The variable is used before it gets a value on this path."),
    (
        IndexError,
        "An index lies outside. Indices go from 0 to length - 1; print the shape and the index.",
    ),
    (KeyError, "The key is not there. Print the keys, and compare the spelling."),
    (
        AttributeError,
        "The object has no such attribute. Is it another type than you think? "
        "Print type(...) just before that line.",
    ),
    (ModuleNotFoundError, "The module is not installed here, or its name is spelled differently."),
    (ImportError, "The name is not in that module. Compare the spelling."),
    (MemoryError, "The arrays are too large. Print their shapes: did something broadcast?"),
    (OverflowError, "A number grew too large. Subtract the maximum before you take exp?"),
    (TypeError, "A value has a type that does not fit here. Print type(...) of the parts."),
    (ValueError, "A value or a shape does not fit here. Print the shapes of the parts."),
)

#: Pattern in the error's text to what it means; looked at before the type.
PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"mat1 and mat2 shapes cannot be multiplied|matmul: .*mismatch|shapes .* not aligned",
        "The inner sizes of a matrix product must agree: (a, b) @ (b, c). Is one of them "
        "transposed?",
    ),
    (
        r"size of tensor a .* must match|could not be broadcast",
        "Two shapes do not fit together. Sizes are compared from the right and must be equal or 1.",
    ),
    (
        r"positional arguments? but|missing \d+ required|unexpected keyword",
        "The function is called with other arguments than it takes. "
        "Keep the first line (def ...) as it was given.",
    ),
    (
        r"'NoneType' object|NoneType",
        "Something is None. Is a return statement missing in a function?",
    ),
    (
        r"expected .* same dtype|must have the same dtype|expected scalar type|found dtype",
        "The tensors have different number types. Convert one with .float() or .double().",
    ),
    (
        r"same device|device type",
        "The tensors lie on different devices. Move one with .to(other.device).",
    ),
    (r"does not require grad", "The loss does not depend on a tensor with requires_grad=True."),
    (
        r"backward through the graph a second time",
        "backward() ran twice over one graph. Compute the loss anew before each backward().",
    ),
    (
        r"leaf Variable that requires grad|modified by an inplace operation",
        "A tensor that autograd still needs is changed in place. Use torch.no_grad() for updates, "
        "or make a new tensor.",
    ),
    (r"call numpy\(\) on Tensor that requires grad", "Write .detach().numpy()."),
    (r"has no attribute '?forward|missing the required \"forward\"", "Define forward(self, x)."),
    (
        r"truth value of an array|Boolean value of Tensor",
        "An if looks at many values at once. Say .any() or .all(), or compare one value.",
    ),
    (r"not subscriptable", "Only lists, arrays and the like take [...]. Is it a plain number?"),
    (r"not callable", "Something that is no function is called with (...). Is a name used twice?"),
    (r"not iterable", "Only lists, arrays and the like can be looped over. Is it a plain number?"),
)

_OURS = str(Path(__file__).parent.parent)
_LIBRARIES = tuple(
    path for key in ("stdlib", "purelib", "platlib") if (path := sysconfig.get_paths().get(key))
)


class Place(NamedTuple):
    """A place that an error passed through."""

    file: str
    name: str
    line: int
    source: str


def explain(error: BaseException, asked_in: str = "") -> tuple[str, str]:
    r"""Return the status and the message for an error that the student's code raised.

    Parameters
    ----------
    error
        What was caught, with its traceback.
    asked_in
        The file name of the cell that asks, none of whose lines may be quoted.

    Returns
    -------
    tuple of str
        ``unanswered``, ``mistake`` or ``error``, and the message, which may be empty.

    Examples
    --------
    >>> explain(NotImplementedError("your turn"))
    ('unanswered', '')
    >>> explain(NameError("name 'half_adder' is not defined", name="half_adder"))[1]
    "'half_adder' is not defined yet.\nRun the cell above first."
    """
    frames = [
        place for place in _places(error) if _is_student(place.file) and place.file != asked_in
    ]
    line = frames[-1].source if frames else ""
    if isinstance(error, NotImplementedError) and ("raise" in line or not line):
        return "unanswered", ""
    notes = getattr(error, "__notes__", [])
    if isinstance(error, AssertionError):
        said = _said(error) or (f"This does not hold: {line}" if line else "An assert failed.")
        return "mistake", "\n".join([said, *notes])
    where = [_where(frames[-1])] if frames else []
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        inside = len(frames) > (0 if asked_in else 1)
        return "error", "\n".join([*_unknown_name(error, inside, where), *notes])
    if isinstance(error, Cmp784Error):
        return "error", "\n".join([str(error), *notes])
    said = f"{type(error).__name__}: {_said(error)}".rstrip(": ")
    return "error", "\n".join([said, *where, *notes, meaning(error)])


def meaning(error: BaseException) -> str:
    """Return what an error most likely means, as a sentence with a next step.

    Examples
    --------
    >>> meaning(ZeroDivisionError("division by zero"))
    'Something is divided by zero. Is a count or a sum zero for this input?'
    """
    text = _said(error)
    for pattern, words in PATTERNS:
        if re.search(pattern, text):
            return words
    for kind, words in MEANINGS:
        if isinstance(error, kind):
            return words
    return "Run your function alone in a new cell, with a small input, and look at each step."


def _unknown_name(error: NameError, inside: bool, where: list[str]) -> list[str]:
    """Tell a cell that was not run from a name that is misspelled inside a function."""
    name = error.name or "a name"
    if not inside:
        return [f"{name!r} is not defined yet.", "Run the cell above first."]
    return [
        f"{name!r} is not defined.",
        *where,
        "Is it spelled right? If a cell above defines it, run the cell above first.",
    ]


def _said(error: BaseException) -> str:
    """Return the error's own words, cut to a readable length; its ``str`` may fail."""
    try:
        text = str(error).strip()
    except Exception:  # a student's own error class may do anything
        return ""
    return text if len(text) <= 400 else text[:398] + " …"


def _places(error: BaseException) -> list[Place]:
    """List where an error passed through, outermost first, in this process and elsewhere."""
    here = [
        Place(
            file := frame.f_code.co_filename,
            frame.f_code.co_name,
            line,
            linecache.getline(file, line, frame.f_globals).strip(),
        )
        for frame, line in walk_tb(error.__traceback__)
    ]
    return here + [Place(*place) for place in getattr(error, "frames_elsewhere", ())]


def _is_student(file: str) -> bool:
    """Tell the student's code from this package's, Python's and the installed libraries'."""
    library = file.startswith(_LIBRARIES) or file.startswith("<frozen") or "site-packages" in file
    return not library and not file.startswith(_OURS)


def _where(place: Place) -> str:
    """Return the place in words: function, line, and the line itself when it can be had."""
    in_function = f"In {place.name}(), line {place.line} of its cell"
    inside = in_function if place.name.isidentifier() else f"In line {place.line}"
    return f"{inside}: {place.source}" if place.source else f"{inside}."
