"""Prove by watching that a call computes by hand: no autograd, no torch.nn, nothing ready-made."""

import functools
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ContextDecorator, contextmanager
from types import FrameType, TracebackType
from typing import Any

from cmp784.checks import elsewhere
from cmp784.checks.arrays import is_tensor, same
from cmp784.checks.calls import name_of
from cmp784.checks.functions import function_close
from cmp784.checks.mistakes import Mistake
from cmp784.checks.shapes import dtype

#: Names of what torch, scipy and others have ready-made, without `_` and `special_` around them.
READY_MADE = re.compile(
    r"(log_?)?(soft(max|min)|sigmoid|expit|logit)|logsumexp|softplus|[a-z]*_?relu6?|.elu|"
    r"(binary_)?cross_entropy.*|.*nll_loss.*|(log_)?(softmax|sigmoid)_.*"
)

#: Where torch keeps derivatives, layers and optimisers; switching gradients off is no use of them.
FORBIDDEN_MODULES = re.compile(
    r"torch\.(nn|optim|_C\._nn|autograd(?!\.grad_mode)|_functorch\.eager_transforms|func)\b|"
    r"cmp784\.reference\b"
)

#: What these call is their own business.
LIBRARY = re.compile(r"(torch|cmp784\.reference)\b")

AUTOGRAD = {"backward", "requires_grad_", "retain_grad", "register_hook"}


class by_hand(ContextDecorator):  # noqa: N801 - read as words: with checks.by_hand("softmax")
    """Watch a student's call, and refuse what does the work for him.

    Refused are autograd, ``torch.nn``, ``torch.optim``, ``cmp784.reference``, and ready-made
    sigmoid, softmax, logsumexp, relu and cross-entropy of torch or scipy: under any alias, as
    functions or as methods, and also where their errors are caught. Other operations pass.

    Parameters
    ----------
    name
        What is called, for the message.

    Raises
    ------
    Mistake
        At the end of the call; names what was used.

    Examples
    --------
    >>> import torch
    >>> z = torch.tensor([0.0, 1.0])
    >>> with by_hand("sigmoid"):
    ...     y = 1 / (1 + torch.exp(-z))
    >>> with by_hand("sigmoid"):
    ...     y = getattr(z, "sigmoid")()
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: sigmoid: uses torch.Tensor.sigmoid, which you do without here.
    Write it out with plain operations, such as exp, sum, maximum and @.
    """

    def __init__(self, name: str) -> None:
        self.name, self.used = name, dict[str, None]()
        self._there: AbstractContextManager[Any] | None = None

    def __enter__(self) -> "by_hand":
        """Begin to watch; where the student's code runs elsewhere, each call is watched there."""
        if elsewhere.room is not None:
            self._there = elsewhere.room.context("cmp784.checks.by_hand", self.name)
            self._there.__enter__()
            return self
        self._mode, self._profile = _watcher(self.used), sys.getprofile()
        self._scipy = _watch_scipy(self.used)
        self._mode.__enter__()
        sys.setprofile(self._called)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching; tell what was used, rather than an error that came of it."""
        if self._there is not None:
            self._there.__exit__(kind, error, traceback)
            return
        sys.setprofile(self._profile)
        self._mode.__exit__(kind, error, traceback)
        for place, name, ready in self._scipy:
            place[name] = ready
        if self.used and not isinstance(error, NotImplementedError | KeyboardInterrupt):
            raise Mistake(
                f"{self.name}: uses {next(iter(self.used))}, which you do without here.",
                step="Write it out with plain operations, such as exp, sum, maximum and @.",
            ) from None

    def _recreate_cm(self) -> "by_hand":
        """Return a fresh one for each call of a decorated function."""
        return by_hand(self.name)

    def _called(self, frame: FrameType, event: str, argument: Any) -> None:
        """Note a call from outside torch into a forbidden module, whatever the caller calls it."""
        if event != "call" or frame.f_back is None or frame.f_code.co_name == "<module>":
            return
        module = frame.f_globals.get("__name__") or ""
        caller = frame.f_back.f_globals.get("__name__") or ""
        if FORBIDDEN_MODULES.match(module) and not LIBRARY.match(caller):
            self.used.setdefault(f"{module}.{frame.f_code.co_qualname}".removesuffix(".__init__"))


def given(**functions: Callable[..., Any]) -> Any:
    """Put right functions in the place of earlier answers, so that one mistake costs once.

    Parameters
    ----------
    **functions
        Name in the notebook to the function that stands there inside the ``with``. What it uses is
        not held against the student.

    Returns
    -------
    context manager

    Examples
    --------
    >>> def double(x):
    ...     return 3 * x
    >>> def fourfold(x):
    ...     return double(double(x))
    >>> with given(double=lambda x: 2 * x):
    ...     fourfold(1)
    4
    """
    return _given(sys._getframe(1).f_globals, functions)


@contextmanager
def _given(names: dict[str, Any], functions: Mapping[str, Callable[..., Any]]) -> Iterator[None]:
    missing = object()
    before = {name: names.get(name, missing) for name in functions}
    names.update({name: _trusted(function) for name, function in functions.items()})
    try:
        yield
    finally:
        for name, value in before.items():
            if value is missing:
                del names[name]
            else:
                names[name] = value


def written_out(
    student: Callable[..., Any],
    reference: Callable[..., Any],
    inputs: Mapping[str, tuple[Any, ...]],
    *,
    name: str = "",
    rtol: float | None = None,
    atol: float | None = None,
) -> None:
    """Check a function of tensors that is written out by hand against a ready-made one.

    Compared are values, shapes and number types; the inputs stay as they are; the student's calls
    are watched as by ``by_hand``. Each case is tried in single and in double precision, and with
    tensors that are not contiguous.

    Parameters
    ----------
    student, reference
        The function to check and the right one.
    inputs
        Words for the case to its arguments; tensors of float32.
    name
        What the function is called; its own name, when left out.
    rtol, atol
        Tolerance, as for ``close``.

    Raises
    ------
    Mistake
        Names the case.

    Examples
    --------
    >>> import torch
    >>> rows = {"two rows": (torch.tensor([[1.0, 2.0], [3.0, 4.0]]),)}
    >>> written_out(lambda x: x + x, lambda x: 2 * x, rows, name="double")
    >>> written_out(lambda x: (x + x).double(), lambda x: 2 * x, rows, name="double")
    Traceback (most recent call last):
    cmp784.checks.mistakes.Mistake: double(x) for the case 'two rows': the number type is wrong.
    Yours is float64, expected is float32.
    It looks as if numbers came from numpy or from Python, which are double.
    Convert with .float().
    """
    called = name or name_of(student)
    for label, arguments, form in _variants(inputs):
        found: list[Any] = []
        what = f"{called}(x) for the case {label!r}"

        def watched(
            *given: Any, form: Any = form, found: list[Any] = found, what: str = what
        ) -> Any:
            shaped = tuple(map(form, given))
            with by_hand(called):
                found[:] = [student(*shaped)]
            if not all(map(same, given, shaped)):
                step = "Work on a copy: .clone(); avoid += and names ending in _ on arguments."
                raise Mistake(f"{what}: your function changed its input in place.", step=step)
            return found[0]

        function_close(watched, reference, {label: arguments}, name=called, rtol=rtol, atol=atol)
        _same_kind(found[0], reference(*arguments), what)


def _variants(
    inputs: Mapping[str, tuple[Any, ...]],
) -> Iterator[tuple[str, tuple[Any, ...], Callable[[Any], Any]]]:
    """Go through the cases in three forms that hold the same numbers."""
    for label, arguments in inputs.items():
        yield label, arguments, lambda x: x
        yield f"{label}, float64", tuple(map(_double, arguments)), lambda x: x
        yield f"{label}, not contiguous", arguments, _with_gaps


def _double(x: Any) -> Any:
    return x.double() if is_tensor(x) and x.is_floating_point() else x


def _with_gaps(x: Any) -> Any:
    """Return the same numbers, stored in another order with others between them."""
    if not is_tensor(x):
        return x
    order = tuple(reversed(range(x.ndim)))
    turned = x.permute(order)
    gaps = x.new_zeros(*turned.shape, 2)
    gaps[..., 0] = turned
    return gaps[..., 0].permute(order)


def _same_kind(found: Any, expected: Any, what: str) -> None:
    """Check that tensors come back as tensors of the right number type, part by part."""
    several = isinstance(expected, tuple)
    for mine, right in zip(*(found, expected) if several else ([found], [expected]), strict=True):
        if not is_tensor(mine):
            kind = type(mine).__name__
            raise Mistake(f"{what}: expected a torch tensor, found {kind}.")
        dtype(mine, right.dtype, name=what)


def _trusted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function during whose calls nobody is watched."""

    @functools.wraps(function)
    def trusted(*arguments: Any, **options: Any) -> Any:
        import torch

        profile = sys.getprofile()
        sys.setprofile(None)
        try:
            with torch._C.DisableTorchFunction():
                return function(*arguments, **options)
        finally:
            sys.setprofile(profile)

    return trusted


def _watcher(used: dict[str, None]) -> Any:
    """Return a mode of torch that notes each forbidden operation, whoever asks for it."""
    from torch import Tensor
    from torch.overrides import TorchFunctionMode

    class Watcher(TorchFunctionMode):
        def __torch_function__(
            self, function: Any, types: Any, arguments: Any = (), options: Any = None
        ) -> Any:
            if _is_forbidden(function):
                used.setdefault(_full_name(function))
            result = function(*arguments, **(options or {}))
            if isinstance(result, Tensor) and result.requires_grad:
                used.setdefault("autograd (requires_grad)")
            return result

    return Watcher()


def _is_forbidden(function: Any) -> bool:
    name = getattr(function, "__name__", "")
    if name in ("__set__", "__get__"):
        owner = getattr(getattr(function, "__self__", None), "__name__", "")
        return name == "__set__" and owner == "requires_grad"
    plain = name.split(".")[0].strip("_").removeprefix("special_").strip("_")
    return bool(
        name in AUTOGRAD
        or READY_MADE.fullmatch(plain)
        or FORBIDDEN_MODULES.match(getattr(function, "__module__", None) or "")
    )


def _full_name(function: Any) -> str:
    """Return the name by which a student knows it, such as ``torch.nn.functional.relu``."""
    from torch.overrides import resolve_name

    return (resolve_name(function) or getattr(function, "__name__", "autograd")).removesuffix(
        ".__set__"
    )


def _watch_scipy(used: dict[str, None]) -> list[tuple[dict[str, Any], str, Any]]:
    """Put watched functions in scipy's place, there and where a notebook imported them."""
    special = sys.modules.get("scipy.special")
    ready = {
        name: getattr(special, name)
        for name in ("expit", "log_expit", "softmax", "log_softmax", "logsumexp")
        if hasattr(special, name)
    }

    def watched(name: str, function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            used.setdefault(f"scipy.special.{name}")
            return function(*arguments, **options)

        return call

    replaced = []
    for place in (vars(special) if special else {}, vars(sys.modules["__main__"])):
        for alias, value in list(place.items()):
            for name, function in ready.items():
                if value is function:
                    replaced.append((place, alias, value))
                    place[alias] = watched(name, function)
    return replaced
