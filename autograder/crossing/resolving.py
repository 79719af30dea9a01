"""Which class or module of this process an object of the other side stands for."""

import numbers
import sys
import types
from collections.abc import Mapping
from typing import Any, TypeGuard

from autograder.crossing.descriptions import Description, each_base
from autograder.crossing.objects import Method

#: Libraries whose classes are known in both rooms.
LIBRARIES = frozenset(
    {"torch", "matplotlib", "sklearn", "pandas", "scipy", "cmp784", "networkx", "PIL", "tqdm"}
)
#: What a test may call a module that only the student's notebook imports.
ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
}
_MODULES = frozenset({"torch", "numpy", "pandas", "scipy", "matplotlib", "sklearn"})


def module_named(name: str) -> types.ModuleType | None:
    """Return the module that is meant by a name, of those that are imported here already."""
    full = ALIASES.get(name, name)
    if name in ALIASES or full in _MODULES or full in sys.stdlib_module_names:
        return sys.modules.get(full)
    return None


def is_library(description: Description) -> bool:
    """Tell whether an object is said to be one of a library's."""
    return description.module.partition(".")[0] in LIBRARIES


def class_for(description: Description, names: Mapping[str, Any]) -> type | None:
    """Return the nearest class of this process that an object is an instance of.

    Classes of plain data are left out: what they hold crosses by value, or not at all.
    """
    if description.kind not in ("object", "network", "error"):
        return None
    for module, name in each_base(description):
        found = None
        if module == "__main__":
            found = dict.get(names, name) if isinstance(names, dict) else names.get(name)
        elif module.partition(".")[0] in LIBRARIES:
            # Some libraries import more of themselves when they are asked for a name.
            found = vars(sys.modules[module]).get(name) if module in sys.modules else None
        if is_class(found) and found.__name__ == name and not _is_data(found):
            return found
    return None


def is_class(value: Any) -> TypeGuard[type]:
    """Tell whether this is a class of this process; stand-ins for classes call themselves one."""
    return issubclass(type(value), type)


def _is_data(kind: type) -> bool:
    data: tuple[type, ...] = (numbers.Number, str, bytes, list, tuple, dict, set, frozenset)
    if torch := sys.modules.get("torch"):
        data += (torch.Tensor,)
    if numpy := sys.modules.get("numpy"):
        data += (numpy.ndarray, numpy.generic)
    if pandas := sys.modules.get("pandas"):
        data += (pandas.DataFrame, pandas.Series, pandas.Index)
    return issubclass(kind, data) or kind.__module__ == "builtins"


def attribute(target: Any, name: str) -> Any:
    """Return an attribute; a method of the object's own is told by its name."""
    value = getattr(target, name)
    if isinstance(value, types.MethodType) and value.__self__ is target and value.__name__ == name:
        return Method(name)
    return value


def plain(value: Any, base: Any) -> Any:
    """Return the value of an instance of a subclass of plain data, without its methods' help."""
    if base in (int, float, complex):
        return base.__pos__(value)
    if base is str:
        return str.__str__(value)
    if base is dict:
        return dict(dict.items(value))
    return base(base.__iter__(value))
