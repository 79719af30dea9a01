"""What a liar says, and how the examiner is asked meanwhile."""

import struct
import time

import numpy
import torch

from autograder.crossing import networks, scalars
from autograder.crossing.channel import MAGIC
from tests.autograder.crossing.rooms import Liar
from tests.autograder.crossing.watching import MiB, watched

#: What the examiner imports when it first needs it, by no name of the student's.
IMPORTED = networks, numpy, scalars, torch
#: Seconds that a test has here. An attack may not hold the examiner for one second more.
SHORT = 1.0
HUGE = 10**400


def attacked(
    *lies, then=None, args=(), seconds=SHORT, memory=64 * MiB, but=(), use=lambda found: found
):
    """Ask a liar for something; return what came, and what the examiner said meanwhile."""
    with Liar(*lies, then=then, deadline=time.monotonic() + seconds) as liar:
        with watched(seconds + 1, memory, but):
            try:
                found = use(liar.student.call("any", *args))
            except Exception as error:
                found = error
        return found, liar


def frame(text, lengths=(), magic=MAGIC, size=None, count=None):
    """Return a frame's head, lengths and text, as wrong as it is asked for."""
    sizes = len(text) if size is None else size, len(lengths) if count is None else count
    head = struct.pack("<4sII", magic, *sizes)
    return head + struct.pack(f"<{len(lengths)}Q", *lengths) + text


def raw(*parts):
    """Reply with these bytes."""

    def lie(room, serial):
        for part in parts:
            room.sock.sendall(part)

    return lie


def hang_up(room, serial):
    """Reply with the end of the connection."""
    room.sock.shutdown(2)


def answer(node, buffers=(), **extras):
    """Answer with a node."""
    return lambda room, serial: room.say("=", serial, node, extras, buffers=buffers)


def text_of(found):
    """Return an error as its class and its words."""
    return type(found), str(found)


def ask(name, *nodes):
    """Ask the examiner for an operation, in place of an answer."""
    return lambda room, serial: room.say("?", 1, [name, list(nodes)], {})


def deep(node, levels, tag="l"):
    """Return a node within lists within lists."""
    for _ in range(levels):
        node = [tag, node]
    return node
