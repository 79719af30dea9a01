"""Tables of pandas, column by column."""

import sys
from collections.abc import Callable
from typing import Any

from autograder.crossing.arrays import read_array, write_array
from autograder.crossing.codec import Node, Reader, Writer
from autograder.crossing.errors import CrossingError


def is_table(value: Any) -> bool:
    """Tell whether this is a table, a column or an index of pandas."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index)


def write_table(writer: Writer, value: Any) -> Node:
    """Write a table, a column or an index."""
    pandas = sys.modules["pandas"]
    if isinstance(value, pandas.MultiIndex):
        return ["pm", writer.each(list(value)), writer.each(list(value.names))]
    if isinstance(value, pandas.Index):
        return ["pi", *_column(writer, value), writer.write(value.name)]
    index = write_table(writer, value.index)
    if isinstance(value, pandas.Series):
        return ["ps", *_column(writer, value), writer.write(value.name), index]
    columns = [_column(writer, value.iloc[:, number]) for number in range(value.shape[1])]
    return ["pf", columns, write_table(writer, value.columns), index]


def _column(writer: Writer, value: Any) -> list[Node]:
    """Write the values, and the type where it is one of pandas' own."""
    plain = value.to_numpy()
    return [write_array(writer, plain), str(value.dtype) if plain.dtype == object else None]


def _pandas() -> Any:
    if "pandas" not in sys.modules:
        raise CrossingError(
            "The answer is a table of pandas, which the test has not imported. "
            "Import pandas in a cell of the assignment."
        )
    return sys.modules["pandas"]


def _values(reader: Reader, node: Any) -> tuple[Any, Any]:
    array, dtype = node
    known = ("object", "string", "str", "category", "Int64", "Float64", "boolean")
    return read_array(reader, array), dtype if dtype in known else None


def _read_index(reader: Reader, node: Node) -> Any:
    values, dtype = _values(reader, node[1:3])
    return _pandas().Index(values, dtype=dtype, name=reader.read(node[3]))


def _read_labels(reader: Reader, node: Node) -> Any:
    labels = reader.read(node)
    if not isinstance(labels, _pandas().Index):
        raise CrossingError("The answer holds a table without labels.")
    return labels


def _read_series(reader: Reader, node: Node) -> Any:
    values, dtype = _values(reader, node[1:3])
    name, index = reader.read(node[3]), _read_labels(reader, node[4])
    return _pandas().Series(values, dtype=dtype, name=name, index=index)


def _read_frame(reader: Reader, node: Node) -> Any:
    pandas = _pandas()
    columns, index = _read_labels(reader, node[2]), _read_labels(reader, node[3])
    read = [_values(reader, column) for column in node[1]]
    series = [pandas.Series(values, dtype=dtype, index=index) for values, dtype in read]
    frame = pandas.concat(series, axis=1) if series else pandas.DataFrame(index=index)
    frame.columns = columns
    return frame


def _read_levels(reader: Reader, node: Node) -> Any:
    return _pandas().MultiIndex.from_tuples(reader.each(node[1]), names=reader.each(node[2]))


READ: dict[str, Callable[[Reader, Node], Any]] = {
    "pi": _read_index,
    "ps": _read_series,
    "pf": _read_frame,
    "pm": _read_levels,
}
