"""Tests of the repository as a whole: its top level, its words, its README, its notebooks."""

import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

import cmp784
from cmp784 import course

FOLDERS = "autograder benchmarks cmp784 docs lectures practicals solutions tests"
FILES = """
CHANGELOG.md CITATION.cff CONTRIBUTING.md LICENSE LICENSE-CONTENT Makefile README.md constraints.txt
course.toml environment.yml hatch_build.py nbgrader_config.py pyproject.toml
"""
DOT = ".ci .github .gitignore .pre-commit-config.yaml"

# What speaks of one machine or of one registry instead of the project. Brackets keep the patterns
# from finding themselves.
FOREIGN = re.compile(
    r"(?<![\w.~-])/(?:w[o]rk|r[o]ot|h[o]me/[\w.-]+|U[s]ers/[\w.-]+|m[n]t)/"
    r"|p[y]pi\.|p[y]thonhosted|n[p]mjs|deb\.d[e]bian|a[n]aconda\.org",
)


@pytest.fixture(scope="module")
def tracked(root):
    """List the files that git tracks or would add, below the root."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs git: install it, and run the tests in a clone of the repository")
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.split("\0") if name and (root / name).is_file()]


@pytest.fixture(scope="module")
def notebooks(root, tracked):
    """Map the path of each notebook of the course to its content."""
    folders = ("lectures/", "solutions/", "practicals/")
    return {
        name: nbformat.read(root / name, as_version=4)
        for name in tracked
        if name.endswith(".ipynb") and name.startswith(folders)
    }


def test_top_level_is_what_the_design_lists(tracked):
    """Nobody looks for a thing at the top and finds another."""
    top = {name.partition("/")[0] for name in tracked}

    assert top == set(f"{FOLDERS} {FILES} {DOT}".split())


def test_project_speaks_of_itself_alone(root, tracked):
    """No path of somebody's machine and no registry's host stands in any file."""
    found = []
    for name in tracked:
        try:
            text = (root / name).read_text("utf-8")
        except UnicodeDecodeError:
            continue
        # Pictures in a notebook are base64, in which any three letters may stand.
        lines = [line for line in text.splitlines() if len(line) < 5_000]
        found += [f"{name}: {line.strip()[:120]}" for line in lines if FOREIGN.search(line)]
    assert found == []


@pytest.mark.parametrize(
    "line",
    ["see /w*rk/x", "cd /r*ot/.cache", "https://p*pi.org/simple", "/h*me/me/notes.txt"],
)
def test_foreign_words_are_recognised(line):
    """The look for such words can fail."""
    assert FOREIGN.search(line.replace("*", "y" if "pi.org" in line else "o"))


def test_public_names_stay(root):
    """What a notebook may import from cmp784 is this, and nothing disappears unnoticed."""
    assert cmp784.__all__ == [
        "Cmp784Error",
        "checks",
        "claim",
        "claims",
        "course",
        "data",
        "device",
        "handin",
        "headless",
        "plots",
        "track",
        "widgets",
        "worlds",
    ]


@pytest.mark.parametrize("name", cmp784.__all__)
def test_public_name_is_there(name):
    """Each public name can be imported as a notebook does it."""
    namespace = {}

    exec(f"from cmp784 import {name}", namespace)

    assert name in namespace


def test_version_stands_once(root):
    """The package says the version of pyproject.toml and of the citation."""
    line = f'version = "{cmp784.__version__}"'

    assert f"\n{line}\n" in (root / "pyproject.toml").read_text("utf-8")
    assert f"\nversion: {cmp784.__version__}\n" in (root / "CITATION.cff").read_text("utf-8")


def test_importing_the_package_loads_nothing_heavy():
    """`import cmp784` is quick: no torch, no matplotlib, no dask, nor anything of their weight."""
    code = (
        "import sys, cmp784; heavy = 'torch numpy matplotlib dask distributed sklearn skimage "
        "scipy networkx pandas papermill'; print([n for n in heavy.split() if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_package_never_imports_the_grader(root):
    """Students get cmp784 without autograder."""
    modules = (root / "cmp784").rglob("*.py")

    pattern = re.compile(r"^\s*(?:from|import) autograder\b", flags=re.MULTILINE)
    assert [path for path in modules if pattern.search(path.read_text("utf-8"))] == []


def test_readme_names_only_targets_that_exist(root):
    """Every `make x` in README and CONTRIBUTING is a target."""
    targets = re.findall(r"^([a-z-]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE)
    words = (root / "README.md").read_text("utf-8") + (root / "CONTRIBUTING.md").read_text("utf-8")

    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", words, re.MULTILINE))
    assert {"run", "test", "lab", "badges"} <= named
    assert named - set(targets) == set()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/design.md"])
def test_links_to_files_lead_somewhere(root, name):
    """Each relative link of a page, pictures too, names a file of the repository."""
    text = (root / name).read_text("utf-8")

    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (root / name).parent.joinpath(link).exists()] == []


def test_map_of_the_readme_names_every_folder(root):
    """Each folder at the top has its line."""
    text = (root / "README.md").read_text("utf-8").partition("\n## Map\n")[2]

    assert set(re.findall(r"`([a-z0-9]+)/`", text.partition("\n## ")[0])) == set(FOLDERS.split())


def test_changelog_begins_with_what_is_unreleased(root):
    """Keep a Changelog's form: title, then Unreleased, then sections by kind."""
    headings = re.findall(
        r"^(#{1,3} .+)$", (root / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE
    )

    assert headings[:2] == ["# Changelog", "## Unreleased"]
    kinds = {"### Breaking", "### Added", "### Changed", "### Fixed", "### Removed"}
    assert {line for line in headings if line.startswith("### ")} <= kinds


def test_syllabus_lists_the_lectures_that_exist(root, notebooks):
    """No listed notebook is missing, no written one is unlisted."""
    listed = [path for week in course.load(root).weeks for path in week.paths]

    assert listed == sorted(path for path in notebooks if path.startswith("lectures/"))


def test_notebook_says_the_week_and_title_of_the_syllabus(root, notebooks):
    """A notebook's own `course` metadata agrees with course.toml."""
    expected = {
        path: (week.number, notebook.title)
        for week in course.load(root).weeks
        for notebook, path in zip(week.notebooks, week.paths, strict=True)
    }
    about = {path: notebooks[path].metadata.get("course", {}) for path in expected}
    assert {path: (one.get("week"), one.get("title")) for path, one in about.items()} == expected


def test_notebooks_are_committed_clean(root, notebooks):
    """No outputs, no counts, format 4.5, cell ids that are unique, kernel python3."""
    problems = []
    for name, notebook in notebooks.items():
        nbformat.validate(notebook)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        ids = [cell.get("id") for cell in json.loads((root / name).read_text("utf-8"))["cells"]]
        checks = {
            "an output": any(cell.outputs for cell in code),
            "an execution count": any(cell.execution_count for cell in code),
            "not format 4.5": (notebook.nbformat, notebook.nbformat_minor) != (4, 5),
            "a cell without its own id": None in ids or len(set(ids)) < len(ids),
            "another kernel": notebook.metadata.get("kernelspec", {}).get("name") != "python3",
        }
        problems += [f"{name}: {problem}" for problem, there in checks.items() if there]
    assert problems == []


def test_lectures_have_one_setup_and_one_parameters_cell(notebooks):
    """The contract of a notebook: where Colab installs, and where the runner sets the scale."""
    found = {}
    for name, notebook in notebooks.items():
        if name.startswith("lectures/"):
            tags = [tag for cell in notebook.cells for tag in cell.metadata.get("tags", [])]
            found[name] = (tags.count("setup"), tags.count("parameters"))
    assert found
    assert found == dict.fromkeys(found, (1, 1))
