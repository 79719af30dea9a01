"""What Google Colab has installed, and whether this course fits into it without a change there.

``python tests/colab.py`` prints the constraints by which ``make test-colab`` builds an environment
with Colab's versions.
"""

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "tests" / "data" / "colab-runtime-2026-08.txt"
CONSTRAINTS = ROOT / "constraints.txt"

#: A package that Colab lacks may be at most this large, installed.
SMALL = 1_000_000

#: What goes with our own requirements in Colab's environment: the rest of its Jupyter, and dask.
COMPANIONS = [
    *["comm", "dask", "distributed", "jupyter-client", "jupyter-core", "jupyterlab-widgets"],
    *["matplotlib-inline", "nbclient", "nbconvert", "pillow", "psutil", "pyzmq", "tornado"],
    *["traitlets", "widgetsnbextension"],
]


def normalise(name: str) -> str:
    """Write a package's name in the one way in which names can be compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_pins(path: Path) -> dict[str, str]:
    """Read ``name==version`` lines into a dictionary, without comments."""
    lines = [line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    pins = (line.partition("==") for line in lines if line)
    return {normalise(name): version.strip() for name, _, version in pins}


def requirements() -> list[str]:
    """List what a notebook's reader installs: the project's dependencies, without extras."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]


def constraints() -> dict[str, str]:
    """Give Colab's version of what we require and its companions, ours of what Colab lacks.

    torch keeps our version: Colab's is bound to its CUDA. What else those packages require floats,
    because some of Colab's versions want a newer Python than the oldest that we support.
    """
    theirs, ours = read_pins(RUNTIME), read_pins(CONSTRAINTS)
    direct = {normalise(re.split(r"[^\w.-]", line)[0]) for line in requirements()}
    chosen = {name: theirs[name] for name in direct | set(COMPANIONS) if name in theirs}
    return chosen | {
        name: pin for name, pin in ours.items() if name not in theirs or name == "torch"
    }


def conflicts(
    wanted: list[str], installed: dict[str, str], seen: set[str] | None = None
) -> Iterator[str]:
    """Say, one sentence each, what an installation of ``wanted`` would change on Colab.

    A package that Colab lacks is looked up among the packages installed here: it must be pure
    Python and small, and so, in turn, must be all that it requires.
    """
    from packaging.requirements import Requirement

    seen = set() if seen is None else seen

    colab = {"python_version": "3.13", "python_full_version": "3.13.0", "os_name": "posix"}
    colab |= {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"}
    for requirement in map(Requirement, wanted):
        extras = requirement.extras or {""}
        name = normalise(requirement.name)
        marker = requirement.marker
        if marker and not any(marker.evaluate(colab | {"extra": extra}) for extra in extras):
            continue
        if name in installed:
            if not requirement.specifier.contains(installed[name], prereleases=True):
                yield (
                    f"{name}: Colab has {installed[name]}, we ask for '{requirement.specifier}'. "
                    "Widen the range in pyproject.toml until it holds Colab's version."
                )
        elif name not in seen:
            seen.add(name)
            yield from _why_not(name, str(requirement.specifier) or "any version")
            yield from conflicts(_requires(name), installed, seen)


def _requires(name: str) -> list[str]:
    """List what the package, installed here, requires without extras."""
    try:
        required = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    return [line for line in required if not re.search(r";.*\bextra\s*==", line)]


def _why_not(name: str, wanted: str) -> Iterator[str]:
    """Say why Colab may not be made to install this package, which it lacks."""
    remedy = "Do without it, or move it to the extra 'instructor' in pyproject.toml."
    lacking = f"{name}: Colab has none, we ask for '{wanted}', and"
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        yield f"{lacking} it is not installed here. {remedy}"
        return
    if "Root-Is-Purelib: true" not in (package.read_text("WHEEL") or ""):
        yield f"{lacking} it is not pure Python. {remedy}"
    paths = [Path(str(file.locate())) for file in package.files or []]
    size = sum(path.stat().st_size for path in paths if path.is_file())
    if size > SMALL:
        yield f"{lacking} it takes {size:,} bytes, more than {SMALL:,}. {remedy}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}=={version}\n" for name, version in sorted(constraints().items()))
