"""Automatic differentiation across rooms: a vector-Jacobian product is asked of the other side.

A tensor that a graph computed crosses with the *leaves* of that graph, so that it is a function of
them here as well; what flows back to it is sent there and returns as one gradient for each leaf.
"""

import functools
import sys
from typing import TYPE_CHECKING, Any

from autograder.crossing.codec import Node, Reader, Writer
from autograder.crossing.errors import CannotCrossError, CrossingError

if TYPE_CHECKING:
    from autograder.crossing.link import Link

#: How many leaves and how many steps a graph may have.
MOST_LEAVES, MOST_STEPS = 4096, 500_000


class Graph:
    """A result of the other side, and the leaves that it was computed from."""

    def __init__(self, link: "Link", number: int, data: Any) -> None:
        self.link, self.number, self.data = link, number, data

    def __del__(self) -> None:
        self.link.let_go(self.number)


def write_graph(link: "Link", writer: Writer, value: Any) -> Node:
    """Write what a tensor was computed from; None for a leaf."""
    if value.is_leaf or not value.requires_grad:
        return None
    leaves = leaves_of(value)
    number = link.next_number()
    link.graphs[number] = value, leaves
    return [number, *writer.each(leaves)]


def leaves_of(value: Any) -> list[Any]:
    """Return the tensors at which a graph begins."""
    leaves: dict[int, Any] = {}
    seen, waiting = set(), [value.grad_fn]
    while waiting:
        step = waiting.pop()
        if step is None or step in seen:
            continue
        seen.add(step)
        if len(seen) > MOST_STEPS or len(leaves) > MOST_LEAVES:
            raise CannotCrossError("A result was computed in too many steps to cross.")
        leaf = getattr(step, "variable", None)
        if leaf is not None:
            leaves[id(leaf)] = leaf
        waiting.extend(before for before, _ in step.next_functions)
    return list(leaves.values())


def join(link: "Link", reader: Reader, data: Any, node: Node) -> Any:
    """Return a result of the other side as a function of its leaves."""
    torch = sys.modules["torch"]
    number, *nodes = node
    leaves = reader.each(nodes)
    if type(number) is not int or link.is_own(number) or len(leaves) > MOST_LEAVES:
        raise CrossingError("The answer holds a result without its leaves.")
    for leaf in leaves:
        if not isinstance(leaf, torch.Tensor):
            raise CrossingError("The answer holds a result whose leaves are no tensors.")
        link.keep(leaf)
    if not data.dtype.is_floating_point and not data.dtype.is_complex:
        return data
    with torch.enable_grad():
        return _bridge().apply(Graph(link, number, data), *leaves)


@functools.lru_cache(maxsize=1)
def _bridge() -> Any:
    import torch

    class Bridge(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, graph: Graph, *leaves: Any) -> Any:
            ctx.graph, ctx.shapes = graph, [(leaf.shape, leaf.dtype) for leaf in leaves]
            # Nothing of it is needed; but reading it twice is an error, as in any other graph.
            ctx.save_for_backward(torch.empty(0))
            return graph.data

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx: Any, gradient: Any) -> Any:
            _ = ctx.saved_tensors
            graph = ctx.graph
            found = graph.link.ask("vjp", graph.number, unshared(gradient))
            if type(found) is not list or len(found) != len(ctx.shapes):
                raise CrossingError("The answer holds gradients that do not fit.")
            for one, (shape, dtype) in zip(found, ctx.shapes, strict=True):
                if one is None:
                    continue
                if type(one) is not torch.Tensor or (one.shape, one.dtype) != (shape, dtype):
                    raise CrossingError("The answer holds gradients that do not fit.")
            return None, *found

    return Bridge


def unshared(tensor: Any) -> Any:
    """Mark a tensor to cross once, by its values."""
    from autograder.crossing.objects import Unshared

    return Unshared(tensor)


def products(link: "Link", number: Any, gradient: Any) -> list[Any]:
    """Return the gradient for each leaf of a graph of this side."""
    import torch

    if number not in link.graphs:
        raise ValueError("there is no such graph")
    value, leaves = link.graphs[number]
    if gradient.shape != value.shape:
        raise ValueError(f"a gradient of shape {tuple(gradient.shape)} does not fit the result")
    # A scalar has the same gradient. With a gradient given, torch first imports sympy, which takes
    # each fresh fork of a room a second.
    with torch.enable_grad():
        scalar = (value * gradient.conj()).sum().real
    found = torch.autograd.grad(scalar, leaves, retain_graph=True, allow_unused=True)
    return [None if one is None else unshared(one) for one in found]
