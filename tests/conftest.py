"""What all tests share: one thread each, the repository's root, and what a missing thing means.

A test that needs what this machine lacks skips with a reason that begins with "needs " and ends
with the remedy. With CMP784_REQUIRE=1, as in continuous integration, such a skip is a failure.
"""

import os
from pathlib import Path

import pytest

# Before torch or numpy are loaded: tests run side by side, one thread each is fastest then.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the top of the repository."""
    return ROOT


def pytest_collection_modifyitems(config, items):
    """Leave out what is marked ``network``, unless the command line chooses by marks."""
    if config.option.markexpr:
        return
    chosen = [item for item in items if "network" not in item.keywords]
    config.hook.pytest_deselected(items=[item for item in items if "network" in item.keywords])
    items[:] = chosen


def pytest_runtest_setup(item):
    """Skip what is marked ``gpu`` where torch sees none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a GPU: run it on a machine with an NVIDIA GPU and its driver")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn a skip for want of something into a failure where everything is required."""
    outcome = yield
    # A GPU is nothing that a system's packages can give: its tests may skip anywhere.
    if not item.get_closest_marker("gpu"):
        _require(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector):
    """Do the same for a module that skips as a whole."""
    outcome = yield
    _require(outcome.get_result())


def _require(report):
    """Fail a report that skipped for want of something, if CMP784_REQUIRE says so."""
    if os.environ.get("CMP784_REQUIRE") != "1" or report.outcome != "skipped":
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if reason.startswith(("needs ", "could not import ")):
        report.outcome = "failed"
        report.longrepr = f"CMP784_REQUIRE=1 and this machine lacks something. The test {reason}"
