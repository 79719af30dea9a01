"""Folders of hand-ins: what is read, what is refused, and which file is which notebook."""

import json
import os
import socket
from pathlib import Path

import pytest

from autograder.intake import folder as reading
from autograder.intake import read_folder
from tests.autograder.intake.builders import (
    answer,
    check,
    code,
    given,
    hand_in,
    make_source,
    strip,
)

SOURCE = make_source()
OTHER = make_source(
    given("# The second sheet: triples", kind="markdown"),
    answer(
        "triple", "def triple(x):\n    raise NotImplementedError()", "def triple(x): return 3 * x"
    ),
    check("triple-test", "assert triple(1) == 3"),
    name="ps1-more",
)
DONE = json.dumps(hand_in(SOURCE)).encode()
EMPTY = json.dumps(hand_in(SOURCE, double=None, half=None, limit=None, words=None)).encode()
MORE = json.dumps(hand_in(OTHER, triple="def triple(x):\n    return x + x + x")).encode()


def write(folder, **files):
    """Write files; two underscores stand for a folder, one for a dot."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_notebook_and_other_files_are_read(tmp_path):
    """Files in folders too; what nbgrader and systems leave there is not the student's."""
    write(tmp_path, ps1_ipynb=DONE, data__x_csv=b"1,2", timestamp_txt=b"now")
    write(tmp_path, _DS_Store=b"x", __MACOSX____ps1_ipynb=b"x", __pycache____a_pyc=b"x")
    (tmp_path / ".ipynb_checkpoints").mkdir()
    (tmp_path / ".ipynb_checkpoints" / "ps1-checkpoint.ipynb").write_bytes(EMPTY)

    found = read_folder(tmp_path, [SOURCE])

    assert dict(found.notebooks) == {"ps1": DONE}
    assert "data/x.csv" in found.files
    assert "timestamp.txt" not in found.files
    assert (found.problems, found.notes) == ({}, ())


@pytest.mark.parametrize(
    "name",
    [
        "ps1 (1).ipynb",
        "Copy of ps1.ipynb",
        "PS1.ipynb",
        "solution.ipynb",
        "ps1.ipynb.txt",
        "ps1.ipynb.json",
        "ps1",
        "folder/ps1.ipynb",
        "folder/übung.ipynb",
    ],
)
def test_notebook_has_another_name(tmp_path, name):
    """It is found by what is in it."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(DONE)

    found = read_folder(tmp_path, [SOURCE])

    assert (dict(found.notebooks), found.problems) == ({"ps1": DONE}, {})


def test_notebook_without_metadata_has_another_name(tmp_path):
    """Its texts tell."""
    notebook = hand_in(SOURCE)
    strip(notebook)
    content = json.dumps(notebook).encode()
    (tmp_path / "work.ipynb").write_bytes(content)

    assert read_folder(tmp_path, [SOURCE]).notebooks == {"ps1": content}


def test_right_name_wins(tmp_path):
    """Others with answers are told, and left out."""
    write(tmp_path, ps1_ipynb=DONE, a_ipynb=DONE.replace(b"2 * x", b"x * 3"))

    found = read_folder(tmp_path, [SOURCE])

    assert found.notebooks == {"ps1": DONE}
    assert found.notes == ("not a notebook of this assignment, and left out: 'a.ipynb'",)
    assert "a.ipynb" not in found.files


@pytest.mark.parametrize("content", [b"", EMPTY, DONE[:500]], ids=["empty", "untouched", "cut off"])
def test_file_of_the_right_name_is_no_use_and_another_is(tmp_path, content):
    """The one with answers is taken, and it is told."""
    write(tmp_path, ps1_ipynb=content)
    (tmp_path / "ps1 (1).ipynb").write_bytes(DONE)

    found = read_folder(tmp_path, [SOURCE])

    assert found.notebooks == {"ps1": DONE}
    assert found.notes[0] == (
        "'ps1 (1).ipynb' was taken as ps1.ipynb, instead of 'ps1.ipynb', by what is in it"
    )


def test_damaged_file_of_the_right_name_is_handed_on(tmp_path):
    """`rebuild` says what is wrong with it."""
    write(tmp_path, ps1_ipynb=b"")

    assert read_folder(tmp_path, [SOURCE]).notebooks == {"ps1": b""}


def test_two_notebooks_of_other_names_are_ambiguous(tmp_path):
    """A person has to say which one counts."""
    write(tmp_path, a_ipynb=DONE, b_ipynb=DONE.replace(b"2 * x", b"x * 3"))

    found = read_folder(tmp_path, [SOURCE])

    assert found.notebooks == {}
    assert found.problems == {
        "ps1": "several files can be ps1.ipynb: 'a.ipynb', 'b.ipynb'. "
        "Ask which one counts, and keep that one."
    }


def test_two_copies_of_one_file_are_one(tmp_path):
    """Browsers do so."""
    write(tmp_path, a_ipynb=DONE, b_ipynb=DONE)

    assert read_folder(tmp_path, [SOURCE]).notebooks == {"ps1": DONE}


def test_notebook_is_missing(tmp_path):
    """What is there instead is named."""
    write(tmp_path, notes_ipynb=json.dumps({"cells": [code("x = 1")]}).encode(), x_txt=b"x")

    found = read_folder(tmp_path, [SOURCE])

    assert found.problems == {
        "ps1": "there is no ps1.ipynb in the hand-in, but 'notes.ipynb'. Ask for it."
    }


def test_several_notebooks_of_an_assignment(tmp_path):
    """Each by its name; a missing one is told for itself."""
    write(tmp_path, ps1_ipynb=DONE)
    found = read_folder(tmp_path, [SOURCE, OTHER])

    assert (found.notebooks, list(found.problems)) == ({"ps1": DONE}, ["ps1-more"])

    (tmp_path / "sheet.ipynb").write_bytes(MORE)

    assert read_folder(tmp_path, [SOURCE, OTHER]).notebooks == {"ps1": DONE, "ps1-more": MORE}


def test_names_of_two_notebooks_are_swapped(tmp_path):
    """Each is known by what is in it."""
    write(tmp_path, ps1_ipynb=MORE)
    (tmp_path / "ps1-more.ipynb").write_bytes(DONE)

    found = read_folder(tmp_path, [SOURCE, OTHER])

    assert (found.notebooks, found.problems) == ({"ps1": DONE, "ps1-more": MORE}, {})


def test_empty_notebook_of_another_name_is_not_taken(tmp_path):
    """One of the two was not begun; the other is not there."""
    empty = json.dumps(hand_in(OTHER, triple=None)).encode()
    (tmp_path / "ps1-more.ipynb").write_bytes(empty)

    found = read_folder(tmp_path, [SOURCE, OTHER])

    assert (found.notebooks, list(found.problems)) == ({"ps1-more": empty}, ["ps1"])


def test_untouched_notebooks_that_share_ids_keep_their_names(tmp_path):
    """The other's stub stands where an answer would, and is none."""
    twice, more = (
        make_source(
            given(f"# {title}", kind="markdown"),
            answer("q1", f"def {name}(x):\n    raise NotImplementedError()", ""),
            check("q1-test", f"assert {name}(1) == {result}"),
            name=title,
        )
        for title, name, result in (("ps1", "double", 2), ("ps1-more", "triple", 3))
    )
    files = {source.name: json.dumps(hand_in(source)).encode() for source in (twice, more)}
    for name, content in files.items():
        (tmp_path / f"{name}.ipynb").write_bytes(content)

    found = read_folder(tmp_path, [twice, more])

    assert (found.notebooks, found.notes, found.problems) == (files, (), {})


def test_symbolic_link_is_refused(tmp_path):
    """Neither a linked notebook nor a linked file or folder is followed."""
    outside = write(tmp_path / "outside", secret_txt=b"secret", ps1_ipynb=DONE)
    folder = tmp_path / "handin"
    folder.mkdir()
    (folder / "ps1.ipynb").symlink_to(outside / "ps1.ipynb")
    (folder / "data").symlink_to(outside)
    (folder / "passwd").symlink_to("/etc/passwd")

    found = read_folder(folder, [SOURCE])

    assert (found.notebooks, found.files) == ({}, {})
    assert found.problems == {
        "ps1": "ps1.ipynb was refused: it is a symbolic link, which is never followed. "
        "Ask for the file itself."
    }
    assert len(found.notes) == 3


def test_folder_that_is_a_link_is_refused(tmp_path):
    """The whole hand-in is somewhere else."""
    write(tmp_path / "there", ps1_ipynb=DONE)
    (tmp_path / "link").symlink_to(tmp_path / "there")

    assert "cannot be read" in read_folder(tmp_path / "link", [SOURCE]).problems["ps1"]


def test_folder_that_is_not_there_is_a_problem(tmp_path):
    """Not an error."""
    assert "cannot be read" in read_folder(tmp_path / "none", [SOURCE]).problems["ps1"]


def test_pipes_and_sockets_are_refused_without_waiting(tmp_path, monkeypatch):
    """Opening a pipe would wait for ever."""
    os.mkfifo(tmp_path / "ps1.ipynb")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("door")
        found = read_folder(tmp_path, [SOURCE])

    assert found.problems["ps1"].startswith("ps1.ipynb was refused: it is a device, a pipe")
    assert found.files == {}


def test_enormous_file_is_refused_unopened(tmp_path):
    """A sparse file has any size that it likes."""
    with (tmp_path / "ps1.ipynb").open("wb") as file:
        file.truncate(2**40)

    found = read_folder(tmp_path, [SOURCE])

    assert found.problems == {
        "ps1": "ps1.ipynb was refused: it has 1048576 MiB, more than 64. Ask for the file itself."
    }


def test_too_much_altogether_is_refused(tmp_path, monkeypatch):
    """The notebook comes first, so it is there all the same."""
    monkeypatch.setattr(reading, "MAX_TOTAL", len(DONE) + 10)
    write(tmp_path, a_bin=b"x" * 11, b_bin=b"y" * 5, ps1_ipynb=DONE)

    found = read_folder(tmp_path, [SOURCE])

    assert (found.notebooks, found.files) == ({"ps1": DONE}, {"b.bin": b"y" * 5})
    assert "'a.bin' was refused: all files together" in found.notes[0]


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    """The notebook is there all the same."""
    monkeypatch.setattr(reading, "MAX_FILES", 5)
    for number in range(20):
        (tmp_path / f"a{number}.txt").write_bytes(b"x")
    write(tmp_path, ps1_ipynb=DONE)

    found = read_folder(tmp_path, [SOURCE])

    assert found.notebooks == {"ps1": DONE}
    assert len(found.files) == 4
    assert len(found.notes) == 1


def test_folders_within_folders_have_an_end(tmp_path):
    """Nobody needs a dozen of them."""
    deep = Path(tmp_path, *["d"] * 40)
    deep.mkdir(parents=True)
    (deep / "x.txt").write_bytes(b"x")
    write(tmp_path, ps1_ipynb=DONE)

    found = read_folder(tmp_path, [SOURCE])

    assert (found.files, found.problems) == ({}, {})
    assert "it lies in more than 12 folders" in found.notes[0]


def test_names_of_any_bytes_are_told_and_left_out(tmp_path):
    """A name that is no Unicode cannot be written anywhere else."""
    write(tmp_path, ps1_ipynb=DONE)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m.txt")).write_bytes(b"x")

    found = read_folder(tmp_path, [SOURCE])

    assert found.files == {}
    assert found.notes == (r"'\udcff\x1b[31m.txt' was refused: its name is no Unicode",)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_file_that_cannot_be_read_is_told(tmp_path):
    """Its owner has locked it."""
    write(tmp_path, ps1_ipynb=DONE)
    (tmp_path / "ps1.ipynb").chmod(0)

    assert "Permission denied" in read_folder(tmp_path, [SOURCE]).problems["ps1"]
