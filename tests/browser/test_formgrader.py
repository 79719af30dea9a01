"""Formgrader in JupyterLab, in a real browser, as `make lab` opens it at the course's top."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import nbformat
import pytest

from autograder.release import release
from autograder.workspace import open_workspace
from tests.autograder.tiny_course import make_course, make_source
from tests.browser.test_widgets_in_jupyterlab import CHROMIUM, QUIET, _wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a course with one released practical; yield JupyterLab's address."""
    course = make_course(tmp_path_factory.mktemp("course"))
    lectures = course / "solutions" / "lectures" / "week01"
    lectures.mkdir(parents=True)
    nbformat.write(make_source(), lectures / "01_x.ipynb")
    (course / "lectures").mkdir()
    release(open_workspace(course), "practical1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--LabApp.default_url=/lab/tree/lectures", f"--ServerApp.port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.ip=127.0.0.1", "--LabApp.news_url=None"]
    home = course / "gradebook" / "home"
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(home), "JUPYTER_DATA_DIR": str(home)}
    log = course / "gradebook" / "lab.log"
    with log.open("w") as file:
        server = subprocess.Popen(command, stdout=file, stderr=file, env=environment, cwd=course)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api/status", log)
        yield f"http://127.0.0.1:{port}/lab"
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.mark.skipif(
    CHROMIUM is None,
    reason="needs Chromium: install the system's package, apt-get install chromium",
)
def test_formgrader_lists_the_practical_with_its_due_date_and_no_lecture(lab: str) -> None:
    """Does the menu's formgrader show practicals alone, in the course's time zone?"""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(lab)
        page.get_by_role("menuitem", name="Nbgrader").click(timeout=90_000)
        page.get_by_role("menuitem", name="Formgrader", exact=True).click()
        rows = page.frame_locator("iframe").locator("#main-table tr")
        expect(rows.first).to_contain_text("practical1", timeout=30_000)
        listed = [row.inner_text().split("\t") for row in rows.all()]
        browser.close()

    name, due, *_ = [cell.strip() for cell in listed[0]]
    assert (len(listed), name, due) == (1, "practical1", "2024-10-24 23:59:59 +03")
