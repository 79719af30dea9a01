"""Who imports whom: a static graph of a package's modules, and the names that code uses of them."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A package's sources, read but never imported.

    Parameters
    ----------
    folder
        The folder of the package; its name is the package's name.
    """

    folder: Path

    @cached_property
    def modules(self) -> dict[str, Path]:
        """The file of each module, by full name."""
        return {self.module(path): path for path in sorted(self.folder.rglob("*.py"))}

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """The syntax tree of each module; an empty one where the file is broken."""
        return {
            name: _parse(path.read_text("utf-8", "replace")) for name, path in self.modules.items()
        }

    @cached_property
    def graph(self) -> dict[str, set[str]]:
        """What each module imports of the package, directly."""
        made = {}
        for name, tree in self.trees.items():
            home = name if self.modules[name].name == "__init__.py" else name.rpartition(".")[0]
            made[name] = set(self.imported(tree, home))
        return made

    def module(self, path: Path) -> str:
        """Return the full name of the module in a file, existing or not."""
        parts = path.relative_to(self.folder.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def imported(self, tree: ast.AST, home: str = "") -> Iterator[str]:
        """Go through the modules of the package that some code imports.

        Parameters
        ----------
        tree
            The code.
        home
            The package that relative imports start from.

        Yields
        ------
        str
            Full names, with the packages around them, and names that no longer exist.
        """
        top = self.folder.name
        for node in ast.walk(tree):
            named = []
            if isinstance(node, ast.Import):
                named = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = _base(node, home)
                named = [base] + [f"{base}.{alias.name}" for alias in node.names]
            for name in named:
                if name == top or name.startswith(f"{top}."):
                    yield from _prefixes(name)

    def closure(self, names: Iterable[str]) -> set[str]:
        """Return some modules and all that they import, directly or through others."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.graph.get(name, ())
        return found


@dataclass(frozen=True)
class Definitions:
    """The top-level definitions of a module, and the words that each can reach.

    Parameters
    ----------
    tree
        The module.
    """

    tree: ast.Module
    nodes: dict[str, ast.stmt] = field(init=False)

    def __post_init__(self) -> None:
        """Index the definitions by name."""
        object.__setattr__(
            self, "nodes", {n: node for node in self.tree.body for n in _names(node)}
        )

    def words(self, name: str) -> set[str]:
        """Return the string constants in a definition and in those of the module that it names."""
        found, seen, waiting = set(), set(), [name]
        while waiting:
            current = waiting.pop()
            if current in seen or current not in self.nodes:
                continue
            seen.add(current)
            for node in ast.walk(self.nodes[current]):
                if isinstance(node, ast.Name):
                    waiting.append(node.id)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
        return found


def parse_cells(cells: Iterable[str]) -> ast.Module | None:
    """Return the syntax tree of a notebook's code, IPython's own syntax included.

    Returns
    -------
    ast.Module or None
        None when a cell is not Python.
    """
    from IPython.core.inputtransformer2 import TransformerManager

    body: list[ast.stmt] = []
    for cell in cells:
        try:
            body += ast.parse(TransformerManager().transform_cell(cell)).body
        except SyntaxError:
            return None
    return ast.Module(body=body, type_ignores=[])


def _parse(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])


def _base(node: ast.ImportFrom, home: str) -> str:
    """Return the full name of the module after ``from``."""
    if not node.level:
        return node.module or ""
    parts = home.split(".")
    start = parts[: len(parts) - node.level + 1]
    return ".".join([*start, *([node.module] if node.module else [])])


def _prefixes(name: str) -> Iterator[str]:
    """Go through a.b.c, a.b and a: importing the first runs all three."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a top-level statement defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]
