"""Which walls are chosen where."""

import os
import stat

import pytest

from autograder.rooms import Choice, RoomsError, choice, choose
from tests.autograder.rooms.conftest import need


def fake_bubblewrap(folder, monkeypatch, script):
    """Put a program named bwrap first on the path; `$REAL` is the true one."""
    program = folder / "bwrap"
    program.write_text(
        f'#!/bin/sh\ntest "$1" = --version && echo bubblewrap 0.8.0 && exit\n{script}\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


def test_fastest_walls_are_taken():
    """Without a wish, warm rooms are made where they can be."""
    need("warm")

    assert choose(None) == Choice("warm", "")


@pytest.mark.parametrize("end", ["kill -9 $$", "exit 137"], ids=["itself", "within"])
def test_trial_that_was_killed_is_made_again(tmp_path, monkeypatch, end):
    """It tells nothing about the machine."""
    mark = tmp_path / "mark"
    script = f"test -e {mark} || {{ touch {mark}; {end}; }}; echo the outer wall stands"
    fake_bubblewrap(tmp_path, monkeypatch, script)

    assert choose(None) == Choice("warm", "")


@pytest.mark.parametrize("wish", [None, "", "warm"])
def test_cold_is_taken_and_said_where_namespaces_cannot_be_nested(tmp_path, monkeypatch, wish):
    """As on Ubuntu 24.04, where AppArmor forbids what bubblewrap starts to make any."""
    message = "echo the outer wall stands; echo '[Errno 1] unshare: Operation not permitted'"
    fake_bubblewrap(tmp_path, monkeypatch, message)

    assert choose(wish) == Choice(
        "cold",
        "namespaces cannot be nested on this machine: [Errno 1] unshare: Operation not permitted",
    )


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "AppArmor profile that allows"),
        ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
        ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=15000"),
        ("", "", "start it with a seccomp and AppArmor profile"),
    ],
)
def test_remedy_names_the_setting(tmp_path, monkeypatch, setting, value, remedy):
    """Where no walls can be built, nothing runs, and the words say what to change."""
    fake_bubblewrap(tmp_path, monkeypatch, "echo 'bwrap: No permissions' >&2; exit 1")
    monkeypatch.setattr(choice, "_read", lambda name: value if name == setting else "")

    with pytest.raises(RoomsError, match="bwrap: No permissions") as caught:
        choose(None)

    assert remedy in str(caught.value)
    assert "--isolation none" in str(caught.value)


def test_missing_bubblewrap_is_told_with_the_package(tmp_path, monkeypatch):
    """The package has a name."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RoomsError, match="apt install bubblewrap"):
        choose(None)


def test_old_bubblewrap_is_told(tmp_path, monkeypatch):
    """Versions that cannot limit a folder's size are refused."""
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho bubblewrap 0.6.1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    with pytest.raises(RoomsError, match=r"is version 0\.6\.1, but rooms need 0\.7"):
        choose(None)


def test_no_walls_are_taken_only_when_asked_for():
    """And the words say what that risks."""
    assert choose("none").isolation == "none"
    assert "a hand-in can read, change and delete whatever you can" in choose("none").why


def test_unknown_isolation_is_told():
    """The known ones are named."""
    with pytest.raises(
        RoomsError, match=r"'tepid' is unknown\. Known: warm, cold, container, none"
    ):
        choose("tepid")


def test_container_without_an_engine_is_told(tmp_path, monkeypatch):
    """The program to install has a name."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(RoomsError, match="apt install podman"):
        choose("container")
