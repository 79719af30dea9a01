"""Tests of the course's server and of those who ask it."""

import json
import threading

import pytest

from autograder.office import client, serving
from autograder.office.client import ServerError, ask
from autograder.office.place import connect, find_course, say
from autograder.office.serving import ServeError, Server, listening
from autograder.office.summary import NeedsPerson, Score
from tests.autograder.graded_course import hand_in, make_course, make_handin
from tests.autograder.office.fakes import Here


@pytest.fixture
def served(tmp_path):
    """Make a course with one hand-in, and a server that grades it without rooms."""
    workspace = make_course(tmp_path)
    hand_in(workspace, "sample-01", make_handin(workspace))
    with listening(workspace) as listener:
        server = Server(workspace, Here(), "none")
        thread = threading.Thread(target=_serve, args=(server, listener), daemon=True)
        thread.start()
        yield workspace


def _serve(server, listener):
    try:
        server.run(listener)
    except OSError:  # the socket is closed at the end of the test
        return


def test_server_grades_and_tells_how_far_it_is(served):
    """All comes over as it would be without a server."""
    told = []

    done = ask(served.root, "practical1", None, False, told.append)

    assert done.graded == (Score("sample-01", 9.0, 14.0, pending=1),)
    assert [(one.done, one.total, one.what) for one in told] == [(0, 1, ""), (1, 1, "sample-01")]
    assert ask(served.root, "practical1", ["sample-01"], False, told.append).kept == done.graded


def test_what_needs_a_person_comes_over(served):
    """With its reason."""
    hand_in(served, "sample-01", "")

    done = ask(served.root, "practical1", None, False, lambda tally: None)

    assert [type(one) for one in done.needs_person] == [NeedsPerson]


def test_error_of_the_server_has_its_words_and_status(served):
    """A misspelt name is wrong usage, as without a server; the server stays."""
    with pytest.raises(ServerError, match="no notebook there") as caught:
        ask(served.root, "practical9", None, False, lambda tally: None)

    assert caught.value.status == 2
    assert ask(served.root, "practical1", None, False, lambda tally: None) is not None


def test_server_of_another_version_is_not_asked(served, monkeypatch):
    """It would grade by rules that have changed."""
    monkeypatch.setattr(client, "stamp", lambda: "newer")

    assert ask(served.root, "practical1", None, False, lambda tally: None) is None


def test_server_of_another_user_is_not_asked(served, monkeypatch):
    """Whoever put the file there could say that all is graded."""
    monkeypatch.setattr("autograder.office.place.peer", lambda connection: -1)

    assert connect(served.root) is None


def test_server_survives_clients_that_say_nothing_or_nonsense(served, monkeypatch):
    """The next one is served."""
    monkeypatch.setattr(serving, "PATIENCE", 0.2)
    for words in (b"", b"nonsense\n", b"[]\n"):
        with connect(served.root) as connection:
            connection.sendall(words)
    with connect(served.root) as connection:
        say(connection, {"grade": None})

    assert ask(served.root, "practical1", None, False, lambda tally: None) is not None


def test_second_server_is_refused(served):
    """Two would wait for each other."""
    with pytest.raises(ServeError, match="another 'autograder serve' runs"), listening(served):
        pass


def test_nothing_is_left_when_a_server_ends(tmp_path):
    """And a file that a killed server has left is no server."""
    workspace = make_course(tmp_path)
    with listening(workspace):
        named = workspace.run_time / "serve.json"
        words = json.loads(named.read_text())
    assert not named.exists()

    named.write_text(json.dumps(words))
    assert ask(workspace.root, "practical1", None, False, lambda tally: None) is None


def test_course_is_found_upwards_and_without_settings(tmp_path, monkeypatch):
    """As by the commands that load nbgrader."""
    (tmp_path / "course" / "inside").mkdir(parents=True)
    (tmp_path / "stock" / "source").mkdir(parents=True)
    (tmp_path / "course" / "nbgrader_config.py").touch()

    monkeypatch.chdir(tmp_path / "course" / "inside")
    assert find_course() == tmp_path / "course"
    monkeypatch.chdir(tmp_path / "stock")
    assert find_course() == tmp_path / "stock"
    assert find_course(tmp_path) is None
