"""Bytes of all kinds: what is a notebook, and what to say when it is none."""

import json

import pytest

from autograder.intake import notebook_file
from autograder.intake.notebook_file import read_notebook

PLAIN = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Ä title\n", "of two lines"]},
        {"cell_type": "code", "metadata": {}, "source": "x = 1\ny = 2", "outputs": []},
    ],
}
TEXT = json.dumps(PLAIN, ensure_ascii=False, indent=1)
KINDS = [("markdown", "# Ä title\nof two lines"), ("code", "x = 1\ny = 2")]


def cells(file):
    """Give kinds and texts of what was read."""
    return [(cell.kind, cell.text) for cell in file.cells]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        TEXT.encode("cp1252"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        b"\n\n  " + TEXT.encode(),
        TEXT.encode() + b"\0\0\0\n",
        TEXT.encode() + b"}]\ngarbage",
        json.dumps(TEXT).encode(),
        TEXT.replace('"metadata": {}', '"metadata": {"a": NaN, "b": -Infinity}').encode(),
        TEXT.replace('"nbformat": 4', f'"nbformat": {"9" * 9000}').encode(),
        TEXT.replace('"metadata"', '"metadata": 1, "metadata"').encode(),
        TEXT.replace('"x = 1\\ny = 2"', '"x = 1\ny = 2"').encode(),
        TEXT.replace("x = 1\\n", "x = 1\\r\\n").encode(),
    ],
    ids=[
        "plain",
        "byte-order mark",
        "UTF-16",
        "UTF-16 without a mark",
        "UTF-32",
        "Windows code page",
        "CRLF",
        "CR",
        "blank lines first",
        "zeros behind",
        "garbage behind",
        "encoded twice",
        "NaN",
        "a number of thousands of digits",
        "a key twice",
        "a line end in a string",
        "CRLF in a source",
    ],
)
def test_notebook_is_read_whatever_was_done_to_its_bytes(content):
    """Kinds and texts are what they were."""
    file = read_notebook(content)

    assert (cells(file), file.problem) == (KINDS, "")


def test_format_3_is_read():
    """Code is called ``input`` there, headings are cells, and cells lie in worksheets."""
    sheet = {
        "cells": [
            {"cell_type": "heading", "level": 2, "metadata": {}, "source": "Ä title"},
            {"cell_type": "code", "input": ["x = 1"], "prompt_number": 3, "outputs": []},
        ]
    }
    file = read_notebook(json.dumps({"nbformat": 3, "worksheets": [sheet, None, 3]}).encode())

    assert cells(file) == [("markdown", "## Ä title"), ("code", "x = 1")]
    assert file.cells[1].run == 3
    assert file.notes == ("the notebook was of nbformat 3 or older",)


def test_cells_that_are_none_are_left_out():
    """Numbers, lists and nulls among the cells; metadata and sources of any type."""
    odd = [None, 3, "cell", [], {"cell_type": "code", "metadata": None, "source": ["x", 3, None]}]
    odd += [{"cell_type": 7, "source": {"a": 1}}, {"cell_type": "code", "source": "y = 1"}]
    odd[-1]["metadata"] = {"nbgrader": {"grade_id": ["a"]}}

    file = read_notebook(json.dumps({"cells": odd}).encode())

    assert cells(file) == [("code", "x"), ("markdown", ""), ("code", "y = 1")]
    assert [cell.grade_id for cell in file.cells] == ["", "", ""]
    assert file.notes == ("what stood in the list of cells and is no cell was left out",)


def test_lone_surrogates_and_zeros_are_replaced():
    """No file can hold them; pairs of surrogates are the letters that they stand for."""
    text = r'{"cells": [{"cell_type": "code", "source": "a\ud800b\u0000c\ud83d\ude00"}]}'

    assert cells(read_notebook(text.encode())) == [("code", "a\ufffdb\ufffdc\U0001f600")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b" \n\t\0\0", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (TEXT.encode()[: len(TEXT) // 2], "is cut off"),
        (TEXT.encode()[:-1], "is cut off"),
        (TEXT.replace('"cells"', "cells").encode(), "is damaged: no valid JSON in line"),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', "conflict that git left"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\n <html lang='en'>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"PK\x03\x04....", "a zip archive"),
        (b"import torch\n", "no JSON"),
        (b"\x93\x00\xff" * 50, "no JSON"),
        (b"[1, 2]", "not a notebook"),
        (b"3", "not a notebook"),
        (b'{"a": 1}', "no cells"),
        (b'{"cells": {"a": 1}}', "no cells"),
        (b'{"cells": []}', "is empty"),
        (b'{"cells": [{"cell_type": "code", "source": "  "}]}', "is empty"),
        (b'{"cells": ' + b"[" * 100_000, "nested deeper"),
        (b'{"cells": [' + b'{"source": "x"},' * 6000 + b'{"source": "x"}]}', "6001 cells"),
        (json.dumps({"cells": [{"source": "x" * 2**21}]}).encode(), "characters of text"),
        (b'{"cells": [' + b"[]," * 3_000_001 + b"[]]}", "millions of lists"),
    ],
)
def test_what_is_no_notebook_is_told_in_words(content, words):
    """Each says what it is, or what is wrong with it."""
    file = read_notebook(content)

    assert words in file.problem
    assert file.cells == ()


def test_outputs_may_be_nested_deep():
    """Widgets do so, and the stack that is left depends on who calls."""
    deep = '{"a": ' * 3000 + "1" + "}" * 3000
    text = TEXT.replace('"outputs": []', f'"outputs": [{deep}]')

    assert cells(read_notebook(text.encode())) == KINDS


def test_outputs_may_hold_millions_of_brackets_in_text():
    """Only lists and objects count, not what is printed."""
    text = TEXT.replace('"outputs": []', f'"outputs": ["{"[{" * 2_000_000}"]')

    assert cells(read_notebook(text.encode())) == KINDS


def test_file_beyond_the_limit_is_refused_unread(monkeypatch):
    """Nothing parses it."""
    monkeypatch.setattr(notebook_file, "MAX_BYTES", 1000)
    monkeypatch.setattr(notebook_file, "_decode", None)

    assert "more than" in read_notebook(b" " * 999 + TEXT.encode()).problem
