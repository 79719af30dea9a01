"""Stand-ins for networks of torch, which are networks of torch here, too."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from torch import nn

from autograder.crossing.remote import Remote

_LISTED = (
    "parameters named_parameters buffers named_buffers "
    "children named_children modules named_modules"
)


def _passed_on(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return self._crossing_link.call_method(self, name, args, options)

    return method


def _listed(name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Iterator[Any]:
        return iter(self._crossing_link.ask("listed", self, name, args, options))

    return method


def _table(name: str) -> property:
    return property(lambda self: OrderedDict(self._crossing_link.ask("get", self, name)))


_METHODS = {
    **{
        name: _passed_on(name)
        for name, value in vars(nn.Module).items()
        if callable(value) and not name.startswith("_")
    },
    **{name: _listed(name) for name in _LISTED.split()},
    **{name: _table(name) for name in ("_parameters", "_buffers", "_modules")},
    "forward": _passed_on("forward"),
    "training": property(lambda self: self._crossing_link.ask("get", self, "training")),
    "__slots__": (),
}

#: The base class of these stand-ins.
RemoteNetwork: type = type("RemoteNetwork", (Remote, nn.Module), _METHODS)
