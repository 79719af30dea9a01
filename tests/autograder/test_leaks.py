"""Tests of autograder.leaks: planted lines are found wherever they hide, and nothing else is."""

import base64
import gzip
import json
import pickle
import shutil
import zipfile
import zlib
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from autograder.hidden_lines import HiddenLinesError, squeeze
from autograder.leaks import Leak, find_leaks
from autograder.release import generate
from autograder.workspace import open_workspace
from tests.autograder.tiny_course import make_course, make_source

CHECK = 'assert double(number) == wanted, f"double({number}) is {wanted}"'
CODE = f"    wanted = number * 2\n    {CHECK}\n"
WORDS = "Because a number and its like are two of it."
SCHEME = "One point for an axis with a unit on it."


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """Make a course with a clean release, once."""
    folder = make_course(tmp_path_factory.mktemp("course"))
    made = generate(open_workspace(folder), "practical1", folder / "made")
    shutil.move(made, folder / "practicals" / "practical1")
    for name in ("cmp784", "lectures"):
        (folder / name).mkdir()
    return folder


@pytest.fixture
def course(released, tmp_path):
    """Copy the course, for leaks to be planted."""
    return Path(shutil.copytree(released, tmp_path / "course"))


def change(course, function):
    """Change the released notebook as JSON; nbformat would not let everything through."""
    path = course / "practicals" / "practical1" / "practical1.ipynb"
    content = json.loads(path.read_text("utf-8"))
    cells = {cell["id"]: cell for cell in content["cells"]}
    function(content, cells)
    path.write_text(json.dumps(content), "utf-8")


def places(leaks):
    """List where the leaks are and what they are of."""
    return [(leak.file, leak.place, leak.what) for leak in leaks]


def test_clean_release_has_no_leak(course):
    """What nbgrader makes of the source holds nothing of it that is hidden."""
    assert find_leaks(course, "practical1") == []


def test_leak_says_file_place_line_and_what_it_is_of(course):
    """The sentence is enough to find the line."""
    (course / "cmp784" / "x.py").write_text(f"# one\n\n{CHECK}\n", "utf-8")

    (leak,) = find_leaks(course, "practical1")

    assert leak == Leak("cmp784/x.py", "line 3", "hidden test of cell 'double'", CHECK)
    assert str(leak) == f"cmp784/x.py, line 3: '{CHECK}' is of the hidden test of cell 'double'."


NOTEBOOK = "practicals/practical1/practical1.ipynb"
PLANTED = {
    "source": (
        lambda content, cells: cells["given"].update(source=["limit = 1\n", CHECK]),
        "cell 'given', source, line 2",
    ),
    "metadata of a cell": (
        lambda content, cells: cells["given"]["metadata"].update(hint={"code": CODE}),
        "cell 'given', metadata, hint, code, line 2",
    ),
    "metadata of the notebook": (
        lambda content, cells: content["metadata"].update(author=[CHECK, "x"]),
        "metadata, author, line 1",
    ),
    "key of metadata": (
        lambda content, cells: content["metadata"].update({CHECK: 1}),
        "metadata, keys, line 4",
    ),
    "output on the terminal": (
        lambda content, cells: cells["given"].update(
            outputs=[{"output_type": "stream", "name": "stdout", "text": CODE.splitlines(True)}]
        ),
        "cell 'given', outputs, 0, text, line 2",
    ),
    "traceback": (
        lambda content, cells: cells["given"].update(
            outputs=[
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": [f"--> {CHECK}"]}
            ]
        ),
        "cell 'given', outputs, 0, traceback",
    ),
    "HTML of an output": (
        lambda content, cells: cells["given"].update(
            outputs=[
                {
                    "output_type": "display_data",
                    "data": {
                        "text/html": "<b>assert</b> double(number) <i>==</i> wanted, "
                        "f&quot;double({number}) is {wanted}&quot;"
                    },
                    "metadata": {},
                }
            ]
        ),
        "cell 'given', outputs, 0, data, text/html, as HTML",
    ),
    "picture of an output": (
        lambda content, cells: cells["given"].update(
            outputs=[
                {
                    "output_type": "display_data",
                    "data": {
                        "image/png": base64.b64encode(b"\x89PNG\xff" + CODE.encode()).decode()
                    },
                    "metadata": {},
                }
            ]
        ),
        "cell 'given', outputs, 0, data, image/png, base64, bytes, line 2",
    ),
    "attachment": (
        lambda content, cells: cells["title"].update(
            attachments={"a.txt": {"text/plain": base64.b64encode(CODE.encode()).decode()}}
        ),
        "cell 'title', attachments, a.txt, text/plain, base64, line 2",
    ),
    "attachment in UTF-16": (
        lambda content, cells: cells["title"].update(
            attachments={"a": {"x": base64.encodebytes(CODE.encode("utf-16-le")).decode()}}
        ),
        "cell 'title', attachments, a, x, base64, bytes, line 2",
    ),
}


@pytest.mark.parametrize(("plant", "place"), PLANTED.values(), ids=PLANTED)
def test_line_in_the_released_notebook_is_found(course, plant, place):
    """Each corner of a notebook is searched."""
    change(course, plant)

    assert places(find_leaks(course, "practical1")) == [
        (NOTEBOOK, place, "hidden test of cell 'double'")
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# twice is once and once again", "answer of cell 'double-answer'"),
        (f"We accept: {WORDS}", "answer of cell 'words'"),
        (f"* {SCHEME}", "marking scheme of cell 'drawing'"),
        ("x = 1  # for number in (-3, 0, 10**9):", "hidden test of cell 'double'"),
        ("for number in (-3,0,10**9) :  # all", "hidden test of cell 'double'"),
        ("#     for number in ( -3, 0, 10 ** 9 ):", "hidden test of cell 'double'"),
        (">>> for number in (-3, 0, 10**9):", "hidden test of cell 'double'"),
    ],
    ids=[
        "comment",
        "answer in words",
        "marking scheme",
        "in a comment",
        "other spaces",
        "commented",
        "prompt",
    ],
)
def test_hidden_line_in_another_dress_is_found(course, text, what):
    """Spaces, comments and prompts do not hide a line; each kind of region counts."""
    (course / "lectures" / "week01.md").write_text(f"# Week 1\n{text}\n", "utf-8")

    assert places(find_leaks(course, "practical1")) == [("lectures/week01.md", "line 2", what)]


def test_trivial_line_left_in_its_own_cell_is_found(course):
    """`return total` tells nothing elsewhere; in the answer's cell it is a leak."""
    change(
        course, lambda content, cells: cells["double-answer"]["source"].append("\n    return total")
    )

    (leak,) = find_leaks(course, "practical1")

    assert str(leak) == (
        f"{NOTEBOOK}, cell 'double-answer', source: 'return total' is of the answer of cell "
        "'double-answer'."
    )


def test_trivial_lines_elsewhere_are_no_leak(course):
    """What anybody would write may stand anywhere."""
    (course / "cmp784" / "x.py").write_text(
        "def f(x):\n    total = x + x\n    return total\n", "utf-8"
    )

    assert find_leaks(course, "practical1") == []


def test_trivial_lines_in_a_row_are_found(tmp_path):
    """Three of them together are an answer."""
    lines = ["low = min(values)", "high = max(values)", "span = high - low", "return span"]
    answer = "\n".join(["def f(values):", "    ### BEGIN SOLUTION", *lines, "    ### END SOLUTION"])
    course = make_course(tmp_path, make_source(answer=answer))
    (course / "lectures").mkdir()
    (course / "lectures" / "a.py").write_text("\n".join(["#", *lines[1:]]), "utf-8")
    (course / "lectures" / "b.py").write_text("\n".join([lines[1], "", "pass", lines[2]]), "utf-8")

    assert places(find_leaks(course, "practical1")) == [
        ("lectures/a.py", "line 2", "answer of cell 'double-answer'")
    ]


def test_line_that_is_also_given_is_no_leak(tmp_path):
    """What the visible check says, the hidden one may say too."""
    given = 'assert double(20) == 40, "twice twenty is forty"'
    tests = f"{given}\n### BEGIN HIDDEN TESTS\n{given}\n### END HIDDEN TESTS"
    course = make_course(tmp_path, make_source(tests=tests))
    (course / "cmp784").mkdir()
    (course / "cmp784" / "x.py").write_text(given, "utf-8")

    assert find_leaks(course, "practical1") == []


FILES = {
    "text beside the notebook": ("practicals/practical1/data/notes.txt", CODE.encode(), "line 2"),
    "string of another program": (
        "cmp784/hints.py",
        f"HINT = {CODE!r}\n".encode(),
        "escaped, line 2",
    ),
    "pickle": ("practicals/practical1/data.pkl", pickle.dumps({"test": CODE}), "bytes, line 2"),
    "compressed pickle": (
        "practicals/practical1/data.pkl.gz",
        gzip.compress(pickle.dumps([CODE])),
        "unpacked, bytes, line 2",
    ),
    "compressed part of a picture": (
        "lectures/a.png",
        b"\x89PNG\r\n\x1a\n\xffzTXt" + zlib.compress(CODE.encode()),
        "a compressed part, line 2",
    ),
    "UTF-16": ("practicals/practical1/notes.txt", CODE.encode("utf-16"), "line 2"),
    "UTF-16 without a mark": ("cmp784/x.bin", CODE.encode("utf-16-be"), "bytes, line 2"),
    "hex": ("cmp784/x.py", f"x = '{CODE.encode().hex()}'\n".encode(), "hex, line 2"),
    "JSON in JSON": (
        "practicals/practical1/a.json",
        json.dumps({"a": json.dumps([{"b": CODE}])}).encode(),
        "a, 0, b, line 2",
    ),
}


@pytest.mark.parametrize(("name", "data", "place"), FILES.values(), ids=FILES)
def test_line_in_another_file_is_found(course, name, data, place):
    """Other files are searched, packed and encoded ones too."""
    path = course / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)

    assert places(find_leaks(course, "practical1")) == [
        (name, place, "hidden test of cell 'double'")
    ]


def test_name_of_a_file_is_searched(course):
    """A line may be a name."""
    (course / "lectures" / "for number in (-3, 0, 10**9):.txt").write_text("x", "utf-8")

    (leak,) = find_leaks(course, "practical1")

    assert (leak.place, leak.line) == ("the name", "for number in (-3, 0, 10**9):")


def test_bundle_is_searched_with_zip_files_in_it(course, tmp_path):
    """Entries, entries of entries, their names, and the comment."""
    bundle, inner = tmp_path / "students.zip", tmp_path / "inner.zip"
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", CODE)
        archive.writestr("for number in (-3, 0, 10**9):", "x")
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "cmp784/inner.zip")
        archive.comment = SCHEME.encode()

    leaks = find_leaks(course, "practical1", bundle)

    assert places(leaks) == [
        ("students.zip", "'comment'", "marking scheme of cell 'drawing'"),
        (
            "students.zip",
            "'cmp784/inner.zip', 'notes.txt', line 2",
            "hidden test of cell 'double'",
        ),
        (
            "students.zip",
            "'cmp784/inner.zip', 'for number in (-3, 0, 10**9):', the name",
            "hidden test of cell 'double'",
        ),
    ]


def test_picture_of_an_answer_in_words_does_not_go_out(tmp_path):
    """The stock step clears an answer's text and leaves its attachments; the release does not."""
    source = make_source()
    words = source.cells[-2]
    words.source = "See ![it](attachment:it.png), as everybody does."
    words.attachments = {"it.png": {"image/png": "aXQ="}}
    kept = v4.new_markdown_cell("![kept](attachment:my%20map.png)", id="map")
    kept.attachments = {"my map.png": {"image/png": "aXQ="}, "old.png": {"image/png": "aXQ="}}
    source.cells.append(kept)
    course = make_course(tmp_path, source)

    made = generate(open_workspace(course), "practical1", tmp_path / "made")

    cells = {cell.id: cell for cell in nbformat.read(made / "practical1.ipynb", 4).cells}
    assert "attachments" not in cells["words"]
    assert list(cells["map"].attachments) == ["my map.png"]


def test_region_without_an_end_is_named(tmp_path):
    """A mark that is missing would hide nothing; it is named before anything is searched."""
    tests = "assert True\n### BEGIN HIDDEN TESTS\nassert double(3) == 6"
    course = make_course(tmp_path, make_source(tests=tests))

    with pytest.raises(HiddenLinesError, match=r"cell 'double': 'BEGIN HIDDEN TESTS' without 'END"):
        find_leaks(course, "practical1")


def test_source_that_is_no_notebook_is_named(tmp_path):
    """A damaged source is no clean one."""
    course = make_course(tmp_path)
    (course / "solutions" / "practical1" / "practical1.ipynb").write_text("{", "utf-8")

    with pytest.raises(HiddenLinesError, match=r"practical1\.ipynb: not a notebook"):
        find_leaks(course, "practical1")


@pytest.mark.parametrize(
    ("line", "squeezed"),
    [
        ("    w += (y - yhat) * x  # learn", "w+=(y-yhat)*x"),
        ('print("a # b")', 'print("a#b")'),
        ("## A heading", "Aheading"),
        ("", ""),
    ],
)
def test_line_is_squeezed_to_what_matters(line, squeezed):
    """Spaces and comments go, strings stay."""
    assert squeeze(line) == squeezed
