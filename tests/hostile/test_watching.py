"""Whatever watches for leaks and writes has to see them."""

import base64

import pytest

from tests.hostile.cases import MARK
from tests.hostile.listener import Listener
from tests.hostile.watching import Watch, holding

WORD, NUMBER = "canarykey0a1b2c3d4e5f", "812345678"
SHAPES = {
    "plain": f"it is {WORD}.",
    "reversed": WORD[::-1],
    "in base64": base64.b64encode(f"('{WORD}', 1)".encode()).decode(),
    "in hexadecimal": WORD.encode().hex(),
    "in pieces": '"canarykey0a1b", \n "2c3d4e5f"',
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_word_is_found_in_usual_shapes(text):
    """A hand-in that encodes what it steals is seen all the same."""
    assert holding(text.encode(), WORD)


@pytest.mark.parametrize("text", ["812,345,678.0", f"{812345678:x}", "(812345678,)", "876543218"])
def test_number_is_found_in_usual_shapes(text):
    """A number may be written in groups, in hexadecimal, or backwards."""
    assert holding(text.encode(), NUMBER)


def test_nothing_is_found_in_other_words():
    """Another canary is not this one."""
    assert not holding(b"canarykey000000000000 812345679", WORD)


def test_files_written_changed_and_taken_away_are_told(tmp_path):
    """A change of any kind is seen; what grading writes itself is no change."""
    course, home, temporary = (tmp_path / name for name in ("course", "home", "tmp"))
    for folder in (course / "gradebook" / "submitted", home, temporary):
        folder.mkdir(parents=True)
    for name in ("kept", "changed", "gone"):
        (course / name).write_text(name)
    watch = Watch(course, home, temporary)

    (course / "changed").write_text("anew")
    (course / "gone").unlink()
    (course / "gradebook" / "gradebook.db").touch()
    (course / "gradebook" / "submitted" / "new").touch()
    (home / MARK).symlink_to("/etc/passwd")

    assert set(watch.changes()) == {
        f"added: {course}/gradebook/submitted/new",
        f"added: {home}/{MARK}",
        f"changed: {course}/changed",
        f"gone: {course}/gone",
    }


def test_somebody_who_listens_hears_a_connection_and_a_packet():
    """The network test would notice."""
    import socket
    import time

    with Listener() as listener:
        socket.create_connection(("127.0.0.1", listener.port)).close()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(b"word", ("127.0.0.1", listener.port))
        end = time.monotonic() + 5
        while len(listener.heard) < 2 and time.monotonic() < end:
            time.sleep(0.01)

    assert sorted(line.split()[0] for line in listener.heard) == ["AF_INET", "packet"]
