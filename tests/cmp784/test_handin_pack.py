"""What ``handin.pack`` writes, refuses and shows, and what its digest depends on."""

import json
import re

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell, new_output

from cmp784 import handin
from cmp784.handin import packing
from tests.cmp784.handin_builders import ANSWERS, cell, make_practical, plain, save


def test_packed_file_is_the_notebook_under_the_name_of_the_practical(tmp_path, capsys):
    """A copy with another name goes into handin/practical1.ipynb, with its outputs."""
    notebook = make_practical()
    cell(notebook, "A1").outputs = [new_output("stream", text="seen")]
    path = save(notebook, tmp_path, "practical1 (2).ipynb")

    packed = handin.pack(path)

    assert packed == tmp_path / "handin" / "practical1.ipynb"
    assert nbformat.read(packed, as_version=4) == notebook
    lines = capsys.readouterr().out.splitlines()
    whole = handin.digest(path)
    assert lines[:3] == [
        f"Packed practical1.ipynb, {packed.stat().st_size // 1000} kB.",
        f"It lies at {packed}. Upload this one file.",
        "Keep this line; it proves what you handed in:",
    ]
    assert re.fullmatch(
        rf"{packing.short(whole)}, \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC, sha256 {whole}", lines[3]
    )
    assert len(lines) == 4


def test_packing_warns_of_cells_and_writes_all_the_same(tmp_path, capsys):
    """A deadline is no time to refuse."""
    notebook = make_practical()
    notebook.cells.remove(cell(notebook, "A1"))

    packed = handin.pack(save(notebook, tmp_path))

    assert packed.is_file()
    assert capsys.readouterr().out.splitlines()[4].startswith("! Cell 'A1' is missing.")


def test_notebook_without_the_course_s_metadata_keeps_its_name(tmp_path):
    """Older releases and lectures do not say which practical they are."""
    packed = handin.pack(save(make_practical(listed=False), tmp_path, "mine.ipynb"))

    assert packed.name == "mine.ipynb"


def test_only_practical_of_the_folder_needs_no_name(tmp_path, monkeypatch):
    """A lecture beside it is none."""
    save(make_practical(listed=False), tmp_path, "01_lecture.ipynb")
    save(make_practical(), tmp_path, "mine.ipynb")
    monkeypatch.chdir(tmp_path)

    assert handin.pack() == tmp_path / "handin" / "practical1.ipynb"


@pytest.mark.parametrize(
    ("names", "words"),
    [((), "no practical"), (("a.ipynb", "b.ipynb"), "2 practicals: a.ipynb, b.ipynb")],
    ids=["none", "two"],
)
def test_without_a_name_one_practical_must_be_there(tmp_path, monkeypatch, names, words):
    """Nothing is guessed."""
    for name in names:
        save(make_practical(), tmp_path, name)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(handin.HandinError, match=f"{words}. Name the notebook"):
        handin.pack()


def test_enormous_outputs_are_left_out(tmp_path, capsys, monkeypatch):
    """The file stays small enough for a learning platform, and its digest is the same."""
    notebook = make_practical()
    cell(notebook, "A1").outputs = [new_output("stream", text="x" * 20_000)]
    path = save(notebook, tmp_path)
    monkeypatch.setattr(packing, "LARGE", 15_000)

    packed = handin.pack(path)

    assert packed.stat().st_size < 15_000
    assert "without its outputs, which were too large" in capsys.readouterr().out
    assert handin.digest(packed) == handin.digest(path)


def test_digest_depends_on_nothing_that_a_run_or_a_platform_changes(tmp_path):
    """Outputs, counts, ids of cells, Colab's badge, line ends, JSON in another layout."""
    notebook = make_practical()
    before = handin.digest(save(notebook, tmp_path))
    badge = new_markdown_cell("badge", metadata={"id": "view-in-github", "colab_type": "text"})
    notebook.cells.insert(0, badge)
    notebook.metadata["colab"] = {"provenance": []}
    for number, one in enumerate(notebook.cells):
        one.id = f"other-{number}"
        one.metadata["outputId"] = "1"
        one.source = one.source.replace("\n", "\r\n")
    cell(notebook, "A1").outputs = [new_output("stream", text="new")]
    cell(notebook, "A1").execution_count = 4
    (tmp_path / "other.ipynb").write_text(json.dumps(plain(notebook)), encoding="utf-8")

    assert handin.digest(tmp_path / "other.ipynb") == before


@pytest.mark.parametrize("change", ["source", "order", "name", "deleted", "picture"])
def test_digest_changes_with_the_content(tmp_path, change):
    """One character, two cells exchanged, another name, a cell less, another picture."""
    notebook = make_practical()
    before = handin.digest(save(notebook, tmp_path))
    if change == "source":
        cell(notebook, "A1-answer").source += " "
    elif change == "order":
        notebook.cells[2:4] = reversed(notebook.cells[2:4])
    elif change == "name":
        cell(notebook, "A1-answer").metadata["nbgrader"]["grade_id"] = "A9-answer"
    elif change == "deleted":
        notebook.cells.pop()
    else:
        cell(notebook, "B1")["attachments"] = {"curve.png": {"image/png": "AAAA"}}

    assert handin.digest(save(notebook, tmp_path)) != before


def test_digest_stays_the_same_over_the_years(tmp_path):
    """A student's note of it must hold when the course's code is newer."""
    whole = handin.digest(save(make_practical(ANSWERS), tmp_path))

    assert packing.short(whole) == "DB86-49A8-1E24-11F8"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b'{"cells": [', "not a valid notebook .Expecting value"),
        (b"[1, 2]", "it has no key 'nbformat'"),
        (b"\xff\xfe\x00", "not a valid notebook .'utf-8' codec"),
        (b'{"nbformat": 4, "nbformat_minor": 5}', "not a valid notebook"),
        (
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
            "it has no code cell. Is it the right file",
        ),
    ],
    ids=["empty", "cut", "a list", "not text", "no cells", "no code"],
)
def test_file_that_is_no_notebook_is_refused_in_words(tmp_path, content, reason):
    """The message names the file, says why and what to do; nothing is written."""
    path = tmp_path / "practical1.ipynb"
    path.write_bytes(content)

    with pytest.raises(handin.HandinError, match=f"practical1.ipynb: .*{reason}"):
        handin.pack(path)

    assert not (tmp_path / "handin").exists()


def test_wrong_name_offers_the_near_ones(tmp_path, monkeypatch):
    """Did you mean?"""
    save(make_practical(), tmp_path)
    save(make_practical(), tmp_path, "notes.ipynb")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(
        handin.HandinError,
        match=r"pratical1.ipynb: there is no such file in .*"
        r"Did you mean 'practical1.ipynb'\?",
    ):
        handin.pack("pratical1.ipynb")


def test_folder_without_notebooks_says_so(tmp_path):
    """The student is in another folder."""
    with pytest.raises(handin.HandinError, match=r"No notebook lies there. Change into"):
        handin.pack(tmp_path / "practical1.ipynb")
