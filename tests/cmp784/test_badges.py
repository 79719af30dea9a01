"""Tests of cmp784.badges."""

import shutil

import nbformat
import pytest
from nbformat import v4

from cmp784 import badges, course
from cmp784.badges import BadgeError

OLD = "https://github.com/cmp784/cmp784"
NEW = "https://github.com/someone-else/deep.learning"
DERIVED = ["README.md", "CITATION.cff", "pyproject.toml"]


def make_notebook(setup="import numpy as np\n\nprint(np.pi)\n"):
    """Build a notebook as an author writes it: no badge, no install block, with an output."""
    cell = v4.new_code_cell(setup, metadata={"tags": ["setup"]}, execution_count=3)
    cell.outputs = [v4.new_output("stream", text="3.14")]
    return v4.new_notebook(cells=[v4.new_markdown_cell("# Gates\n\nOne question."), cell])


@pytest.fixture
def copy(root, tmp_path):
    """Copy what is derived from the syllabus, and add one notebook of an author."""
    for name in ["course.toml", *DERIVED]:
        shutil.copy(root / name, tmp_path)
    for folder in ("lectures", "solutions", "practicals"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns(".*"))
    (tmp_path / "lectures" / "week02_x").mkdir()
    nbformat.write(make_notebook(), tmp_path / "lectures" / "week02_x" / "01_y.ipynb")
    return tmp_path


@pytest.fixture
def notebook(copy):
    """Give the path of the author's notebook."""
    return copy / "lectures" / "week02_x" / "01_y.ipynb"


def test_repository_agrees_with_its_syllabus(root):
    """Badges, setup cells, tables and citation are what `make badges` writes today."""
    assert badges.check(root) == []


def test_author_s_notebook_gets_badge_and_install_block(copy, notebook):
    """The badge comes below the title, the install block above the author's own lines."""
    before = nbformat.read(notebook, 4)

    changed = badges.write(copy)

    after = nbformat.read(notebook, 4)
    link = (
        "https://colab.research.google.com/github/cmp784/cmp784/blob/main/"
        "lectures/week02_x/01_y.ipynb"
    )
    image = "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
    assert changed == ["lectures/week02_x/01_y.ipynb"]
    assert after.cells[0].source == f"# Gates\n\n{image}({link})\n\nOne question."
    assert after.cells[1].source == (
        "try:\n"
        "    import cmp784\n"
        "except ImportError:  # on Colab: install the course's helpers, nothing else\n"
        '    %pip install --quiet "cmp784 @ git+https://github.com/cmp784/cmp784"\n'
        "\n"
        "import numpy as np\n\nprint(np.pi)\n"
    )
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    assert (after.cells[1].outputs, after.cells[1].execution_count) == ([], None)


def test_writing_twice_changes_nothing(copy):
    """A second run leaves every byte as it is."""
    badges.write(copy)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    assert badges.write(copy) == []
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before
    assert badges.check(copy) == []


def test_new_address_changes_every_place(copy):
    """One key moves the course: no file but the syllabus itself held the address by hand."""
    badges.write(copy)
    syllabus = (copy / "course.toml").read_text("utf-8")
    (copy / "course.toml").write_text(syllabus.replace(OLD, NEW), "utf-8")

    badges.write(copy)

    lectures = sorted((copy / "lectures").rglob("*.ipynb"))
    files = [*lectures, *copy.glob("[sp]*/**/*.ipynb"), *(copy / name for name in DERIVED)]
    assert lectures
    assert [path for path in files if "cmp784/cmp784" in path.read_text("utf-8")] == []
    for path in [*lectures, *(copy / name for name in DERIVED)]:
        assert "someone-else/deep.learning" in path.read_text("utf-8"), path
    assert badges.check(copy) == []


def test_new_branch_changes_the_links(copy, notebook):
    """Colab opens the branch that the syllabus names."""
    syllabus = (copy / "course.toml").read_text("utf-8")
    (copy / "course.toml").write_text(syllabus.replace('"main"', '"autumn"'), "utf-8")

    badges.write(copy)

    assert "/cmp784/blob/autumn/lectures/week02_x/01_y.ipynb" in notebook.read_text("utf-8")
    assert "/blob/main/" not in (copy / "README.md").read_text("utf-8")


def test_renamed_notebook_gets_its_own_link(copy, notebook):
    """A badge that points to another notebook is reported and mended."""
    badges.write(copy)
    moved = notebook.rename(notebook.with_name("01_z.ipynb"))

    (sentence,) = badges.check(copy)
    badges.write(copy)

    assert sentence.startswith("lectures/week02_x/01_z.ipynb, line ")
    assert "01_y.ipynb" in sentence
    assert "Run 'make badges'." in sentence
    assert "01_y.ipynb" not in moved.read_text("utf-8")


def test_check_changes_nothing(copy, notebook):
    """Looking does not mend."""
    before = notebook.read_bytes()

    assert len(badges.check(copy)) == 1
    assert notebook.read_bytes() == before


def test_install_block_of_a_worked_answer_follows_the_address(copy):
    """A notebook under solutions/ keeps its own shape; an old install block in it is renewed."""
    block = badges.install_block(course.load(copy))
    path = copy / "solutions" / "01_y.ipynb"
    nbformat.write(make_notebook(f"{block.replace(OLD, NEW)}\n\nx = 1"), path)

    badges.write(copy)

    cells = nbformat.read(path, 4).cells
    assert cells[0].source == "# Gates\n\nOne question."
    assert cells[1].source == f"{block}\n\nx = 1"


def make_practical(copy, *folders):
    """Write the notebook of a practical that the syllabus knows, into each folder."""
    for folder in folders:
        path = copy / folder / "practical1" / "practical1.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(make_notebook("import cmp784"), path)


@pytest.fixture
def unreleased(copy):
    """Take the practicals out of the copy."""
    for folder in ("solutions", "practicals"):
        shutil.rmtree(copy / folder / "practical1", ignore_errors=True)
    return copy


def test_source_of_a_practical_opens_its_release(unreleased):
    """Students never see solutions/: the badge of both notebooks leads to practicals/."""
    make_practical(unreleased, "solutions", "practicals")

    badges.write(unreleased)

    link = "/cmp784/blob/main/practicals/practical1/practical1.ipynb)"
    for folder in ("solutions", "practicals"):
        path = unreleased / folder / "practical1" / "practical1.ipynb"
        title, setup = nbformat.read(path, 4).cells
        assert link in title.source
        assert setup.source.startswith("try:\n    import cmp784\n")
    assert badges.check(unreleased) == []


def test_practical_is_linked_in_the_readme_once_it_is_released(unreleased):
    """One row a practical: title, points, dates, the time zone; a link when there is something."""
    make_practical(unreleased, "solutions")
    badges.write(unreleased)
    row = "| Practical 1 | 8 | 2024-10-10 | 2024-10-24, end of the day (Europe/Istanbul) |"
    link = badges.colab_link(course.load(unreleased), "practicals/practical1/practical1.ipynb")
    before = (unreleased / "README.md").read_text("utf-8")

    make_practical(unreleased, "practicals")
    badges.write(unreleased)

    assert f"\n{row}\n" in before
    after = (unreleased / "README.md").read_text("utf-8")
    assert f"\n{row.replace('Practical 1', f'[Practical 1]({link})')}\n" in after


def test_due_time_of_a_practical_stands_in_the_readme(unreleased):
    """A time is shown as a clock shows it."""
    syllabus = (unreleased / "course.toml").read_text("utf-8")
    timed = syllabus.replace("due = 2024-10-24\n", "due = 2024-10-24\ndue_time = 17:00:00\n")
    (unreleased / "course.toml").write_text(timed, "utf-8")

    badges.write(unreleased)

    assert "| 2024-10-24, 17:00 (Europe/Istanbul) |" in (unreleased / "README.md").read_text()


def test_practical_without_a_setup_cell_is_named(unreleased):
    """Its students could not import the course on Colab."""
    make_practical(unreleased, "solutions")
    path = unreleased / "solutions" / "practical1" / "practical1.ipynb"
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("# Doubling")]), path)

    with pytest.raises(
        BadgeError, match=r"solutions/practical1/.*: no code cell is tagged 'setup'"
    ):
        badges.write(unreleased)


def test_setup_cell_that_holds_only_the_block_stays_so(copy, notebook):
    """No blank line grows at the end of a cell."""
    block = badges.install_block(course.load(copy))
    nbformat.write(make_notebook(block), notebook)

    badges.write(copy)

    assert nbformat.read(notebook, 4).cells[1].source == block


def test_lecture_without_setup_cell_is_named(copy, notebook):
    """The message says which tag is missing, and no file is written."""
    text = (copy / "README.md").read_text("utf-8")
    (copy / "README.md").write_text(text.replace("git clone", "git  clone"), "utf-8")
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("# Gates")]), notebook)
    before = (copy / "README.md").read_bytes()

    with pytest.raises(BadgeError, match=r"01_y\.ipynb: no code cell is tagged 'setup'"):
        badges.write(copy)
    assert (copy / "README.md").read_bytes() == before


def test_lecture_without_title_cell_is_named(copy, notebook):
    """A lecture begins with a Markdown cell."""
    nbformat.write(v4.new_notebook(cells=[]), notebook)

    with pytest.raises(BadgeError, match=r"01_y\.ipynb: no Markdown cell"):
        badges.write(copy)


def test_damaged_notebook_is_named(copy, notebook):
    """A file that is no notebook is named, without a traceback of the parser."""
    notebook.write_text("{", "utf-8")

    with pytest.raises(BadgeError, match=r"01_y\.ipynb: not a notebook"):
        badges.write(copy)


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        (
            "README.md",
            "<!-- end of weeks -->",
            r"found blocks 'badge, clone, practicals, assessments'",
        ),
        ("CITATION.cff", "repository-code: ", r"found 0 lines 'repository-code"),
        ("pyproject.toml", "[project.urls]", r"found 0 lines 'Repository"),
    ],
)
def test_file_without_a_place_to_write_to_is_named(copy, name, line, message):
    """Who removed a marker is told which."""
    text = (copy / name).read_text("utf-8")
    assert line in text
    (copy / name).write_text(text.replace(line, "x"), "utf-8")

    with pytest.raises(BadgeError, match=rf"{name}: {message}"):
        badges.write(copy)


def test_missing_file_is_named(copy):
    """A derived file that is gone is an error of the course, not of the system."""
    (copy / "CITATION.cff").unlink()

    with pytest.raises(BadgeError, match=r"CITATION\.cff: not found"):
        badges.check(copy)
