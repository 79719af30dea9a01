"""Which names a function uses, by its source, or by its byte code where there is no source."""

import ast
import functools
import inspect
import textwrap
import types
from typing import Any

from cmp784.checks import elsewhere


def used(function: Any, names: list[str]) -> list[str]:
    """Return those of ``names`` that a function or class uses, in the order given.

    Helpers that the function calls and that are defined in the same module are looked at, too.

    Parameters
    ----------
    function
        A function, method, class or other callable.
    names
        Dotted names, bare names, or the words ``for`` and ``while``.

    Examples
    --------
    >>> def double(x):
    ...     return [2 * item for item in x]
    >>> used(double, ["for", "while", "numpy"])
    ['for']
    """
    if elsewhere.room is not None:
        found: list[str] = elsewhere.room.call("cmp784.checks.sources.used", function, names)
        return found
    seen: set[str] = set()
    _collect(function, seen, set())
    return [name for name in names if _matches(name, seen)]


def _matches(name: str, seen: set[str]) -> bool:
    """Tell whether a dotted or bare name is among those that were seen."""
    if "." in name:
        return any(item == name or item.startswith(name + ".") for item in seen)
    return any(name in (item, *item.split(".")) for item in seen)


def _collect(function: Any, seen: set[str], visited: set[int]) -> None:
    """Add every name that ``function`` and its helpers use, in full."""
    function = inspect.unwrap(function) if callable(function) else function
    while isinstance(function, functools.partial):
        function = function.func
    function = getattr(function, "__func__", function)
    if id(function) in visited:
        return
    visited.add(id(function))
    spread = _scope(function)
    tree = _tree(function)
    if tree is not None:
        found = _Names(spread)
        found.visit(tree)
        seen |= found.names
        helpers = found.roots
    else:
        helpers = set()
        for code in _codes(function):
            words = set(code.co_names) | {word.lower() for word in _loops(code)}
            seen |= words | {_full(word, spread) for word in code.co_names}
            helpers |= words
        if not helpers:
            seen.add(_full_of(function))
    for helper in sorted(helpers):
        value = spread.get(helper)
        if isinstance(value, types.FunctionType | type) and value.__module__ == getattr(
            function, "__module__", None
        ):
            _collect(value, seen, visited)


class _Names(ast.NodeVisitor):
    """Collects names in full: aliases are resolved by imports inside and by the globals."""

    def __init__(self, spread: dict[str, Any]) -> None:
        self.spread, self.aliases = spread, dict[str, str]()
        self.names: set[str] = set()
        self.roots: set[str] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for item in node.names:
            self.names.add(item.name)
            self.aliases[item.asname or item.name.split(".")[0]] = (
                item.name if item.asname else item.name.split(".")[0]
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for item in node.names:
            full = f"{node.module}.{item.name}"
            self.names.add(full)
            self.aliases[item.asname or item.name] = full

    def visit_Attribute(self, node: ast.Attribute) -> None:
        parts, root = [node.attr], node.value
        while isinstance(root, ast.Attribute):
            parts.append(root.attr)
            root = root.value
        if isinstance(root, ast.Name):
            self.roots.add(root.id)
            full = self.aliases.get(root.id) or _full(root.id, self.spread)
            self.names.add(".".join([full, *reversed(parts)]))
        else:
            self.names.add("()." + ".".join(reversed(parts)))
            self.visit(root)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.roots.add(node.id)
            self.names.add(self.aliases.get(node.id) or _full(node.id, self.spread))

    def visit_For(self, node: ast.For) -> None:
        self.names.add("for")
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self.names.add("for")
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        self.names.add("while")
        self.generic_visit(node)


def _tree(function: Any) -> ast.AST | None:
    """Return the syntax tree of a function or class, or None where its source cannot be had."""
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def _scope(function: Any) -> dict[str, Any]:
    """Return the names that a function sees: of its module, and around it."""
    if isinstance(function, type):
        inner = next(
            (v for v in vars(function).values() if isinstance(v, types.FunctionType)), None
        )
        return {} if inner is None else _scope(inner)
    if not isinstance(function, types.FunctionType):
        return {}
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    around = {}
    for name, cell in cells:
        try:
            around[name] = cell.cell_contents
        except ValueError:  # not filled yet
            continue
    return {**function.__globals__, **around}


def _codes(function: Any) -> list[types.CodeType]:
    """Return the byte code of a function or of a class's methods, with what lies inside."""
    if isinstance(function, type):
        found = [v.__code__ for v in vars(function).values() if isinstance(v, types.FunctionType)]
    else:
        found = [function.__code__] if hasattr(function, "__code__") else []
    for code in found:  # grows while we go
        found += [item for item in code.co_consts if isinstance(item, types.CodeType)]
    return found


def _loops(code: types.CodeType) -> set[str]:
    """Return the words for the loops in byte code: FOR_ITER stands for ``for``."""
    import dis

    names = {item.opname for item in dis.get_instructions(code)}
    backward = any(name.startswith("JUMP_BACKWARD") for name in names)
    loops = {"for"} if "FOR_ITER" in names else set()
    return (
        loops
        | ({"while"} if any("POP_JUMP_BACKWARD" in name for name in names) else set())
        | ({"while"} if backward and not loops else set())
    )


def _full(name: str, spread: dict[str, Any]) -> str:
    """Return the full name of a global: ``F`` is ``torch.nn.functional``."""
    if name not in spread:
        return name
    value = spread[name]
    if isinstance(value, types.ModuleType):
        return value.__name__
    full = _full_of(value)
    return full if full and full.split(".")[-1] != "" else name


def _full_of(value: Any) -> str:
    """Return module and name of a function or class; ``torch`` for its built-in functions."""
    if not (isinstance(value, type) or inspect.isroutine(value)):
        return ""
    module = getattr(value, "__module__", None) or ""
    owner = getattr(getattr(value, "__self__", None), "__name__", "")
    if owner.startswith("_VariableFunctions"):
        module = "torch"
    qualified = getattr(value, "__qualname__", getattr(value, "__name__", ""))
    qualified = qualified.removeprefix("_VariableFunctionsClass.")
    return f"{module}.{qualified}" if module and module != "builtins" else qualified
