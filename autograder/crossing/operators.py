"""Which operators the classes of a solution have, by its source."""

import ast

from autograder.crossing.descriptions import OPERATORS

_ORDER = frozenset({"__lt__", "__le__", "__gt__", "__ge__"})


def operators_of(source: str) -> dict[str, frozenset[str]]:
    r"""Return the operators of each class that a source defines, inherited ones included.

    Examples
    --------
    >>> found = operators_of("class A:\n    def __add__(self, other): ...\nclass B(A): ...")
    >>> found["B"]
    frozenset({'__add__'})
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return {}
    found: dict[str, frozenset[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            inherited = [found.get(name, frozenset()) for name in map(_name, node.bases)]
            found[node.name] = frozenset(_defined(node)).union(*inherited)
    return found


def _defined(node: ast.ClassDef) -> set[str]:
    names = set[str]()
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(part.name)
        elif isinstance(part, ast.Assign):
            names |= {target.id for target in part.targets if isinstance(target, ast.Name)}
    for decorator in node.decorator_list:
        words = ast.unparse(decorator)
        if "dataclass" in words:
            names.add("__eq__")
        if "total_ordering" in words or "order=True" in words.replace(" ", ""):
            names |= _ORDER
    return names & OPERATORS


def _name(node: ast.expr) -> str:
    return (
        node.id
        if isinstance(node, ast.Name)
        else node.attr
        if isinstance(node, ast.Attribute)
        else ""
    )
