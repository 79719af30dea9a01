"""Run a student's layer forward and back, so that one mistake does not hide another part."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from cmp784.checks import elsewhere
from cmp784.checks.arrays import same
from cmp784.checks.by_hand import by_hand
from cmp784.checks.mistakes import Mistake

if TYPE_CHECKING:
    from torch import Tensor


class Passes:
    """What a layer gave on its way forward and back; an error is kept until its part is asked for.

    Parameters
    ----------
    layer
        With ``forward(x)``, ``backward(grad_output)`` and ``parameters()``.
    x, grad_output
        What goes in at either end. The layer gets copies.
    name
        What the layer is called in messages; the name of its class, when left out.
    times
        How often to go forward and back.

    Examples
    --------
    >>> import torch
    >>> class Double:
    ...     def forward(self, x):
    ...         return 2 * x
    ...     def backward(self, grad_output):
    ...         raise ValueError("not today")
    ...     def parameters(self):
    ...         return []
    >>> passes = Passes(Double(), torch.ones(1, 2), torch.ones(1, 2))
    >>> passes.output
    tensor([[2., 2.]])
    >>> passes.grad_input
    Traceback (most recent call last):
    ValueError: not today
    """

    def __init__(
        self, layer: Any, x: "Tensor", grad_output: "Tensor", *, name: str = "", times: int = 1
    ) -> None:
        self._name = name or type(layer).__name__
        self._refused: list[Exception] = []
        self._parameters = _forgiving(layer, self._refused)
        for _ in range(times):
            self._output = self._call(layer, "forward", x)
            self._grad_input = self._call(layer, "backward", grad_output)

    @property
    def output(self) -> Any:
        """What ``forward`` returned. Raises what went wrong there."""
        return _value(self._output)

    @property
    def grad_input(self) -> Any:
        """What ``backward`` returned. Raises what went wrong there."""
        return _value(self._grad_input)

    @property
    def grads(self) -> "list[Tensor]":
        """The gradient of each parameter. Raises what went wrong when there are none."""
        grads = [parameter.grad for parameter in self._parameters]
        error = next(iter(self._refused), self._grad_input)
        if isinstance(error, NotImplementedError | Mistake) or (
            isinstance(error, Exception) and (self._refused or not any(map(_any, grads)))
        ):
            raise error
        return grads

    def _call(self, layer: Any, method: str, argument: "Tensor") -> Any:
        """Call a method on a copy; put the copy right again when the method changed it."""
        given = argument.clone()
        try:
            with by_hand(f"{self._name}.{method}"):
                result = getattr(layer, method)(given)
        except Exception as error:  # kept for the question that asks for this part
            return error
        if same(argument, given):
            return result
        given.copy_(argument)
        return Mistake(
            f"{self._name}.{method}: your function changed its input in place.",
            step="Work on a copy: .clone(); avoid += and names ending in _ on arguments.",
        )


def passes(layer: Any, x: "Tensor", grad_output: "Tensor", **options: Any) -> Passes:
    """Run a layer forward and backward, where the layer is; see ``Passes``."""
    if elsewhere.room is not None:
        there = elsewhere.room.call("cmp784.checks.layers.Passes", layer, x, grad_output, **options)
        return cast(Passes, there)
    return Passes(layer, x, grad_output, **options)


def _value(result: Any) -> Any:
    if isinstance(result, Exception):
        raise result
    return result


def _any(grad: Any) -> bool:
    return bool((grad != 0).any())


def _forgiving(layer: Any, refused: list[Exception]) -> Sequence[Any]:
    """Give the parameters gradients that do not stop ``backward`` when a wrong shape is added."""
    import torch

    class Forgiving(torch.Tensor):
        @classmethod
        def __torch_function__(
            cls, function: Any, types: Any, arguments: Any = (), options: Any = None
        ) -> Any:
            try:
                return super().__torch_function__(function, types, arguments, options or {})
            except RuntimeError as error:
                refused.append(error)
                return arguments[0]

    parameters = list(layer.parameters())
    for parameter in parameters:
        parameter.grad = parameter.grad.clone().as_subclass(Forgiving)
    return parameters
