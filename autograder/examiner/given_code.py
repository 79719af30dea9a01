"""What a piece of code needs when it runs, and which names it binds, without running it."""

import ast
import builtins
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_DEFINITIONS = (
    ast.Import,
    ast.ImportFrom,
    ast.ClassDef,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
)
_SETTING = re.compile(
    "seed|set|style|use|filter|option|config|regist|default|enable|disable|update|append|insert|magic"
)
#: What IPython has in every namespace.
OF_IPYTHON = frozenset(("get_ipython", "display", "In", "Out", "exit", "quit"))
_KNOWN = frozenset(dir(builtins)) | OF_IPYTHON | {"__name__", "__file__", "__doc__"}


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a cell.

    Parameters
    ----------
    source
        Its text.
    needs
        Names that it reads when it runs; those inside of functions count when they are called.
    binds
        Names that it may set, at the top level.
    changes
        Names whose objects it visibly changes, as ``a[0] = 1`` or ``a.append(1)``.
    defines
        Whether it is an import, a function or a class.
    acts
        Whose state it may set up, as ``np`` in ``np.random.seed(0)``; ``"*"`` for an import of
        every name; empty for most statements.
    """

    source: str
    needs: frozenset[str]
    binds: frozenset[str]
    changes: frozenset[str]
    defines: bool
    acts: str


def statements(source: str) -> list[Statement]:
    """Return the statements of plain Python source; an empty list where it is none.

    Examples
    --------
    >>> [(one.needs, one.binds) for one in statements("y = x + 1")]
    [(frozenset({'x'}), frozenset({'y'}))]
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines = source.splitlines()
    return [_statement(node, lines) for node in tree.body]


def _statement(node: ast.stmt, lines: list[str]) -> Statement:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    text = ast.get_source_segment("\n".join(lines), node) or ""
    if first < node.lineno:
        text = "\n".join(lines[first - 1 : node.end_lineno])
    reader = _Reader()
    reader.read(node)
    return Statement(
        textwrap.dedent(text),
        frozenset(reader.needs) - _KNOWN,
        frozenset(reader.binds),
        frozenset(reader.changes),
        isinstance(node, _DEFINITIONS),
        _acts(node),
    )


def _acts(node: ast.stmt) -> str:
    """Return whose state a statement may set up: seeds, options, styles, paths."""
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return "*"
    if isinstance(node, ast.Expr):
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            return _root(call.func) if _SETTING.search(call.func.attr) else ""
    targets = node.targets if isinstance(node, ast.Assign) else []
    roots = (_root(one) for one in targets if isinstance(one, ast.Attribute | ast.Subscript))
    return next(roots, "")


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


class _Reader:
    """Collects names in the order in which a statement meets them."""

    def __init__(self) -> None:
        self.needs: set[str] = set()
        self.binds: set[str] = set()
        self.changes: set[str] = set()
        self._local: list[set[str]] = []
        self._sure: set[str] = set()

    def read(self, node: ast.AST) -> None:
        """Collect the names of a piece of code."""
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)
            return
        for child in ast.iter_child_nodes(node):
            self.read(child)

    def _need(self, name: str) -> None:
        if name not in self._sure and not any(name in scope for scope in self._local):
            self.needs.add(name)

    def _bind(self, name: str) -> None:
        if self._local:
            self._local[-1].add(name)
        else:
            self.binds.add(name)
            self._sure.add(name)

    def _name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._need(node.id)
        else:
            if isinstance(node.ctx, ast.Del):
                self._need(node.id)
            self._bind(node.id)

    def _assign(self, node: ast.Assign) -> None:
        self.read(node.value)
        for target in node.targets:
            self._change(target)
            self.read(target)

    def _augmented(self, node: ast.AugAssign) -> None:
        self.read(node.value)
        self._change(node.target)
        if isinstance(node.target, ast.Name):
            self._need(node.target.id)
            self.changes.add(node.target.id)
        self.read(node.target)

    def _annotated(self, node: ast.AnnAssign) -> None:
        self.read(node.annotation)
        if node.value is not None:
            self.read(node.value)
            self.read(node.target)

    def _walrus(self, node: ast.NamedExpr) -> None:
        self.read(node.value)
        self.read(node.target)

    def _change(self, target: ast.expr) -> None:
        while isinstance(target, ast.Attribute | ast.Subscript | ast.Starred):
            target = target.value
            if isinstance(target, ast.Name):
                self.changes.add(target.id)

    def _expression(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            self._change(node.value.func)
        self.read(node.value)

    def _for(self, node: ast.For | ast.AsyncFor) -> None:
        self.read(node.iter)
        self.read(node.target)
        for part in (*node.body, *node.orelse):
            self.read(part)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            self.read(item.context_expr)
            if item.optional_vars is not None:
                self.read(item.optional_vars)
        for part in node.body:
            self.read(part)

    def _except(self, node: ast.ExceptHandler) -> None:
        if node.type is not None:
            self.read(node.type)
        if node.name:
            self._bind(node.name)
        for part in node.body:
            self.read(part)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self._bind(alias.asname or alias.name.partition(".")[0])

    def _global(self, node: ast.Global) -> None:
        self.binds.update(node.names)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.read(default)
        if isinstance(node, ast.Lambda):
            return
        for decorator in node.decorator_list:
            self.read(decorator)
        arguments = node.args
        for argument in (
            *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        ):  # fmt: skip
            if argument.annotation is not None:
                self.read(argument.annotation)
        if node.returns is not None:
            self.read(node.returns)
        self._bind(node.name)

    def _class(self, node: ast.ClassDef) -> None:
        for part in (*node.bases, *node.keywords, *node.decorator_list):
            self.read(part)
        self._local.append(set())
        for inner in node.body:
            self.read(inner)
        self._local.pop()
        self._bind(node.name)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self._local.append(set())
        for generator in node.generators:
            self.read(generator.iter)
            self.read(generator.target)
            for condition in generator.ifs:
                self.read(condition)
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        for result in results:
            self.read(result)
        self._local.pop()


_HANDLERS: dict[type, Callable[[_Reader, Any], None]] = {
    ast.Name: _Reader._name,
    ast.Assign: _Reader._assign,
    ast.AugAssign: _Reader._augmented,
    ast.AnnAssign: _Reader._annotated,
    ast.NamedExpr: _Reader._walrus,
    ast.Expr: _Reader._expression,
    ast.For: _Reader._for,
    ast.AsyncFor: _Reader._for,
    ast.With: _Reader._with,
    ast.AsyncWith: _Reader._with,
    ast.ExceptHandler: _Reader._except,
    ast.Import: _Reader._import,
    ast.ImportFrom: _Reader._import,
    ast.Global: _Reader._global,
    ast.FunctionDef: _Reader._function,
    ast.AsyncFunctionDef: _Reader._function,
    ast.Lambda: _Reader._function,
    ast.ClassDef: _Reader._class,
    ast.ListComp: _Reader._comprehension,
    ast.SetComp: _Reader._comprehension,
    ast.DictComp: _Reader._comprehension,
    ast.GeneratorExp: _Reader._comprehension,
}


def bound(source: str) -> frozenset[str]:
    """Return the names that code sets at its top level."""
    return frozenset[str]().union(*(statement.binds for statement in statements(source)))


def changed(source: str) -> frozenset[str]:
    """Return the names whose objects code visibly changes at its top level."""
    return frozenset[str]().union(*(statement.changes for statement in statements(source)))


def imports(source: str) -> Iterator[Statement]:
    """Yield the imports at the top of a cell."""
    for statement in statements(source):
        if statement.source.startswith(("import ", "from ")):
            yield statement


def every_name(sources: Iterable[str]) -> frozenset[str]:
    """Return every name that some code reads anywhere, inside of functions too."""
    found: set[str] = set()
    for source in sources:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            continue
        found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return frozenset(found)
