"""Explicit seeds of a test: the student's generators get them too, as in one process."""

import random
import sys
from collections.abc import Callable
from typing import Any

from autograder.crossing.codec import Node, Reader, Writer
from autograder.crossing.shared import _plain, _with_arrays


class _Generator:
    """The global generator of torch, which notes that it is seeded."""

    def __init__(self, generator: Any, note: Callable[[], None]) -> None:
        self._generator, self._note = generator, note

    def manual_seed(self, seed: int) -> Any:
        self._note()
        return self._generator.manual_seed(seed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._generator, name)


class Seeding:
    """Notes which global generators a test seeds, from `start` to `stop`."""

    def __init__(self) -> None:
        self.seeded: set[str] = set()
        self._replaced: list[tuple[Any, str, Any]] = []

    def start(self) -> None:
        """Begin to listen."""
        self._wrap(random, "seed", "random")
        if numpy := sys.modules.get("numpy"):
            self._wrap(numpy.random, "seed", "numpy")
        if torch := sys.modules.get("torch"):
            generator = torch.random.default_generator
            noting = _Generator(generator, lambda: self.seeded.add("torch"))
            self._replaced.append((torch.random, "default_generator", generator))
            torch.random.default_generator = noting

    def _wrap(self, module: Any, name: str, which: str) -> None:
        seed = getattr(module, name)

        def noting(*args: Any, **options: Any) -> Any:
            self.seeded.add(which)
            return seed(*args, **options)

        self._replaced.append((module, name, seed))
        setattr(module, name, noting)

    def stop(self) -> None:
        """Listen no longer."""
        for module, name, value in reversed(self._replaced):
            setattr(module, name, value)
        self._replaced.clear()

    def write(self, writer: Writer) -> Node:
        """Write the states of the generators that were seeded since the last message."""
        if not self.seeded:
            return None
        states = {}
        for which in sorted(self.seeded):
            states[which] = _plain(_state(which))
        self.seeded.clear()
        return writer.write(states)


def _state(which: str) -> Any:
    if which == "random":
        return random.getstate()
    if which == "numpy":
        return sys.modules["numpy"].random.get_state(legacy=False)
    return sys.modules["torch"].get_rng_state().numpy().tobytes()


def take(reader: Reader, node: Node) -> None:
    """Give the global generators of this process the states that were sent."""
    states = reader.read(node)
    if "random" in states:
        random.setstate(states["random"])
    if "numpy" in states and "numpy" in sys.modules:
        sys.modules["numpy"].random.set_state(_with_arrays(states["numpy"]))
    if "torch" in states and "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.frombuffer(bytearray(states["torch"]), dtype=torch.uint8))
