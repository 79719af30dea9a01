"""The way into a room: walls first, then limits, then the kernel or the examiner."""

import contextlib
import importlib
import os
import random
import shutil
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from autograder.rooms.inside import init, limits, parcel, preloads, snapshots, system, walls, wire

# What comes with a request to open a room, in this order.
PARCEL, CONTROL, QUESTIONS, FIRST_LISTENER = 0, 1, 2, 3


def enter(files: Sequence[int], kind: str) -> NoReturn:
    """Become the init of a new room; ``kind`` says who has built the walls (see `walls`)."""
    control = socket.socket(fileno=files[CONTROL])
    # The room's code may send init any signal, but only those with a handler reach it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with os.fdopen(files[PARCEL], "rb") as package:
            settings, names = parcel.read_settings(package)
            folders = walls.build(kind, settings)
            parcel.write_files(package, names, folders.work)
        os.chdir(folders.work)
        _furnish(folders, settings)
        _confine(kind, settings)
        if settings["grouped"]:
            # The grader sees by whom this was sent, and puts that process into a group.
            wire.send(control, {"here": os.getpid()})
            wire.receive(control)
        child, complaints = _start(files, settings)
        system.set_dumpable(False)
        wire.send(control, {"opened": os.getpid()})
    except BaseException:
        wire.send(control, {"failed": traceback.format_exc()[-8000:]})
        os._exit(1)
    grouped = settings["grouped"]
    keeper = init.Init(control, child, complaints, settings["limits"], folders.in_memory, grouped)
    _keep(keeper, folders)


def _keep(keeper: init.Init, folders: walls.Folders) -> NoReturn:
    with contextlib.suppress(BaseException):
        keeper.run()
    init.end_all()
    if folders.base:
        shutil.rmtree(folders.base, ignore_errors=True)
    os._exit(0)


def _furnish(folders: walls.Folders, settings: dict[str, Any]) -> None:
    """Set the environment: nothing in it comes from the grader's own."""
    environment = {
        **settings["environment"],
        "HOME": str(folders.home),
        "TMPDIR": folders.temporary,
    }
    os.environ.clear()
    os.environ.update(environment)
    os.umask(0o077)


def _confine(kind: str, settings: dict[str, Any]) -> None:
    """Give up what the room's code must never have."""
    os.setsid() if os.getpid() != os.getsid(0) else None
    system.adopt_orphans()
    limits.apply(settings["limits"], kind != walls.NONE)
    if kind == walls.NONE:
        return
    system.drop_privileges()
    importlib.import_module("autograder.rooms.inside.filters").install()


def _start(files: Sequence[int], settings: dict[str, Any]) -> tuple[int, int]:
    """Fork the process that works; init goes on, and can read why a start failed."""
    _open_null((0, 1, 2))
    complaints, complain = os.pipe()
    child = os.fork()
    if child:
        for file in (complain, *files[QUESTIONS:]):
            os.close(file)
        return child, complaints
    status = 1
    try:
        for file in (complaints, files[CONTROL]):
            os.close(file)
        _settle(settings["limits"])
        _work(files, settings, complain)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(complain, traceback.format_exc()[-4000:].encode())
    finally:
        os._exit(status)


def _settle(most: dict[str, Any]) -> None:
    os.setsid()
    system.die_with_parent(signal.SIGKILL)
    system.set_dumpable(True)
    # When the machine runs out of memory, this goes before init and before the grader.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    limits.apply_to_work(most)
    reseed()


def _work(files: Sequence[int], settings: dict[str, Any], complain: int) -> None:
    """Be the examiner or the kernel; the kernel stops complaining once it listens to a student."""
    questions = socket.socket(fileno=files[QUESTIONS])
    preloads.choose_backend()
    if settings["what"] == "examiner":
        # As a kernel does: modules beside the notebook can be imported.
        sys.path.insert(0, "")
        importlib.import_module("autograder.examiner.process").main(questions)
        return
    snapshots.attach(questions, settings["path"])
    kernel = importlib.import_module("autograder.rooms.inside.kernel")
    try:
        app = kernel.prepare(settings, files[FIRST_LISTENER:])
    except SystemExit:
        # Jupyter's way to say that a configuration is wrong.
        raise RuntimeError("the kernel did not start") from None
    os.close(complain)
    app.start()


def reseed() -> None:
    """Give this fork random numbers of its own: all forks of a zygote start with the same."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(random.getrandbits(32))
    if torch := sys.modules.get("torch"):
        # Not `torch.manual_seed`: it would look for devices.
        torch.default_generator.manual_seed(random.getrandbits(63))


def _open_null(numbers: Sequence[int]) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(null, number)
    if null not in numbers:
        os.close(null)
