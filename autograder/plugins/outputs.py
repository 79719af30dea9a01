"""Outputs of a test cell that say to stock nbgrader how many points it earned.

nbgrader counts by a cell's outputs, in order: an error, or a line on stderr, is 0; a last value
that is a number is that many points; anything else is full marks. A verdict of the examiner's room
knows better. So the outputs are kept for the reader, in forms that nbgrader takes for words, and
one is added where the points are not all there.
"""

from collections.abc import Iterable
from typing import Any

Output = dict[str, Any]


def express(outputs: Iterable[Output], points: float, max_points: float, message: str) -> list[Any]:
    """Rewrite a test cell's outputs, so that nbgrader computes exactly these points.

    Parameters
    ----------
    outputs
        In nbformat's form; those that are given stay as they are.
    points, max_points
        What the cell earned, 0 to ``max_points``.
    message
        Why points are missing, in words; shown where the outputs hold no error.

    Returns
    -------
    list of dict
        The outputs, then what decides.
    """
    outputs = [dict(output) for output in outputs]
    failed = [output for output in outputs if output["output_type"] == "error"]
    shown = [_harmless(output) for output in outputs if output["output_type"] != "error"]
    if points >= max_points and not (failed and max_points == 0):
        return shown
    if points > 0:
        return [*shown, *map(_as_words, failed), _number(points)]
    return [*shown, *(failed[:1] or [_error(message)])]


def _harmless(output: Output) -> Output:
    """Give an output a form in which nbgrader finds neither a mistake nor a number."""
    if output["output_type"] == "stream":
        return {**output, "name": "stdout"}
    if output["output_type"] == "execute_result":
        rest = {key: value for key, value in output.items() if key != "execution_count"}
        return {**rest, "output_type": "display_data"}
    return output


def _as_words(error: Output) -> Output:
    """Show an error that cost only some of the points."""
    words = f"{error.get('ename', 'Error')}: {error.get('evalue', '')}\n"
    return {"output_type": "stream", "name": "stdout", "text": words}


def _number(points: float) -> Output:
    # repr of a float and back is the same float.
    data = {"text/plain": repr(float(points))}
    return {
        "output_type": "execute_result",
        "data": data,
        "metadata": {},
        "execution_count": None,
    }


def _error(message: str) -> Output:
    words = message or "The tests did not pass."
    return {
        "output_type": "error",
        "ename": "TestFailed",
        "evalue": words,
        "traceback": [f"TestFailed: {words}"],
    }
