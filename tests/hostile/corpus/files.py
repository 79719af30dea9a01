"""Damages to the file: its format, its bytes, its name, and what cannot be read at all."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

import json

import nbformat
from nbformat import v4

from tests.hostile.cases import HandIn, answers_of, but, case, complete, right
from tests.hostile.course import ASSIGNMENT, RIGHT


def damaged(change) -> HandIn:
    """Give a good student's hand-in with a change to its notebook."""
    return HandIn(complete(), change=change)


def rewritten(change) -> HandIn:
    """Give a good student's hand-in with a change to the file's plain content."""
    return damaged(lambda notebook: change(nbformat.writes(notebook)))


@case("damage", *but())
def metadata_is_null():
    """Metadata of the notebook, cells and outputs are null, or of another type."""

    def change(notebook):
        plain = json.loads(nbformat.writes(notebook))
        for number, cell in enumerate(plain["cells"]):
            if cell["metadata"].get("nbgrader", {}).get("grade_id", "") in ("Q3", "Q5-answer"):
                cell["metadata"] = [None, "text"][number % 2]
        plain["metadata"] = None
        return json.dumps(plain)

    return damaged(change)


@case("damage", *but())
def format_of_2013():
    """The file is of nbformat 3."""
    return damaged(lambda notebook: json.dumps(nbformat.v3.convert.downgrade(_as_four(notebook))))


def _as_four(notebook):
    """Bring a notebook to nbformat 4.0, as `downgrade` wants it."""
    for cell in notebook.cells:
        cell.pop("id", None)
    notebook.nbformat_minor = 0
    return notebook


@case("damage", *but())
def format_four_zero():
    """The file says nbformat 4.0 and holds cell ids all the same."""

    def change(notebook):
        notebook.nbformat_minor = 0
        return notebook

    return damaged(change)


@case("damage", *but())
def format_of_the_future():
    """The file says nbformat 4.9 and has fields that nobody knows."""

    def change(notebook):
        notebook.nbformat_minor = 9
        for cell in notebook.cells:
            cell["mood"] = {"good": True}
        return notebook

    return damaged(change)


@case("damage", *but())
def byte_order_mark():
    """The file begins with a byte-order mark."""
    return rewritten(lambda text: b"\xef\xbb\xbf" + text.encode())


@case("damage", *but())
def line_ends_of_windows():
    """Lines of the file and of the sources end with CRLF."""

    def change(notebook):
        for cell in notebook.cells:
            cell.source = cell.source.replace("\n", "\r\n")
        return nbformat.writes(notebook).replace("\n", "\r\n").encode()

    return damaged(change)


@case("damage", *but())
def sources_as_one_text():
    """Sources are one string each, ids are numbers, and the indent is none."""

    def change(notebook):
        plain = json.loads(json.dumps(notebook))
        for number, cell in enumerate(plain["cells"]):
            cell["id"] = number
        return json.dumps(plain, separators=(",", ":"))

    return damaged(change)


@case("damage", *but())
def ids_all_the_same():
    """All cells have the same id, with characters that no id may have."""

    def change(notebook):
        for cell in notebook.cells:
            cell["id"] = "a b/ü"
        return json.dumps(notebook)

    return damaged(change)


@case("damage", *but())
def wrong_file_name():
    """The file is called as a browser calls a second download."""

    def place(folder):
        (folder / f"{ASSIGNMENT}.ipynb").rename(folder / "Copy of Bank (1).ipynb")

    return HandIn(complete(), place=place)


@case("damage", *but())
def outputs_of_thirty_megabytes():
    """The file holds 30 MB of outputs, which say nothing about the answers."""

    def change(notebook):
        for cell in answers_of(notebook):
            cell.outputs = [v4.new_output("stream", text="x" * (3 << 20))]
        return notebook

    return damaged(change)


@case("damage", *but())
def strange_letters():
    """Comments hold lone surrogates, control characters, emoji and letters from right to left."""

    def change(notebook):
        plain = json.loads(nbformat.writes(notebook))
        for cell in plain["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "Q1-answer":
                cell["source"] = RIGHT["Q1"] + "\n# \u202eüç \U0001f600 ğ \x7f"
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "W1":
                cell["source"] = "words \ud800 and \x00 more"
        return json.dumps(plain)

    return damaged(change)


@case("damage", person="JSON|cut off|damaged")
def cut_off():
    """The upload stopped in the middle of the file."""
    return rewritten(lambda text: text[: len(text) // 2])


@case("damage", person="empty")
def empty_file():
    """The file has no bytes."""
    return rewritten(lambda text: b"")


@case("damage", person="notebook|JSON")
def portable_document():
    """The file is a PDF called a notebook."""
    return rewritten(lambda text: b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\n")


@case("damage", person="notebook")
def json_of_another_kind():
    """The file is JSON, and no notebook."""
    return rewritten(lambda text: json.dumps([{"cells": "none"}, 7]))


@case("damage", person="notebook")
def page_of_a_login():
    """The file is the login page of a platform."""
    return rewritten(lambda text: "<!DOCTYPE html><html><body>Please log in</body></html>")


@case("damage", person="merge|conflict|JSON")
def merge_conflict():
    """The file holds the marks of a conflict of git."""
    marks = "<<<<<<< HEAD\n  {}\n=======\n  {{}}\n>>>>>>> main\n"
    return rewritten(lambda text: text.replace('"cells"', marks + '"cells"', 1))


@case("damage", person="notebook")
def no_notebook():
    """The folder holds a Python file, and no notebook."""

    def place(folder):
        (folder / f"{ASSIGNMENT}.ipynb").unlink()
        (folder / "bank.py").write_text("\n\n".join(RIGHT.values()))

    return HandIn({}, place=place)


@case("damage", person="nested|deep|JSON|notebook")
def nested_too_deep():
    """Lists within lists, a hundred thousand deep, stand where the cells should."""
    deep = "[" * 100_000 + "]" * 100_000
    return rewritten(
        lambda text: '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": ' + deep + "}"
    )


@case("damage", *but())
def metadata_nested_deep():
    """Metadata of a cell is nested two hundred deep."""
    deep = '"metadata": {"x": ' + "[" * 200 + "]" * 200 + "}"
    return rewritten(lambda text: text.replace('"metadata": {}', deep, 1))


@case("damage", person="two|both|ambiguous|several|more than one")
def two_notebooks_of_other_names():
    """Two notebooks with different answers are there, and neither has the right name."""

    def place(folder):
        path = folder / f"{ASSIGNMENT}.ipynb"
        text = path.read_text()
        (folder / "first try.ipynb").write_text(text)
        (folder / "second try.ipynb").write_text(text.replace("not enough money", "too little"))
        path.unlink()

    return HandIn(right("Q5"), place=place)
