"""How fast the blocks world is drawn and checked, against a loop over single pictures.

Run ``python benchmarks/bench_worlds.py``; it uses one thread. The promise is 10 000 pictures of
32 x 32 in under 3 seconds. Seconds are of processor time, the best of three; nothing is asserted.
"""

import resource
import time
from collections.abc import Callable

import torch

from cmp784 import worlds
from cmp784.worlds.rendering import draw

COUNT = 10_000
LOOP_COUNT = 1_000


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least processor time of a few runs."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def draw_one_by_one(batch: worlds.Blocks, side: int) -> None:
    """Draw the pictures of a batch again, each by itself."""
    centres = batch.keypoints[:, :, 0]
    halves = (batch.boxes[..., 2:] - batch.boxes[..., :2]).mean(dim=-1) / 2
    for i in range(len(batch)):
        part = slice(i, i + 1)
        draw(batch.shape[part], batch.colour[part], centres[part], halves[part], side)


def report(name: str, count: int, spent: float, remark: str = "") -> None:
    """Print one line."""
    print(f"{name:<44} {spent:7.3f} s {count / spent:9.0f} pictures/s  {remark}")


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    worlds.blocks(10)  # the table of scenes is made once

    for side in (16, 32, 64):
        spent = seconds(lambda side=side: worlds.blocks(COUNT, side))
        report(f"blocks({COUNT}, side={side})", COUNT, spent)
        if side == 32:
            batch = worlds.blocks(LOOP_COUNT, side)
            loop = seconds(lambda batch=batch: draw_one_by_one(batch, 32))
            ratio = (loop / LOOP_COUNT) / (spent / COUNT)
            report(
                "  the same pictures, drawn one by one", LOOP_COUNT, loop, f"{ratio:.1f} x slower"
            )

    spent = seconds(lambda: worlds.blocks(50_000), repeats=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report("blocks(50000, side=32)", 50_000, spent, f"peak memory {peak:.0f} MiB")

    images = worlds.blocks(2_000).images
    report("describe, 32 pixels", 2_000, seconds(lambda: worlds.describe(images)))
    report("cards", COUNT, seconds(lambda: worlds.cards(COUNT)))


if __name__ == "__main__":
    main()
