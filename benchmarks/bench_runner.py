"""The runner's own overhead: total wall time over the sum of cell times, for one and two workers.

Run it on a quiet machine: ``python benchmarks/bench_runner.py --notebooks 8 --seconds 5``. One
worker spends ``total = cells + overhead``, so its ratio is what the runner costs; with two workers
a ratio of one half would be free of cost. The cells sleep: what is measured is the runner alone.
"""

import argparse
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from cmp784.headless import Report, RunOptions, run


def make(folder: Path, count: int, seconds: float) -> None:
    """Write notebooks of ten cells that take some seconds each, together."""
    for number in range(count):
        cells = [new_code_cell('scale = "laptop"', metadata={"tags": ["parameters"]})]
        cells += [new_code_cell(f"import time; time.sleep({seconds / 10})") for _ in range(10)]
        nbformat.write(new_notebook(cells=cells), folder / f"{number:02}.ipynb")


def row(report: Report) -> str:
    cells = sum(result.cell_seconds for result in report.results)
    kernels = sum(result.seconds for result in report.results)
    return (
        f"{report.workers:7} {report.seconds:8.1f} {cells:8.1f} {kernels:10.1f} "
        f"{report.seconds / cells:8.2f} {report.seconds * report.workers / cells:12.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notebooks", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0, help="of cells, per notebook")
    asked = parser.parse_args()
    print(f"{asked.notebooks} notebooks of {asked.seconds:g} s of cells each")
    print("workers  total s  cells s  kernels s    ratio  x workers")
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as place:
            make(Path(place), asked.notebooks, asked.seconds)
            options = RunOptions(workers=workers, output=Path(place) / "out")
            print(row(run([place], options)), flush=True)


if __name__ == "__main__":
    main()
