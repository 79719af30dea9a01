"""Check a function on every row of a truth table, and name the gate that it computes."""

from collections.abc import Callable, Mapping
from typing import Any

from cmp784.checks.arrays import as_array
from cmp784.checks.calls import call, name_of
from cmp784.checks.mistakes import Mistake, number

#: The sixteen gates of two inputs that have a name, outputs for 00, 01, 10, 11.
GATES: dict[tuple[int, ...], str] = {
    (0, 0, 0, 1): "AND",
    (0, 1, 1, 1): "OR",
    (0, 1, 1, 0): "XOR",
    (1, 1, 1, 0): "NAND",
    (1, 0, 0, 0): "NOR",
    (1, 0, 0, 1): "XNOR (equal)",
    (0, 0, 0, 0): "a gate that is always 0",
    (1, 1, 1, 1): "a gate that is always 1",
    (0, 0, 1, 1): "a gate that copies its first input",
    (0, 1, 0, 1): "a gate that copies its second input",
    (1, 1, 0, 0): "NOT of the first input",
    (1, 0, 1, 0): "NOT of the second input",
    (1, 1, 0, 1): "an implication from the first input to the second",
    (1, 0, 1, 1): "an implication from the second input to the first",
    (0, 0, 1, 0): "first AND NOT second",
    (0, 1, 0, 0): "second AND NOT first",
}


def truth_table(function: Callable[..., Any], table: Mapping[Any, Any], *, name: str = "") -> None:
    """Check a function on every row of a truth table.

    Parameters
    ----------
    function
        Takes as many arguments as a key of the table holds.
    table
        Inputs, a tuple or a single value, to the output expected, a value or a tuple.
    name
        What the function is called; its own name, when left out.

    Raises
    ------
    Mistake
        Shows the rows that are wrong; names the gate that was built, inverted or exchanged outputs.

    Examples
    --------
    >>> AND = {(0, 0): 0, (0, 1): 0, (1, 0): 0, (1, 1): 1}
    >>> truth_table(lambda a, b: a * b, AND)
    >>> truth_table(lambda a, b: max(a, b), AND, name="gate")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: gate: 2 of 4 rows are wrong.
    gate(0, 1) is 1, expected is 0.
    gate(1, 0) is 1, expected is 0.
    It looks as if you built OR.
    """
    called, results, wrong = name or name_of(function), {}, []
    for inputs, expected in table.items():
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        what = f"{called}({', '.join(map(str, given))})"
        results[inputs] = _plain_output(call(function, given, what), what)
        if not _right(results[inputs], expected):
            wrong.append(f"{what} is {_text(results[inputs])}, expected is {_text(expected)}.")
    if wrong:
        more = [f"And {len(wrong) - 6} more."] if len(wrong) > 6 else []
        problem = f"{called}: {len(wrong)} of {len(table)} rows are wrong."
        likely = _table_words(results, dict(table))
        raise Mistake(problem, "\n".join(wrong[:6] + more), likely)


def _plain_output(value: Any, what: str) -> Any:
    """Return an output as plain Python; arrays and tensors lose their wrapping."""
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return tuple(_plain_output(item, what) for item in value)
    array = as_array(value, what).tolist()
    while isinstance(array, list) and len(array) == 1:
        array = array[0]
    return tuple(array) if isinstance(array, list) else array


def _right(found: Any, expected: Any) -> bool:
    wanted = tuple(expected) if isinstance(expected, list | tuple) else expected
    return bool(found == wanted)


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        inside = ", ".join(_text(item) for item in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return number(value)


def _table_words(results: dict[Any, Any], table: dict[Any, Any]) -> str:
    """Return the likely mistake behind a wrong truth table."""
    outputs = [out if isinstance(out, tuple) else (out,) for out in results.values()]
    flat = [item for out in outputs for item in out]
    single = not any(isinstance(out, tuple) for out in results.values())
    binary = all(isinstance(item, int | float) and item in (0, 1) for item in flat)
    if all(isinstance(out, tuple) and len(out) == 2 for out in results.values()) and all(
        _right(out[::-1], table[key]) for key, out in results.items()
    ):
        return "It looks as if the two outputs are exchanged."
    expected_binary = single and all(out in (0, 1) for out in table.values())
    if any(item != item for item in flat):
        return "Some outputs are not numbers (nan)."
    if not binary and expected_binary and all(isinstance(i, int | float) for i in flat):
        if set(flat) == {-1, 1}:
            return "Yours answers with -1 and 1, expected are 0 and 1."
        return "Some outputs are neither 0 nor 1: is the threshold missing?"
    if binary and set(table) == {(0, 0), (0, 1), (1, 0), (1, 1)} and expected_binary:
        built = tuple(int(results[key]) for key in sorted(table))
        return f"It looks as if you built {GATES[built]}."
    if binary and expected_binary and all(out != table[k] for k, out in results.items()):
        return "Every output is inverted."
    return ""
