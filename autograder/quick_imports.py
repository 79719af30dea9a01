"""Keep imports quick: a second of each process would go into a grammar that nobody here uses.

`jsonschema`, which comes with nbformat and nbgrader, imports `rfc3987_syntax` where that is there,
to check the format "iri"; that package compiles a grammar of internationalised addresses with Lark
as it is imported. No schema of a notebook has an address in it, so it waits until it is asked.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

SLOW = "rfc3987_syntax"


def postpone_grammar() -> None:
    """Let ``import rfc3987_syntax`` cost nothing before the first use of what is in it."""
    if SLOW in sys.modules or find_spec(SLOW) is None:
        return
    waiting = ModuleType(SLOW)
    vars(waiting).update(__getattr__=_get, is_valid_syntax=_is_valid_syntax)
    sys.modules[SLOW] = waiting


def _is_valid_syntax(*arguments: Any) -> bool:
    """Stand for the one name that `jsonschema` imports."""
    return bool(_load().is_valid_syntax(*arguments))


def _get(name: str) -> Any:
    # The import system asks a module for its own attributes; they are no use of it.
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(_load(), name)


def _load() -> ModuleType:
    """Import the package itself, once."""
    if getattr(sys.modules.get(SLOW), "__getattr__", None) is _get:
        del sys.modules[SLOW]
    return import_module(SLOW)
