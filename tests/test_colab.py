"""Tests that the student half installs on Colab without changing a package there."""

import runpy

import pytest

from tests import colab

RUNTIME = colab.read_pins(colab.RUNTIME)


def test_runtime_list_names_its_source():
    """The copied list says where it comes from and of which month it is."""
    header = colab.RUNTIME.read_text("utf-8").splitlines()[:2]

    assert "Google Colab GPU runtime, Python 3.13, August 2026" in header[0]
    assert "googlecolab/backend-info" in header[1]
    assert (RUNTIME["numpy"], RUNTIME["torch"]) == ("2.1.3", "2.11.0+cu128")


def test_installing_on_colab_changes_nothing():
    """Colab has all that we require, in a version that we accept."""
    assert list(colab.conflicts(colab.requirements(), RUNTIME)) == []


def test_conflicting_range_is_reported():
    """A range that leaves Colab's version out is named with that version."""
    (sentence,) = colab.conflicts(["rich", "numpy>=2.2"], RUNTIME)

    assert sentence == (
        "numpy: Colab has 2.1.3, we ask for '>=2.2'. "
        "Widen the range in pyproject.toml until it holds Colab's version."
    )


def test_torch_build_of_colab_is_inside_a_plain_range():
    """Colab's torch carries a CUDA label, which a plain range accepts."""
    assert list(colab.conflicts(["torch>=2.6"], RUNTIME)) == []
    assert len(list(colab.conflicts(["torch==2.13.0"], RUNTIME))) == 1


def test_small_pure_package_that_colab_lacks_is_allowed():
    """Iniconfig is pure Python, small, and requires nothing."""
    lacking = {name: pin for name, pin in RUNTIME.items() if name != "iniconfig"}

    assert list(colab.conflicts(["iniconfig"], lacking)) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("numpy", "numpy: Colab has none, we ask for '>=1', and it is not pure Python."),
        ("networkx", "networkx: Colab has none, we ask for '>=1', and it takes "),
        ("no-such-package", "we ask for '>=1', and it is not installed here."),
    ],
)
def test_package_that_colab_lacks_must_be_pure_small_and_known(name, reason):
    """Compiled, large or unknown packages are reported, with what to do."""
    lacking = {key: pin for key, pin in RUNTIME.items() if key != name}

    sentences = list(colab.conflicts([f"{name}>=1"], lacking))

    assert sentences[0].startswith(name)
    assert reason in sentences[0]
    assert "Do without it" in sentences[0]


def test_requirements_of_a_package_that_colab_lacks_count_too():
    """Mako would do, but brings MarkupSafe, which is compiled."""
    lacking = {name: pin for name, pin in RUNTIME.items() if name not in ("mako", "markupsafe")}

    sentences = list(colab.conflicts(["mako"], lacking))

    assert [sentence.partition(":")[0] for sentence in sentences] == ["markupsafe"]


def test_requirement_for_another_system_is_passed_over():
    """Markers are read as Colab would: Python 3.13 on Linux."""
    wanted = ["numpy>=9; python_version < '3.12'", "numpy>=9; sys_platform == 'win32'"]

    assert list(colab.conflicts(wanted, RUNTIME)) == []


def test_second_environment_has_colab_s_versions():
    """`make test-colab` installs what the course names as Colab's, and our torch."""
    pins = colab.constraints()

    wanted = {
        "ipywidgets": "7.7.1",
        "ipython": "7.34.0",
        "matplotlib": "3.10.0",
        "numpy": "2.1.3",
        "scikit-learn": "1.6.1",
        "scikit-image": "0.25.2",
        "jupyter-client": "7.4.9",
        "torch": "2.13.0",
    }
    assert {name: pins[name] for name in wanted} == wanted
    ours = {colab.normalise(line.split(">")[0]) for line in colab.requirements()} - {"torch"}
    assert {name: pins[name] for name in ours} == {name: RUNTIME[name] for name in ours}


def test_constraints_are_printed_one_a_line(capsys):
    """What pip reads is exact, and each package stands there once."""
    runpy.run_path(colab.__file__, run_name="__main__")

    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"{name}=={pin}" for name, pin in sorted(colab.constraints().items())]
