"""A lecture in JupyterLab, in a real browser: the slider moves by keyboard, the picture follows."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

LECTURE = Path("lectures/week01_introduction/01_neurons_as_logic.ipynb")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Chromium's own errands to the outside are switched off: the tests need no network.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a copy of the lecture in JupyterLab on this machine; yield the notebook's address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copy(root / LECTURE, folder / "lecture.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--ServerApp.root_dir={folder}", f"--ServerApp.port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--LabApp.news_url=None"]
    home = folder / "home"
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_DATA_DIR": str(home)}
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status", folder / "lab.log")
        yield f"http://127.0.0.1:{port}/lab/tree/lecture.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address: str, log: Path) -> None:
    for _attempt in range(240):
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            time.sleep(0.25)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def page(lab: str) -> Iterator["Page"]:
    """Open the notebook in the system's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        opened = browser.new_page(viewport={"width": 1400, "height": 1000})
        opened.goto(lab)
        yield opened
        browser.close()


@pytest.mark.skipif(
    CHROMIUM is None,
    reason="needs Chromium: install the system's package, apt-get install chromium",
)
def test_slider_moved_by_keyboard_changes_the_picture(page: "Page") -> None:
    """Does the picture of the first widget follow when an arrow key moves its slider?"""
    _run_up_to_the_first_slider(page)
    picture = page.locator(".jupyter-widgets img").first
    before = picture.get_attribute("src")

    handle = page.locator(".widget-hslider", has_text="weight 1").locator(".noUi-handle")
    handle.focus()
    for _press in range(15):
        page.keyboard.press("ArrowLeft")
    page.wait_for_function(
        "before => document.querySelector('.jupyter-widgets img').src !== before", arg=before
    )

    assert float(handle.get_attribute("aria-valuenow")) == pytest.approx(-0.5)
    assert "unit square" in picture.get_attribute("alt")


def _run_up_to_the_first_slider(page: "Page") -> None:
    """Run cell after cell until a slider stands on the page.

    A cell that is run before the kernel is connected is dropped, with or without a dialog, so the
    first one is run again until its prompt shows a number.
    """
    from playwright.sync_api import expect

    setup = page.locator(".jp-Notebook .jp-CodeCell").first
    prompt = setup.locator(".jp-InputPrompt")
    dialog = page.locator(".jp-Dialog .jp-mod-accept")
    setup.wait_for(timeout=90_000)
    for _attempt in range(20):
        while dialog.count():
            dialog.first.click()
        setup.click()
        page.keyboard.press("Control+Enter")
        with suppress(AssertionError):
            expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=10_000)
            break
    page.keyboard.press("Escape")
    for _cell in range(12):
        page.keyboard.press("Shift+Enter")
    page.locator(".noUi-handle").first.wait_for(timeout=120_000)
