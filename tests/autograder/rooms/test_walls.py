"""What a student's code cannot do in a room."""

import os
import socket
import sys
from pathlib import Path

import pytest

from tests.autograder.rooms.kernels import run

ROOT = Path(__file__).resolve().parents[3]
FIRST_LINES = "import ctypes, errno, os, socket\nlibc = ctypes.CDLL(None, use_errno=True)\n"
TELL = "print(r, errno.errorcode[ctypes.get_errno()])"
# Calls that Linux refuses by the filter, by their numbers on x86_64.
CALLS = {
    "ptrace": (101, "EPERM"),
    "mount": (165, "EPERM"),
    "umount2": (166, "EPERM"),
    "pivot_root": (155, "EPERM"),
    "setns": (308, "EPERM"),
    "unshare": (272, "EPERM"),
    "bpf": (321, "EPERM"),
    "perf_event_open": (298, "EPERM"),
    "userfaultfd": (323, "EPERM"),
    "keyctl": (250, "EPERM"),
    "process_vm_readv": (310, "EPERM"),
    "open_by_handle_at": (304, "EPERM"),
    "pidfd_getfd": (438, "EPERM"),
    "io_uring_setup": (425, "ENOSYS"),
    "clone3": (435, "ENOSYS"),
    "memfd_create": (319, "ENOSYS"),
    "shmget": (29, "ENOSYS"),
}


def in_room(rooms, source):
    """Return what one cell says in a new room."""
    with rooms.open() as room:
        return run(room, FIRST_LINES + source)


@pytest.mark.parametrize(
    "path", ["/x", "/usr/x", "/etc/x", "/dev/x", "/proc/sys/kernel/hostname", "/run/x"]
)
def test_system_cannot_be_written(walled, path):
    """Nothing outside the private folders can be written."""
    said = in_room(walled, f"open({path!r}, 'w').write('x')")

    assert said.startswith(("OSError: [Errno 30]", "PermissionError", "FileNotFoundError"))


@pytest.mark.parametrize("folder", [ROOT / "autograder", sys.prefix])
def test_packages_can_be_read_but_not_written(walled, folder):
    """What is imported cannot be changed for the next room."""
    source = f"print(len(os.listdir({str(folder)!r})) > 1)\nopen({str(folder)!r} + '/x', 'w')"
    first, second = in_room(walled, source).splitlines()

    assert first == "True"
    assert second.startswith("OSError: [Errno 30]")


@pytest.mark.parametrize(
    "name", ["course.toml", "gradebook", "solutions", "tests", ".git", "source"]
)
def test_course_folder_is_not_there(walled, name):
    """The course root holds the packages only."""
    assert in_room(walled, f"os.path.lexists({str(ROOT / name)!r})") == "False"


def test_home_of_the_grader_is_not_there(walled):
    """Neither homes nor temporary folders of the machine can be seen."""
    source = "[[n for n in os.listdir(d) if n[0] != '.'] for d in ('/room', '/tmp')]"

    assert in_room(walled, source) == "[['work'], []]"


def test_environment_is_fresh(walled, monkeypatch):
    """No variable of the grader's is there."""
    monkeypatch.setenv("CMP784_SECRET", "hunter2")

    said = in_room(walled, "sorted(os.environ), 'hunter2' in str(os.environ)")

    assert "CMP784_SECRET" not in said
    assert said.endswith("False)")


def test_environment_of_processes_is_fresh(walled):
    """Nor is it in the environment that Linux shows of the room's processes."""
    said = in_room(walled, "b''.join(open(f'/proc/{p}/environ', 'rb').read() for p in ['self'])")

    assert "AWS" not in said
    assert "SSH" not in said


def test_processes_of_others_are_not_there(walled):
    """A room sees its own processes only."""
    source = "sorted(int(p) for p in os.listdir('/proc') if p.isdigit()) == [1, os.getpid()]"

    assert in_room(walled, source) == "True"


@pytest.mark.parametrize("what", ["mem", "environ", "maps", "fd", "root", "cwd"])
def test_init_cannot_be_looked_into(walled, what):
    """The room's first process keeps the connection to the grader to itself."""
    source = f"""
path = '/proc/1/{what}'
try:
    print(os.listdir(path) if os.path.isdir(path) else open(path, 'rb').read(10))
except OSError as error:
    print('refused')
"""
    assert in_room(walled, source) == "refused"


def test_init_cannot_be_killed(walled):
    """The room's first process ignores what the room sends it."""
    source = "[os.kill(1, s) for s in (9, 15, 2, 19)]\nimport time; time.sleep(0.3)\nprint('alive')"

    assert in_room(walled, source).endswith("alive")


def test_user_has_no_powers(walled):
    """No capability, no way to get one, and not root."""
    source = """
lines = dict(line.split(':', 1) for line in open('/proc/self/status'))
print({n: lines[n].strip() for n in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb')})
print(lines['NoNewPrivs'].strip(), lines['Seccomp'].strip(), os.getuid())
"""
    nothing = "0000000000000000"
    names = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    first, second = in_room(walled, source).splitlines()

    assert first == str(dict.fromkeys(names, nothing))
    assert second.split()[:2] == ["1", "2"]
    assert second.split()[2] != "0"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="knows the numbers of x86_64 only")
@pytest.mark.parametrize("name", CALLS)
def test_call_is_refused(walled, name):
    """The filter refuses calls that no notebook needs."""
    number, error = CALLS[name]
    source = f"r = libc.syscall({number}, 0, 0, 0, 0, 0, 0)\n{TELL}"

    assert in_room(walled, source) == f"-1 {error}"


@pytest.mark.parametrize("flag", [0x20000, 0x10000000, 0x20000000, 0x40000000])
def test_clone_makes_no_namespaces(walled, flag):
    """Nor does the old call for a process of its own."""
    number = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    source = f"r = libc.syscall({number}, {flag} | 17, 0, 0, 0, 0)\nif r == 0: os._exit(0)\n{TELL}"

    assert in_room(walled, source) == "-1 EPERM"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="knows the numbers of x86_64 only")
def test_other_numbering_of_calls_is_deadly(walled):
    """A call by x32's numbers ends the process that makes it."""
    source = """
p = os.fork()
if p == 0:
    libc.syscall(0x40000000 + 39)
    os._exit(0)
print(os.waitpid(p, 0)[1] & 127)
"""

    assert in_room(walled, source) == "31"


def test_network_is_not_there(walled):
    """No address but the room's own can be reached."""
    source = """
for family, host in ((2, '192.0.2.1'), (2, '1.1.1.1'), (10, '2606:4700::1111')):
    s = socket.socket(family); s.settimeout(2)
    try:
        s.connect((host, 53)); print('connected')
    except OSError as error:
        print(errno.errorcode.get(error.errno, error))
"""
    assert set(in_room(walled, source).split()) <= {"ENETUNREACH", "EADDRNOTAVAIL"}


def test_services_of_the_machine_are_not_there(walled):
    """A server on this machine's own loopback address is out of reach, by name and number."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = server.getsockname()
        said = in_room(walled, f"socket.create_connection({address!r}, timeout=2)")

    assert said.startswith("ConnectionRefusedError")


def test_abstract_sockets_of_the_machine_are_not_there(walled):
    """Sockets without a file belong to a network, and the room has another."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0cmp784-test-of-rooms")
        server.listen()
        said = in_room(walled, "socket.socket(1).connect('\\0cmp784-test-of-rooms')")

    assert said.startswith("ConnectionRefusedError")


@pytest.mark.parametrize("family", [40, 38, 17, 30], ids=["vsock", "alg", "packet", "tipc"])
def test_other_families_of_sockets_are_refused(walled, family):
    """Families that do not end at the walls cannot be used."""
    said = in_room(walled, f"socket.socket({family}, 5)")

    assert said.startswith("OSError: [Errno 97]")


def test_one_room_does_not_see_another(walled):
    """What one room writes, no other finds."""
    write = "[open(d + '/mine', 'w').write('x') for d in ('/tmp', '.', '/dev/shm', '/room')]"
    look = "[os.path.exists(d + '/mine') for d in ('/tmp', '.', '/dev/shm', '/room')]"
    with walled.open() as first, walled.open() as second:
        run(first, write)
        said = run(second, "import os\n" + look)

    assert said == "[False, False, False, False]"


def test_devices_are_harmless(walled):
    """Only what every program needs is in /dev."""
    said = in_room(walled, "sorted(os.listdir('/dev'))")

    assert set(eval(said)) <= {
        *("console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr"),
        *("stdin", "stdout", "tty", "urandom", "zero"),
    }


def test_socket_folder_is_not_there(walled):
    """The paths of the kernel's channels lead nowhere inside."""
    with walled.open() as room:
        path = room.connection["ip"]
        said = run(room, f"import os\nos.path.exists({os.path.dirname(path)!r})")

    assert said == "False"
