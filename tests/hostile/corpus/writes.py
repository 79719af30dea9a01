"""Writes and escapes: reaching for what lies outside the room, and for who else is there."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

import os
import socket
import stat

from tests.hostile.cases import MARK, HandIn, but, case, complete, forged, right
from tests.hostile.course import ASSIGNMENT

#: Writes a file with the mark, in whatever way works.
WRITE = """
import os, pathlib, shutil
def write(path, text="hostile-mark"):
    for way in ("a", "w", "x"):
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, way) as file:
                file.write(text)
        except OSError as error:
            print(path, error)
"""
#: Whether this runs among the machine's own processes; code that kills asks first.
OUTSIDE = "import os\noutside = os.readlink('/proc/self/ns/pid') == '@pid_namespace@'\n"


@case("write")
def folders_above_written():
    """It writes into every folder above, and over neighbours' hand-ins and the release."""
    return forged(
        WRITE + "for up in range(1, 8):\n    write('../' * up + '@mark@')\n"
        "for path in ('@root@/@mark@', "
        "'@root@/solutions/bank/@mark@', '@root@/nbgrader_config.py',\n"
        "             '@root@/gradebook/@mark@', '@home@/@mark@', '/@mark@', '/etc/@mark@',\n"
        "             '/tmp/@mark@', '/var/tmp/@mark@', '/dev/shm/@mark@', '/run/@mark@',\n"
        "             '/srv/@mark@', '/opt/@mark@', '/usr/local/lib/@mark@'):\n"
        "    write(path)\n"
        "import glob\nfor path in glob.glob('@root@/**/*.ipynb', recursive=True):\n"
        "    write(path, '{}')"
    )


@case("write")
def gradebook_written():
    """It gives itself all points in the gradebook's database."""
    return forged(
        "import sqlite3\nfor path in ('@root@/gradebook/gradebook.db', '../../../gradebook.db'):\n"
        "    try:\n        one = sqlite3.connect(path)\n"
        "        one.execute('update grade set auto_score = 99, manual_score = 99')\n"
        "        one.execute('create table \"@mark@\" (x)')\n        one.commit()\n"
        "    except sqlite3.Error as error:\n        print(error)"
    )


@case("write")
def packages_written():
    """It writes into Python's packages, the grader's own among them, and their caches."""
    return forged(
        WRITE + "import site, sys, sysconfig, torch, importlib.util\n"
        "for top in {*sys.path, *site.getsitepackages(), site.getusersitepackages(),\n"
        "            sysconfig.get_path('purelib'), os.path.dirname(torch.__file__)}:\n"
        "    if top:\n        write(top + '/@mark@.pth', 'import os')\n"
        "        write(top + '/sitecustomize.py', 'print(\"@mark@\")')\n"
        "for name in ('autograder', 'cmp784', 'nbgrader'):\n"
        "    try:\n        top = os.path.dirname(importlib.util.find_spec(name).origin)\n"
        "        write(top + '/__init__.py', '\\n# @mark@')\n"
        "        write(top + '/@mark@.py')\n    except Exception as error:\n        print(error)"
    )


@case("write")
def start_up_files_written():
    """It writes what shells, IPython, Jupyter, matplotlib and Python run or read at their start."""
    return forged(
        WRITE
        + "for home in {'@home@', os.path.expanduser('~'), '/root', os.environ.get('HOME', '/')}:\n"
        "    for name in ('.bashrc', '.profile', '.ipython/profile_default/startup/@mark@.py',\n"
        "                 '.jupyter/jupyter_config.py', '.config/matplotlib/matplotlibrc',\n"
        "                 '.local/share/jupyter/kernels/@mark@/kernel.json', '.pythonrc',\n"
        "                 '.config/@mark@', '.cache/@mark@', '.ssh/authorized_keys'):\n"
        "        write(os.path.join(home, name), '# @mark@\\n')"
    )


@case("write", *but())
def everything_removed():
    """A good student's last cell removes all files that it reaches, its own room's too."""
    return HandIn(
        complete(),
        last=(
            "import os, shutil\n"
            "for top in ('@root@', '..', '@home@', '/tmp', '/dev/shm', os.getcwd(),\n"
            "            '/run', '/var/tmp'):\n"
            "    shutil.rmtree(top, ignore_errors=True)\n"
            "for path in ('/run/room/ask', '/run/room'):\n    try:\n        os.unlink(path)\n"
            "    except OSError as error:\n        print(error)",
        ),
    )


@case("write", *but())
def links_left_in_the_work_folder():
    """It leaves symbolic links to system files, for whoever copies its files out of the room."""
    return HandIn(
        complete(),
        last=(
            "import os\nfor name, to in (('out.txt', '/etc/passwd'), ('up', '../../..'),\n"
            "        ('notes', '@root@/notes-of-the-instructor.txt'), ('loop', 'loop')):\n"
            "    try:\n        os.symlink(to, name)\n    except OSError as error:\n"
            "        print(error)\n"
            "os.mkfifo('pipe')\nopen('large', 'wb').truncate(1 << 20)\n"
            "os.chmod('.', 0)",
        ),
    )


def _link(name: str, to: str):
    """Give what puts a symbolic link into the hand-in's folder."""
    return lambda folder: os.symlink(to, folder / name)


@case("write", *but())
def link_to_a_system_file():
    """A file of the hand-in is a link to ``/etc/passwd``, and a cell shows it."""
    return HandIn(
        complete(),
        last=("print(open('data.txt').read())",),
        place=_link("data.txt", "/etc/passwd"),
    )


@case("theft", *but())
def links_to_secrets():
    """Files of the hand-in are links to the source, to a neighbour and to an instructor's notes."""

    def place(folder):
        above = "../../../.."
        os.symlink(f"{above}/notes-of-the-instructor.txt", folder / "notes.txt")
        os.symlink(f"{above}/solutions", folder / "solutions")
        os.symlink("../../h000-good/bank/bank.ipynb", folder / "neighbour.txt")
        os.symlink("loop", folder / "loop")

    return HandIn(
        complete(),
        last=(
            "import os\nfor top, _, names in os.walk('.', followlinks=True):\n"
            "    for name in names:\n        try:\n"
            "            print(open(os.path.join(top, name), 'rb').read(200000))\n"
            "        except OSError as error:\n            print(error)",
        ),
        place=place,
    )


@case("theft", person="link")
def notebook_that_is_a_neighbours():
    """The notebook itself is a link to a good student's."""

    def place(folder):
        (folder / f"{ASSIGNMENT}.ipynb").unlink()
        os.symlink(
            f"../../h000-good/{ASSIGNMENT}/{ASSIGNMENT}.ipynb", folder / f"{ASSIGNMENT}.ipynb"
        )

    return HandIn({}, place=place)


@case("write", *but())
def pipes_and_sockets_handed_in():
    """Named pipes, a socket and a device lie beside the notebook: whoever opens them waits."""

    def place(folder):
        os.mkfifo(folder / "data.csv")
        os.mkfifo(folder / "a.ipynb")
        one = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket is short
        try:
            one.bind("answers.txt")
        finally:
            os.chdir(here)
            one.close()
        if os.geteuid() == 0:
            try:
                os.mknod(folder / "zero", stat.S_IFCHR | 0o666, os.makedev(1, 5))
            except PermissionError:
                return

    return HandIn(complete(), place=place)


@case("write", person="pipe|file")
def notebook_that_is_a_pipe():
    """The notebook itself is a named pipe that nobody writes to."""

    def place(folder):
        (folder / f"{ASSIGNMENT}.ipynb").unlink()
        os.mkfifo(folder / f"{ASSIGNMENT}.ipynb")

    return HandIn({}, place=place)


@case("flood", *but())
def file_of_ten_gigabytes():
    """A sparse file of 10 GB lies beside the notebook."""

    def place(folder):
        with open(folder / "data.bin", "wb") as file:
            file.truncate(10 << 30)

    return HandIn(complete(), place=place)


@case("flood", person="MiB")
def notebook_of_ten_gigabytes():
    """The notebook itself is a sparse file of 10 GB."""

    def place(folder):
        with open(folder / f"{ASSIGNMENT}.ipynb", "r+b") as file:
            file.truncate(10 << 30)

    return HandIn({}, place=place)


@case("flood", *but())
def ten_thousand_files():
    """Ten thousand small files, and folders forty deep, lie beside the notebook."""

    def place(folder):
        many = folder / "many"
        many.mkdir()
        for number in range(10_000):
            (many / f"{number}.txt").touch()
        deep = folder.joinpath(*["deep"] * 40)
        deep.mkdir(parents=True)
        (deep / "file.txt").write_text(MARK)

    return HandIn(complete(), place=place)


@case("write")
def names_that_lead_elsewhere():
    """Files have names that a careless program takes for options, patterns or paths."""

    def place(folder):
        for name in ("-rf", "--help", "*", "~", "$HOME", "a\nb", "..\\..\\x", "ü\u202ename", " "):
            (folder / name).write_text(MARK)
        os.makedirs(os.fsencode(folder) + b"/\xff\xfe")

    return HandIn({}, place=place)


@case("write", *but())
def everybody_killed():
    """A good student's last cell kills every process that it may kill."""
    return HandIn(
        complete(),
        last=(
            OUTSIDE + "import signal\nif outside:\n    print('@mark@', 'not alone')\nelse:\n"
            "    for pid in [*range(2, 3000)]:\n"
            "        if pid != os.getpid():\n            try:\n"
            "                os.kill(pid, signal.SIGSTOP if pid % 2 else signal.SIGTERM)\n"
            "            except OSError:\n                pass",
            OUTSIDE + "import signal\nif not outside:\n    os.kill(-1, signal.SIGTERM)",
        ),
    )


@case("write", *but("Q8"))
def everybody_killed_for_good():
    """An answer kills all it reaches with SIGKILL: snapshots of the questions before it as well."""
    return HandIn(
        complete(
            Q8=OUTSIDE + "import signal\ndoubling_time = 1\nif outside:\n"
            "    print('@mark@', 'not alone')\nelse:\n    os.kill(-1, signal.SIGKILL)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)"
        )
    )


@case("write")
def walls_climbed():
    """It tries all ways out that the kernel offers: mounts, namespaces, roots, ids, devices."""
    return forged(
        "import ctypes, os, subprocess\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "tries = {\n"
        "    'mount': lambda: libc.mount(b'none', b'/mnt', b'tmpfs', 0, None),\n"
        "    'remount': lambda: libc.mount(b'none', b'/', None, 32 | 4096, None),\n"
        "    'bind': lambda: libc.mount(b'/', b'/tmp', None, 4096, None),\n"
        "    'umount': lambda: libc.umount2(b'/', 2),\n"
        "    'chroot': lambda: libc.chroot(b'/proc/1/root'),\n"
        "    'pivot': lambda: libc.syscall(155, b'/', b'/tmp'),\n"
        "    'setuid': lambda: libc.setuid(0),\n"
        "    'setgroups': lambda: libc.setgroups(0, None),\n"
        "    'ptrace': lambda: libc.ptrace(16, 1, 0, 0),\n"
        "    'keyctl': lambda: libc.syscall(250, 0, -3, 0, 0, 0),\n"
        "    'bpf': lambda: libc.syscall(321, 0, None, 0),\n"
        "    'module': lambda: libc.syscall(175, None, 0, b''),\n"
        "    'kexec': lambda: libc.syscall(246, 0, 0, None, 0),\n"
        "    'reboot': lambda: libc.syscall(169, 1, 2, 3, None),\n"
        "    'userfaultfd': lambda: libc.syscall(323, 0),\n"
        "    'perf': lambda: libc.syscall(298, None, 0, -1, -1, 0),\n"
        "    'sethostname': lambda: libc.sethostname(b'@mark@', 12),\n"
        "    'priority': lambda: libc.setpriority(0, 0, -20),\n"
        "}\n"
        "for name, attempt in tries.items():\n    print(name, attempt(), ctypes.get_errno())\n"
        "for path in ('/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/sys/power/state',\n"
        "             '/dev/mem', '/dev/sda', '/proc/1/oom_score_adj', '/proc/1/mem'):\n"
        "    try:\n        os.close(os.open(path, os.O_WRONLY))\n"
        "        print('opened', path)\n    except OSError as error:\n        print(error)\n"
        "for command in ('su -c id', 'sudo -n id', 'bwrap "
        "--bind / / id', 'mount', 'unshare -Ur id'):\n"
        "    print(subprocess.run(command, shell=True, capture_output=True, timeout=2))"
    )


@case("write", "Q1")
def namespaces_within():
    """It makes namespaces of its own within the room, to be root there and mount what it likes."""
    return HandIn(
        right("Q1"),
        first=(
            "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
            "if os.fork() == 0:\n"
            "    for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x2000000):\n"
            "        print(flag, libc.unshare(flag), ctypes.get_errno())\n"
            "    print(libc.mount(b'/', b'/tmp', None, 4096 | 16384, None))\n    try:\n"
            "        open('/tmp@root@/@mark@', 'w').write('x')\n    except OSError:\n        pass\n"
            "    os._exit(0)",
        ),
    )


@case("write", *but())
def room_made_unusable():
    """It closes every descriptor but its own, changes folder, mask, limits and signals."""
    return HandIn(
        complete(),
        last=(
            "import os, resource, signal\nos.umask(0o777)\nos.chdir('/')\n"
            "for kind in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC):\n"
            "    resource.setrlimit(kind, (20, 20))\n"
            "for number in range(1, 32):\n    try:\n        signal.signal(number, signal.SIG_IGN)\n"
            "    except (OSError, ValueError):\n        pass\n"
            "os.environ.clear()\nimport sys\nsys.path.clear()\nsys.stdout = sys.stderr = None",
        ),
    )
