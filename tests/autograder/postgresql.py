"""A PostgreSQL server of a test's own: a socket, no port, no password."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

#: Where Debian's package puts what it does not put on the path.
DEBIAN = Path("/usr/lib/postgresql")
REMEDY = "needs PostgreSQL: install the system's package 'postgresql'"


@contextmanager
def server() -> Iterator[str]:
    """Start a server with an empty database; yield SQLAlchemy's address of it, and stop it."""
    programs = _programs()
    # Not tmp_path: its folders are closed to other users, and a socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="cmp784-pg-"))
    data, who = folder / "data", _owner(folder)
    try:
        _run([programs / "initdb", "-D", data, "-U", "sample", "-A", "trust", "-E", "UTF8"], who)
        settings = f"-k {folder} -c listen_addresses= -c fsync=off"
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
        _run([*control, "-o", settings, "start"], who)
        try:
            yield f"postgresql+psycopg://sample@/postgres?host={folder}"
        finally:
            _run([*control, "-m", "immediate", "stop"], who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Find the newest server's programs, or skip the test."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if not versions:
        pytest.skip(REMEDY)
    return versions[-1].parent


def _owner(folder: Path) -> dict[str, Any]:
    """Give the folder to the user ``postgres`` if we are root, as whom no server starts."""
    if os.geteuid() != 0:
        return {}
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip(REMEDY)
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _run(command: list[Any], who: dict[str, Any]) -> None:
    """Run a server's program; what it says is told when it fails."""
    # A file takes its words: the server would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            list(map(str, command)), stdout=said, stderr=said, cwd="/", timeout=120, **who
        )
        said.seek(0)
        assert done.returncode == 0, said.read()
