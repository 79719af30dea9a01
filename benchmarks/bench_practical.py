"""How long the automatic tests of one hand-in take on one core, besides the student's training.

Run it with ``python benchmarks/bench_practical.py``. Each run is a process of its own with nothing
loaded, as a new kernel has; seconds are of processor time, and the middle run counts. The promise
of a practical is less than 10 seconds of tests, its hidden ones included.
"""

import argparse
import os
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["CMP784_HEADLESS"] = "1"  # no progress bars

from tests.practicals import handins, quick


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--practical", default="practical1")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--alternative", help="the answers of this file instead of the reference")
    asked = parser.parse_args()

    notebook = handins.source(asked.practical)
    if asked.alternative:
        answers = handins.alternatives(asked.practical)[asked.alternative]
        notebook = handins.hand_in(notebook, answers)
    full = handins.points(notebook)
    quick.FORKS.set_forkserver_preload([])
    runs = [quick.grade(notebook) for _ in range(asked.repeats)]
    seconds = {key: median(run.seconds[key] for run in runs) for key in runs[0].seconds}
    tests = {key: spent for key, spent in seconds.items() if key in full}
    others = {key: spent for key, spent in seconds.items() if key not in full}

    print(f"points: {runs[0].total:g} of {sum(full.values()):g}")
    for name, group in (("tests", tests), ("all other cells", others)):
        slowest = sorted(group, key=group.get, reverse=True)[:4]
        shown = ", ".join(f"{key} {group[key]:.2f}" for key in slowest)
        print(f"{name:<16} {sum(group.values()):7.2f} s   slowest: {shown}")


if __name__ == "__main__":
    main()
