"""The provisioner that Jupyter asks for kernels in rooms, and the manager of such a kernel."""

import asyncio
import atexit
import signal
import time
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Bool, Integer, List, Unicode

from autograder.rooms.choice import choose
from autograder.rooms.errors import RoomsError
from autograder.rooms.kernelspec import NAME, specification
from autograder.rooms.room import Room
from autograder.rooms.rooms import Rooms
from autograder.rooms.settings import Limits, MiB, RoomSettings

# The largest single output of a notebook; a larger message is refused before it is read.
LARGEST_MESSAGE = 64 * MiB


class RoomProvisioner(KernelProvisionerBase):
    """Starts a kernel in a room; chosen by the kernel's name, ``cmp784-room``."""

    isolation = Unicode("", help="Walls: warm, cold, container or none; empty: the best here.")
    preload = List(Unicode(), help="Modules to import once, before kernels are forked.")
    readable = List(Unicode(), help="More files and folders that the kernel may read.")
    memory = Integer(Limits.memory, help="Bytes of memory for all processes of a kernel.")
    copy_folder = Bool(True, help="Whether to copy the notebook's folder into the room.")

    room: Room | None = None
    _status: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel has been started and not been waited for."""
        return self.room is not None

    async def poll(self) -> int | None:
        """Return None while the kernel lives, else a status; `is_alive` calls it."""
        if self.room is None:
            return self._status or 0
        return None if not self.room.ended() else 1

    async def wait(self) -> int | None:
        """Wait for the end of the kernel, and end its room; the manager calls it last."""
        while await self.poll() is None:
            await asyncio.sleep(0.01)
        return self._release()

    def _release(self) -> int:
        if self.room is not None:
            self._status = 1 if self.room.ended() else 0
            self.room.close()
            self.room = None
        return self._status or 0

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel inside, as an interrupt does."""
        if self.room is not None and signum:
            self.room.send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """End the room; nothing in it can object."""
        self._release()

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        await self.send_signal(signal.SIGTERM)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Keep the folder and drop the rest: a room has its own environment and command."""
        return {"cmd": [], "cwd": kwargs.get("cwd"), "env": kwargs.get("env") or {}}

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Open a room; the manager calls it."""
        folder = kwargs.get("cwd")
        files = read_folder(Path(folder), Limits.folder) if folder and self.copy_folder else {}
        self.room = shared_rooms(self._settings()).open(files, heartbeat=True)
        self.connection_info = self.room.connection
        return self.connection_info

    def _settings(self) -> RoomSettings:
        return RoomSettings(
            choose(self.isolation or None).isolation,
            Limits(memory=self.memory),
            tuple(self.preload),
            tuple(self.readable),
        )

    async def cleanup(self, restart: bool = False) -> None:
        """End the room, if it still is; the manager calls it at the end."""
        self._release()


class RoomClient(AsyncKernelClient):
    """Waits for a kernel that was just forked no longer than needed, and for no heartbeat."""

    def start_channels(
        self,
        shell: bool = True,
        iopub: bool = True,
        stdin: bool = True,
        hb: bool = False,
        control: bool = True,
    ) -> None:
        """Connect to the kernel; its init watches over it, so no heartbeat is needed."""
        super().start_channels(shell, iopub, stdin, False, control)

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:
        """Return as soon as the kernel answers on both channels, without idle waits."""
        deadline = time.monotonic() + (60 if timeout is None else timeout)
        while True:
            request = self.kernel_info()
            if await self._answered(request, min(deadline, time.monotonic() + 5)):
                return
            if not await self._async_is_alive():
                raise RuntimeError(f"The kernel ended before it was ready: {self._why()}")
            if time.monotonic() >= deadline:
                raise RuntimeError(f"The kernel was not ready in {timeout} seconds.")

    def _why(self) -> str:
        """Return what the room says about the end of its kernel."""
        room = getattr(getattr(self.parent, "provisioner", None), "room", None)
        return room.ended() if room else "nobody knows why"

    async def _answered(self, request: str, deadline: float) -> bool:
        """Return whether a reply and the status "idle" arrive in time."""
        replied = idle = False
        while not (replied and idle) and (left := deadline - time.monotonic()) > 0:
            channel = self.iopub_channel if replied else self.shell_channel
            try:
                message = await channel.get_msg(timeout=min(left, 0.25))
            except Empty:
                if replied or not await self._async_is_alive():
                    # The subscription came later than the kernel's word: ask again.
                    return False
                continue
            if message["parent_header"].get("msg_id") != request:
                continue
            if not replied and message["msg_type"] == "kernel_info_reply":
                replied = True
                self._handle_kernel_info_reply(message)
            elif message["msg_type"] == "status":
                idle = message["content"]["execution_state"] == "idle"
        return replied and idle

    wait_for_ready = _async_wait_for_ready


class RoomManager(AsyncKernelManager):
    """The manager of a kernel that a `Room` has started."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._kernel_spec = KernelSpec(**specification())

    @property
    def kernel_spec(self) -> KernelSpec | None:
        """The specification, whether or not it is installed on this machine."""
        return self._kernel_spec


def manager_of(room: Room) -> RoomManager:
    """Return a manager of a room's running kernel."""
    manager = RoomManager(kernel_name=NAME, context=_context(), client_factory=RoomClient)
    provisioner = RoomProvisioner(kernel_id=room.connection["ip"], parent=manager)
    provisioner.kernel_spec = manager.kernel_spec
    provisioner.room = room
    provisioner.connection_info = room.connection
    manager.provisioner = provisioner
    manager.load_connection_info(room.connection)
    manager._attempted_start = True
    return manager


@cache
def _context() -> zmq.asyncio.Context:
    """Return the one context of this process; its sockets refuse enormous messages."""
    context = zmq.asyncio.Context()
    context.MAXMSGSIZE = LARGEST_MESSAGE
    return context


@cache
def shared_rooms(settings: RoomSettings) -> Rooms:
    """Return this process's rooms with such settings; they end with the process."""
    rooms = Rooms(settings, examiner=False)
    atexit.register(rooms.close)
    return rooms


def read_folder(folder: Path, most: int) -> dict[str, bytes]:
    """Return the regular files of a notebook's folder, by name.

    Links and hidden files are left out.

    Raises
    ------
    RoomsError
        They have more than ``most`` bytes.
    """
    found: dict[str, bytes] = {}
    left = most
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if any(part.startswith(".") for part in name.parts) or path.is_symlink():
            continue
        if path.is_file():
            left -= path.stat().st_size
            if left < 0:
                raise RoomsError(
                    f"{folder} holds more than {most >> 20} MiB, which its room cannot. Run the "
                    "notebook in a smaller folder, or set RoomProvisioner.copy_folder to False."
                )
            found[str(name)] = path.read_bytes()
    return found
