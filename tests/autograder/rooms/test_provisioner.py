"""Kernels in rooms, by the name of a kernel."""

import asyncio
import json
import signal
import subprocess
import sys
import time

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager, start_new_kernel
from nbclient import NotebookClient

from autograder.rooms import RoomsError, install_kernel
from autograder.rooms.provisioner import read_folder
from tests.autograder.rooms.conftest import need

SOURCE = "import os, sys\nprint(os.getcwd(), sys.argv[0].endswith('ipykernel_launcher.py'))"


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """Install the kernel where Jupyter looks in this test."""
    need("warm")
    install_kernel(tmp_path / "prefix")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "prefix" / "share" / "jupyter"))


def notebook(*sources):
    """Return a notebook with cells of code."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    return nbformat.v4.new_notebook(cells=cells)


def test_kernel_is_found_by_name():
    """The specification names the provisioner."""
    found = KernelSpecManager().get_kernel_spec("cmp784-room")

    assert found.metadata["kernel_provisioner"]["provisioner_name"] == "room-provisioner"


def test_nbclient_runs_a_notebook_in_a_room():
    """Nothing but the kernel's name is needed."""
    ran = NotebookClient(notebook(SOURCE), kernel_name="cmp784-room").execute()

    assert ran.cells[0].outputs[0].text == "/room/work True\n"


def test_nbclient_runs_beside_the_files_of_a_folder(tmp_path):
    """The notebook's folder is copied into the room, links left out."""
    folder = tmp_path / "course"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.txt").write_text("abc")
    (folder / "link").symlink_to("/etc/passwd")
    source = "import os\nprint(open('data/a.txt').read(), sorted(os.listdir()))"
    resources = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook(source), kernel_name="cmp784-room", resources=resources)

    assert client.execute().cells[0].outputs[0].text == "abc ['data']\n"


def test_folder_that_is_too_large_is_told(tmp_path):
    """It would not fit into the room; hidden files do not count."""
    folder = tmp_path / "hand-in"
    (folder / ".git").mkdir(parents=True)
    for name in ("a.bin", ".git/b.bin"):
        (folder / name).write_bytes(bytes(1 << 20))

    assert list(read_folder(folder, 1 << 20)) == ["a.bin"]
    with pytest.raises(RoomsError, match="holds more than 0 MiB"):
        read_folder(folder, 1000)


def test_papermill_runs_a_notebook_in_a_room(tmp_path):
    """Papermill's command takes the kernel's name."""
    nbformat.write(notebook(SOURCE), tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "-k", "cmp784-room", "in.ipynb", "out.ipynb"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    ran = json.loads((tmp_path / "out.ipynb").read_text())
    assert ran["cells"][0]["outputs"][0]["text"] == ["/room/work True\n"]


def test_blocking_manager_starts_interrupts_and_ends_a_kernel():
    """Jupyter's own classes, its heartbeat and its polite end work too."""
    manager, client = start_new_kernel(kernel_name="cmp784-room")
    try:
        assert manager.is_alive()
        message = client.execute("while True: pass")
        time.sleep(0.3)
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=10)["parent_header"]["msg_id"] == message
        assert client.hb_channel.is_beating()
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert not manager.is_alive()


def test_dead_kernel_is_no_longer_alive():
    """Polling tells, and a restart gives a new room."""

    async def go():
        manager = AsyncKernelManager(kernel_name="cmp784-room")
        await manager.start_kernel()
        alive = [await manager.is_alive()]
        await manager.signal_kernel(signal.SIGKILL)
        await manager.provisioner.wait()
        alive.append(await manager.is_alive())
        await manager.restart_kernel(now=True)
        alive.append(await manager.is_alive())
        await manager.shutdown_kernel(now=True)
        return [*alive, await manager.is_alive()]

    assert asyncio.run(go()) == [True, False, True, False]
