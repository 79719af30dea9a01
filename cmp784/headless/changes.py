"""Which notebooks a change touches: themselves, the data they use, the modules they import."""

import ast
import subprocess
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cmp784.headless.imports import Definitions, Package, parse_cells
from cmp784.headless.notebook import Source
from cmp784.headless.options import UsageError

#: The package and, in it, the list of data sets.
PACKAGE, REGISTRY = "cmp784", "data/registry.toml"
DATA = f"{PACKAGE}.data"


def changed_since(sources: Sequence[Source], revision: str) -> list[Source]:
    """Return the notebooks that the changes since a git revision touch.

    Changes are those of the working tree: committed, staged, not staged, and new files that git
    does not ignore. A notebook is touched by a change

    * of its own file;
    * of a file that its code names, or a module beside it that it imports;
    * of a data set's entries in ``cmp784/data/registry.toml``, when it calls that data set;
    * of a ``cmp784`` module that it imports, directly or through others.

    Parameters
    ----------
    sources
        The notebooks to choose from.
    revision
        What git understands: a commit, a tag, ``origin/main``, ``HEAD~3``.

    Raises
    ------
    UsageError
        When the notebooks lie in no git repository, or it has no such revision.
    """
    chosen = []
    for root, members in _by_repository(sources).items():
        change = _Change.read(root, revision)
        chosen += [source for source in members if change.touches(source)]
    return sorted(chosen, key=lambda source: source.name)


@dataclass(frozen=True)
class _Change:
    """What was changed in one repository.

    Parameters
    ----------
    root
        Its top folder.
    files
        The changed files, absolute; those that were deleted too.
    package
        The sources of ``cmp784``.
    datasets
        The data sets whose entries were changed.
    """

    root: Path
    files: frozenset[Path]
    package: Package
    datasets: frozenset[str]

    @classmethod
    def read(cls, root: Path, revision: str) -> "_Change":
        """Ask git what was changed since a revision."""
        commit = _commit(root, revision)
        listed = _git(root, "diff", "--name-only", "--no-renames", "-z", commit, "--")
        listed += _git(root, "ls-files", "--others", "--exclude-standard", "-z")
        files = frozenset(root / name for name in listed.split("\0") if name)
        registry = root / PACKAGE / REGISTRY
        datasets = _changed_datasets(root, commit, registry) if registry in files else ()
        return cls(root, files, Package(root / PACKAGE), frozenset(datasets))

    def touches(self, source: Source) -> bool:
        """Tell whether the change touches a notebook."""
        if source.path in self.files:
            return True
        tree = parse_cells(source.code)
        if tree is None:  # what cannot be read may use anything
            return bool(self.files)
        imported = self.package.closure(self.package.imported(tree))
        return bool(
            self._named_files(source.path.parent, tree) & self.files
            or imported & self._changed_modules()
            or (self.datasets and self._uses_data(tree, imported))
        )

    def _changed_modules(self) -> set[str]:
        """Return the modules whose file was changed; data in a package counts as the package."""
        folder, found = self.package.folder, set()
        for path in self.files:
            if path.is_relative_to(folder) and path != folder / REGISTRY:
                owner = path if path.suffix == ".py" else path.parent / "__init__.py"
                found.add(self.package.module(owner))
        return found

    def _named_files(self, folder: Path, tree: ast.AST) -> set[Path]:
        """Return the files that code names, as seen from its folder, and modules beside it."""
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if 0 < len(node.value) < 300 and "\0" not in node.value:
                    found.add(_plain(folder / node.value))
            elif isinstance(node, ast.Import):
                found |= {folder / f"{alias.name.split('.')[0]}.py" for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(folder / f"{node.module.split('.')[0]}.py")
        return found

    def _uses_data(self, tree: ast.AST, imported: Iterable[str]) -> bool:
        """Tell whether code, or a module that it imports, calls a changed data set."""
        modules = [name for name in imported if not f"{name}.".startswith(f"{DATA}.")]
        trees = [self.package.trees[name] for name in modules if name in self.package.trees]
        return any(self._names_of(used) & self.datasets for used in [tree, *trees])

    def _names_of(self, tree: ast.AST) -> set[str]:
        """Return the data sets that some code reaches through functions of ``cmp784.data``."""
        reached: set[str] = set()
        for used in _data_functions(tree):
            reached.add(used)
            for name, own in self.package.trees.items():
                if f"{name}.".startswith(f"{DATA}."):
                    reached |= Definitions(own).words(used)
        words = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
        uses_data = any(name.startswith(DATA) for name in self.package.imported(tree))
        return reached | ({word for word in words if isinstance(word, str)} if uses_data else set())


def _data_functions(tree: ast.AST) -> set[str]:
    """Return the names that code takes from ``cmp784.data``."""
    aliases, names = {"data"}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == PACKAGE:
            aliases |= {a.asname or a.name for a in node.names if a.name == "data"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(DATA):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            aliases |= {a.asname for a in node.names if a.asname and a.name.startswith(DATA)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            inner = node.value
            named = isinstance(inner, ast.Name) and inner.id in aliases
            if named or (isinstance(inner, ast.Attribute) and inner.attr == "data"):
                names.add(node.attr)
    return names


def _changed_datasets(root: Path, commit: str, registry: Path) -> set[str]:
    """Return the data sets whose entries differ between a commit and now."""
    place = registry.relative_to(root).as_posix()
    try:
        before = tomllib.loads(_git(root, "show", f"{commit}:{place}"))
    except (UsageError, tomllib.TOMLDecodeError):  # there was none
        before = {}
    try:
        after = tomllib.loads(registry.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        after = {}
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _by_repository(sources: Sequence[Source]) -> dict[Path, list[Source]]:
    """Group notebooks by the top folder of their repository."""
    roots: dict[Path, Path] = {}
    grouped: dict[Path, list[Source]] = {}
    for source in sources:
        folder = source.path.parent
        if folder not in roots:
            roots[folder] = Path(
                _git(folder, "rev-parse", "--show-toplevel").rstrip("\n")
            ).resolve()
        grouped.setdefault(roots[folder], []).append(source)
    return grouped


def _commit(root: Path, revision: str) -> str:
    """Return the commit that a revision stands for."""
    try:
        asked = f"{revision}^{{commit}}"
        return _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", asked).strip()
    except UsageError:
        raise UsageError(
            f"--changed-since '{revision}': the git repository {root} has no such revision. "
            "Expected a commit, tag or branch; in a shallow clone, fetch more history first "
            "(git fetch --unshallow)."
        ) from None


def _git(folder: Path, *words: str) -> str:
    """Return what git prints."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, check=False, timeout=60
        )
    except FileNotFoundError:
        raise UsageError("--changed-since needs git, which is not installed.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise UsageError(
            f"--changed-since: git {words[0]} failed in {folder} ({said}). "
            "Expected notebooks in a git repository."
        )
    return done.stdout.decode(errors="surrogateescape")


def _plain(path: Path) -> Path:
    """Return a path without its dots, whether or not there is such a file."""
    import os

    return Path(os.path.normpath(path))
