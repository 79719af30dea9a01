"""How long the widgets of the lectures take to answer: move each control, time each picture.

Run it with ``python benchmarks/bench_widgets.py [NOTEBOOK...]``. The code cells run in this process
at the scale ``smoke``; the time is that of the callback in Python, without the browser.
"""

import os
import sys
import time
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["CMP784_HEADLESS"] = "1"  # no progress bars

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from cmp784 import outputs, widgets

LECTURES = Path(__file__).resolve().parent.parent / "lectures"


def boxes_of(path: Path) -> list[Any]:
    """Run a lecture's code, and return the boxes that it showed."""
    made, explore, show = [], widgets.explore, outputs.show

    def remember(figure: Any, update: Any, alt: str, **controls: Any) -> Any:
        made.append((explore(figure, update, alt, **controls), controls))
        return made[-1][0]

    widgets.explore, outputs.show = remember, lambda *_, **__: None
    shell = InteractiveShell()
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    try:
        with redirect_stdout(StringIO()):
            for cell in code:
                shell.run_cell(cell.source, silent=True).raise_error()
                if "parameters" in cell.metadata.get("tags", []):
                    shell.run_cell('scale = "smoke"', silent=True)
    finally:
        widgets.explore, outputs.show = explore, show
    return made


def answer_times(box: Any, controls: dict[str, Any]) -> list[float]:
    """Move every control through its range; return milliseconds, one for each answer."""
    times = []
    for control in controls.values():
        ends = widgets.ends(control)
        for value in [*ends, *reversed(ends)] * 3:
            before, began = box.children[1].value, time.perf_counter()
            control.value = value
            if box.children[1].value.startswith("<pre>"):
                raise RuntimeError(f"{control.description} = {value}: {box.children[1].value}")
            if box.children[1].value != before:
                times.append(1000 * (time.perf_counter() - began))
    return times


def main(paths: list[Path]) -> None:
    """Print a row for each widget of each lecture."""
    print(f"{'widget':44} {'answers':>7} {'median ms':>9} {'longest ms':>10}")
    for path in paths:
        for number, (box, controls) in enumerate(boxes_of(path), start=1):
            times = answer_times(box, controls)
            name = f"{path.stem}, {number}: {', '.join(controls)}"
            print(
                f"{name:44.44} {len(times):7} {median(times):9.1f} {max(times):10.1f}", flush=True
            )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(LECTURES.rglob("[0-9]*.ipynb")))
