"""Messages between the grader and the examiner's process."""

import os
import socket
import time

import pytest

from autograder.examiner import frames


def test_message_arrives_with_its_file():
    """Does an open file travel with its message?"""
    ours, theirs = socket.socketpair()
    with ours, theirs, open(os.devnull) as file:
        frames.send(ours, {"a": "b" * 100_000}, file.fileno())
        message, number = frames.receive(theirs)

    assert message == {"a": "b" * 100_000}
    assert number is not None
    os.close(number)


def test_end_and_silence_are_told_apart():
    """Is a process that has ended not taken for a slow one?"""
    ours, theirs = socket.socketpair()
    with theirs, pytest.raises(frames.Silence, match="did not answer in time"):
        frames.receive(ours, time.monotonic() + 0.01)
    with ours, pytest.raises(frames.Silence, match="has ended"):
        frames.receive(ours, time.monotonic() + 1)
