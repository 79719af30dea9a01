"""Run every notebook from top to bottom, without a screen, and report what came of it.

``run`` is what ``cmp784 run`` calls. Importing this package is quick; papermill and dask, which
``pip install "cmp784[instructor]"`` brings, are loaded by ``run``.
"""

from cmp784.headless.options import RunOptions, UsageError
from cmp784.headless.report import Report
from cmp784.headless.result import Failure, Result
from cmp784.headless.runner import run

__all__ = ["Failure", "Report", "Result", "RunOptions", "UsageError", "run"]
