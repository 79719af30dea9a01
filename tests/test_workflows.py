"""Tests of the workflows, .ci/run, the citation and pre-commit's settings."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml

WORKFLOWS = [".github/workflows/ci.yml", ".github/workflows/gpu.yml"]


def check_schema(schema, *paths):
    """Run check-jsonschema with one of its own schemas; nothing is downloaded."""
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, paths)],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("schema", "paths"),
    [("vendor.github-workflows", WORKFLOWS), ("vendor.citation-file-format", ["CITATION.cff"])],
    ids=["workflows", "citation"],
)
def test_file_follows_its_schema(root, schema, paths):
    """GitHub would accept it."""
    done = check_schema(schema, *(root / path for path in paths))

    assert done.returncode == 0, done.stdout


def test_broken_workflow_is_refused(root, tmp_path):
    """The schema check can fail."""
    text = (root / WORKFLOWS[0]).read_text("utf-8").replace("runs-on:", "runs_on:")
    (tmp_path / "ci.yml").write_text(text)

    assert check_schema("vendor.github-workflows", tmp_path / "ci.yml").returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS)
def test_every_job_has_a_time_limit(root, path):
    """A job that hangs ends by itself."""
    jobs = yaml.safe_load((root / path).read_text("utf-8"))["jobs"]

    assert [name for name, job in jobs.items() if "timeout-minutes" not in job] == []


def test_no_workflow_is_left_unchecked(root):
    """Every file there is in the list above."""
    found = sorted((root / ".github" / "workflows").iterdir())

    assert [path.relative_to(root).as_posix() for path in found] == WORKFLOWS


def commands(root, path):
    """List the commands of each job of a workflow."""
    jobs = yaml.safe_load((root / path).read_text("utf-8"))["jobs"]
    return {
        name: [step["run"] for step in job["steps"] if "run" in step] for name, job in jobs.items()
    }


def test_workflows_call_the_makefile(root):
    """CI tests, then runs, on each supported Python; the GPU's runner calls `make gpu`."""
    text = (root / WORKFLOWS[0]).read_text("utf-8")
    gpu = yaml.safe_load((root / WORKFLOWS[1]).read_text("utf-8"))

    assert commands(root, WORKFLOWS[0])["test"] == ["make test PYTHON=python", "make run"]
    assert commands(root, WORKFLOWS[0])["colab"] == ["make test-colab PYTHON=python"]
    assert 'python: ["3.11", "3.12", "3.13"]' in text
    assert commands(root, WORKFLOWS[1]) == {"gpu": ["make gpu"]}
    assert gpu["jobs"]["gpu"]["runs-on"] == ["self-hosted", "gpu"]
    # YAML 1.1 reads the key `on` as true.
    assert set(gpu[True]) == {"schedule", "workflow_dispatch"}


def test_pre_commit_reads_notebooks_and_keeps_their_ids(root):
    """Ruff sees notebooks too, and nbstripout leaves cell ids alone."""
    repositories = yaml.safe_load((root / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    hooks = {hook["id"]: hook for one in repositories for hook in one["hooks"]}

    assert list(hooks) == ["ruff-check", "ruff-format", "nbstripout"]
    assert all("jupyter" in hooks[name]["types_or"] for name in ("ruff-check", "ruff-format"))
    assert hooks["nbstripout"]["args"] == ["--keep-id"]


def test_pre_commit_uses_the_tested_versions(root):
    """A commit is checked by the ruff that `make lint` runs."""
    repositories = yaml.safe_load((root / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    pins = (root / "constraints.txt").read_text("utf-8")

    versions = [one["rev"].removeprefix("v") for one in repositories]
    assert f"\nruff=={versions[0]}\n" in pins
    assert f"\nnbstripout=={versions[1]}\n" in pins


@pytest.fixture
def ci(root, tmp_path):
    """Run .ci/run in a copy, with programs that print what they were called with."""
    project, programs = tmp_path / "project", tmp_path / "bin"
    (project / ".ci").mkdir(parents=True)
    shutil.copy(root / ".ci" / "run", project / ".ci")
    programs.mkdir()
    for name in ("bash", "sh", "dirname", "id"):
        (programs / name).symlink_to(shutil.which(name))
    for name in ("make", "chromium", "initdb", "bwrap", "git", "sudo", "apt-get"):
        (programs / name).write_text(
            f'#!/bin/sh\necho "{name} $* data=$CMP784_DATA require=$CMP784_REQUIRE"\n'
            f'[ {name} = "$FAILS" ] && exit 2\nexit 0\n'
        )
        (programs / name).chmod(0o755)

    def run(lacking=None, **variables):
        if lacking:
            (programs / lacking).unlink()
        done = subprocess.run(
            [shutil.which("bash"), str(project / ".ci" / "run")],
            env={"PATH": str(programs)} | variables,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout

    return run


def test_ci_calls_the_test_command_and_requires_everything(ci, root):
    """The README's `make test`, and nothing else, decides."""
    assert "make test" in (root / "README.md").read_text("utf-8")

    assert ci() == (0, "make test data= require=1\n")


def test_ci_uses_the_mirror_beside_the_project(ci, tmp_path):
    """../shared/data is the mirror, unless another is named."""
    (tmp_path / "shared" / "data").mkdir(parents=True)

    assert ci() == (0, f"make test data={tmp_path}/shared/data require=1\n")
    assert ci(CMP784_DATA="/elsewhere") == (0, "make test data=/elsewhere require=1\n")


def test_ci_fails_when_the_tests_fail(ci):
    """The exit status of the tests is that of .ci/run."""
    assert ci(FAILS="make")[0] == 2


def test_ci_installs_chromium_where_it_is_missing(ci):
    """The browser comes from the system's packages, before the tests."""
    status, text = ci(lacking="chromium")

    lines = text.splitlines()
    assert (status, lines[0]) == (0, "== system: installing chromium")
    assert "apt-get update -qq" in lines[1]
    assert "apt-get install -y -qq --no-install-recommends chromium" in lines[2]
    assert lines[3:] == ["make test data= require=1"]


def test_ci_stops_when_the_system_s_part_fails(ci):
    """Without Chromium the tests would only fail later, and say less."""
    status, text = ci(lacking="chromium", FAILS="apt-get" if os.getuid() == 0 else "sudo")

    assert status == 2
    assert "make test" not in text


def test_ci_script_is_executable(root):
    """`.ci/run` can be called as it stands."""
    assert os.access(root / ".ci" / "run", os.X_OK)
