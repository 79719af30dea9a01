"""Tables that a person keeps as CSV: extensions, and marks given outside of nbgrader.

A header row, then one row each. Spreadsheets may write them: UTF-8 with or without a byte-order
mark, separated by commas, semicolons or tabs, with a line `sep=;`. Lines above the header that
begin with `#` are comments. A mistake is never guessed away: all of a file come in one error.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError

#: Columns that help whoever reads the file, and that nothing else reads.
REMARKS = ("comment", "email", "first_name", "last_name", "name", "note", "reason")
#: What to do about a student whom nobody knows.
UNLISTED = "Correct it, or list the student in gradebook/students.csv."
#: After so many mistakes nobody is asked "Did you mean ...?" any more: looking takes time.
GUESSES = 20


class TableError(AutograderError):
    """All mistakes of one file.

    Parameters
    ----------
    file
        Path of the file.
    mistakes
        Line, from 1, or 0 for the whole file; and what is wrong, with the remedy.

    Examples
    --------
    >>> print(TableError("project.csv", ((3, "points 'x' is no number. Correct it."),)))
    project.csv, line 3: points 'x' is no number. Correct it.
    """

    def __init__(self, file: str, mistakes: tuple[tuple[int, str], ...]) -> None:
        super().__init__(file, mistakes)
        self.file, self.mistakes = file, mistakes

    def __str__(self) -> str:
        places = [f"line {line}: {words}" if line else words for line, words in self.mistakes]
        if len(places) == 1:
            return f"{self.file}{', ' if self.mistakes[0][0] else ': '}{places[0]}"
        return "\n  ".join([f"{self.file}: {len(places)} mistakes.", *places])


@dataclass(frozen=True)
class Row:
    """One row: the line where it begins, and its cells by column; absent ones are empty."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


class Table:
    """The rows of a file, and the mistakes found in it so far.

    Parameters
    ----------
    path
        The file.
    needed, optional
        Names of columns. Those of `REMARKS`, and those that begin with ``#``, are passed over;
        any other is a mistake.

    Raises
    ------
    TableError
        When the file or its header cannot be read. What is wrong with rows waits for `check`.
    """

    def __init__(self, path: Path | str, needed: tuple[str, ...], optional: tuple[str, ...] = ()):
        self.file = str(path)
        self.mistakes: list[tuple[int, str]] = []
        self._seen: dict[tuple[str, ...], int] = {}
        self.rows = tuple(self._read(Path(path), needed, optional))

    def wrong(self, line: int, words: str) -> None:
        """Note a mistake."""
        self.mistakes.append((line, words))

    def check(self) -> None:
        """Raise what was noted, in the order of lines."""
        if self.mistakes:
            raise TableError(self.file, tuple(sorted(self.mistakes)))

    def known(self, row: Row, column: str, names: Collection[str], remedy: str) -> bool:
        """Note a cell that is empty or not among the names, with the nearest of them."""
        name = row[column]
        if not name:
            self.wrong(row.line, f"no {column}. Fill it in.")
        elif name not in names:
            close: list[str] = []
            if len(self.mistakes) < GUESSES:
                close = difflib.get_close_matches(name, sorted(names), n=1)
            meant = f"Did you mean '{close[0]}'? " if close else ""
            self.wrong(row.line, f"unknown {column} '{name}'. {meant}{remedy}")
        return name in names

    def once(self, row: Row, *columns: str) -> bool:
        """Note a row that repeats what an earlier one says in these columns."""
        key = tuple(row[column] for column in columns)
        first = self._seen.setdefault(key, row.line)
        if first != row.line:
            names = "', '".join(key)
            self.wrong(row.line, f"'{names}' stands in line {first} already. Keep one of the two.")
        return first == row.line

    def _read(self, path: Path, needed: tuple[str, ...], optional: tuple[str, ...]) -> list[Row]:
        """Read the file, and check its shape."""
        skipped, text = _without_comments(self._text(path))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        rows = self._cells(reader, skipped)
        line, cells = next(rows, (skipped + 1, []))
        header = [re.sub(r"[\s-]+", "_", cell.lower()) for cell in cells]
        self._check_header(line, header, needed, optional)
        return [self._row(line, header, row) for line, row in rows]

    def _text(self, path: Path) -> str:
        """Read the file as UTF-8."""
        try:
            data = path.read_bytes()
            return data.decode("utf-8-sig")
        except OSError as error:
            reason = (error.strerror or "an error").lower()
            self.wrong(0, f"'{reason}' on opening. Check the path.")
        except UnicodeDecodeError as error:
            line = len(re.findall(rb"\r\n|\r|\n", data[: error.start])) + 1
            self.wrong(line, "bytes that are not UTF-8. Save the file as 'CSV UTF-8'.")
        raise TableError(self.file, tuple(self.mistakes))

    def _cells(
        self, reader: "Iterator[list[str]]", skipped: int
    ) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that is not blank with the line on which it begins."""
        line = skipped + 1
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield line, [unicodedata.normalize("NFC", cell).strip() for cell in row]
                line = skipped + reader.line_num + 1  # type: ignore[attr-defined]
        except csv.Error as error:
            self.wrong(line, f"no row of a table ({error}). Check its quotes.")

    def _check_header(
        self, line: int, header: list[str], needed: tuple[str, ...], optional: tuple[str, ...]
    ) -> None:
        """Refuse a header with a column that is missing, unknown, or there twice."""
        columns = (*needed, *optional)
        found = ", ".join(filter(None, header)) or "nothing"
        for name in needed:
            if name not in header:
                self.wrong(line, f"no column '{name}' among: {found}. Add it to the header.")
        for name in dict.fromkeys(filter(None, header)):
            if name not in (*columns, *REMARKS) and not name.startswith("#"):
                self.wrong(
                    line,
                    f"unknown column '{name}', expected {', '.join(columns)}. Correct its name, "
                    f"or begin it with '#' to have it passed over.",
                )
            elif header.count(name) > 1 and name in columns:
                self.wrong(line, f"two columns '{name}'. Keep one of them.")
        self.check()

    def _row(self, line: int, header: list[str], row: list[str]) -> Row:
        """Build one row; a cell beyond the header, or under no name, is a mistake."""
        named = len(header) if all(header) else header.index("")
        if any(cell for cell, name in zip(row, header, strict=False) if not name) or any(
            row[len(header) :]
        ):
            self.wrong(
                line,
                f"{len(row)} cells, but the header names {named}. Write decimals with a point "
                "(17.5), and put quotes around a cell that holds a separator.",
            )
        return Row(line, dict(zip(header, row, strict=False)))


def _without_comments(text: str) -> tuple[int, str]:
    """Take away what stands above the header, and say how many lines it was."""
    lines = io.StringIO(text, newline="").readlines()
    skipped = 0
    for line in lines:
        bare = line.strip(' \t\r\n",;')
        if bare and not bare.startswith("#") and not re.fullmatch(r"sep=.?", line.strip(' \r\n"')):
            break
        skipped += 1
    return skipped, "".join(lines[skipped:])


def _delimiter(text: str) -> str:
    """Tell commas from semicolons and tabs by the header."""
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(",;\t", key=header.count)
