"""Tests that pyproject.toml, constraints.txt and environment.yml say the same."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

FILES = ["pyproject.toml", "constraints.txt", "environment.yml"]


def disagreements(folder: Path) -> list[str]:
    """Say, one sentence each, where the three files of a folder disagree."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    pins = (folder / "constraints.txt").read_text("utf-8").splitlines()
    environment = yaml.safe_load((folder / "environment.yml").read_text("utf-8"))
    return [
        *_pin_problems(project, [line for line in pins if line and not line.startswith("#")]),
        *_environment_problems(project, environment["dependencies"]),
    ]


def _pin_problems(project, lines):
    """Hold each requirement against its pin."""
    for line in lines:
        if not re.fullmatch(r"[\w.-]+==[\w.!]+", line):
            yield f"constraints.txt: '{line}' is not 'name==version' that holds on any machine"
    pins = dict(line.split("==", 1) for line in lines if "==" in line)
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    names = Counter(canonicalize_name(line.partition("==")[0]) for line in lines)
    yield from (f"constraints.txt: {name} twice" for name, count in names.items() if count > 1)
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    required = [Requirement(line) for lines in lists for line in lines]
    for name, count in Counter(canonicalize_name(one.name) for one in required).items():
        if count > 1:
            yield f"pyproject.toml: {name} twice"
    for one in required:
        pin = pins.get(canonicalize_name(one.name))
        if pin is None:
            yield f"constraints.txt: no version of {one.name}"
        elif pin not in one.specifier:
            yield f"constraints.txt: {one.name} {pin} is outside of '{one.specifier}'"


def _environment_problems(project, dependencies):
    """Hold conda's list against the project: a Python, pip, and nothing that pip reads itself."""
    pip = next((one["pip"] for one in dependencies if isinstance(one, dict)), [])
    conda = [one for one in dependencies if isinstance(one, str)]
    pythons = [one.removeprefix("python").strip() for one in conda if re.match(r"python\b", one)]
    if [SpecifierSet(one) for one in pythons] != [SpecifierSet(project["requires-python"])]:
        yield f"environment.yml: python {pythons}, pyproject.toml: {project['requires-python']}"
    for one in conda:
        if re.match(r"[\w.-]+", one)[0] not in ("python", "pip"):
            yield f"environment.yml: '{one}' belongs into pyproject.toml"
    extras = ",".join(project["optional-dependencies"])
    wanted = ["--constraint constraints.txt", f"--editable .[{extras}]"]
    if pip != wanted:
        yield f"environment.yml: pip gets {pip}, not {wanted}"


@pytest.fixture
def copy(root, tmp_path):
    """Copy the three files, to be broken."""
    for name in FILES:
        (tmp_path / name).write_text((root / name).read_text("utf-8"), "utf-8")
    return tmp_path


def test_three_lists_agree(root):
    """Every requirement has one pin inside of its range, and conda repeats no package."""
    assert disagreements(root) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            "constraints.txt",
            r"(?m)^numpy==.*$",
            "numpy==1.26.4",
            "constraints.txt: numpy 1.26.4 is outside of '>=2.0'",
        ),
        ("constraints.txt", r"(?m)^sphinx==.*\n|^Sphinx==.*\n", "", "no version of sphinx"),
        ("constraints.txt", r"(?m)^(torch==.*)$", r"\1\n\1", "constraints.txt: torch twice"),
        ("constraints.txt", r"(?m)^(torch==.*)$", r"\1+cpu", "holds on any machine"),
        ("pyproject.toml", r'"mypy>', '"torch>=2", "mypy>', "pyproject.toml: torch twice"),
        ("pyproject.toml", r'"mypy>', '"numpydoc>=1", "mypy>', "no version of numpydoc"),
        ("pyproject.toml", r">=3\.11,<3\.14", ">=3.12,<3.14", "pyproject.toml: >=3.12,<3.14"),
        ("environment.yml", r"  - pip\n", "  - pip\n  - pytorch\n", "'pytorch' belongs into"),
        ("environment.yml", r",site", "", "environment.yml: pip gets"),
        ("environment.yml", r"(      - --ed)", r"      - numpy\n\1", "environment.yml: pip gets"),
    ],
)
def test_disagreement_is_found(copy, file, old, new, sentence):
    """Each way to break the agreement gives its own sentence, and only that."""
    text, count = re.subn(old, new, (copy / file).read_text("utf-8"))
    assert count == 1
    (copy / file).write_text(text, "utf-8")

    (found,) = disagreements(copy)
    assert sentence in found


def test_torch_is_the_tested_version(root):
    """CPU and GPU machines install one and the same torch."""
    assert "\ntorch==2.13.0\n" in (root / "constraints.txt").read_text("utf-8")
