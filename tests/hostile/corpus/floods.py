"""Floods and hangs: more time, memory, processes, files and output than anybody should have."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete


def afterwards(*code: str) -> HandIn:
    """Give a good student's hand-in that runs this in the end: all points are deserved."""
    return HandIn(complete(), last=code)


@case("flood", *but())
def gigabyte_printed():
    """One GB of text is printed."""
    return afterwards("for _ in range(1024):\n    print('x' * (1 << 20))")


@case("flood", *but())
def million_outputs():
    """A million outputs are displayed."""
    return afterwards("from IPython.display import display\nfor n in range(10**6):\n    display(n)")


@case("flood", *but())
def display_updated_forever():
    """One display is updated without end, and cleared in between."""
    return afterwards(
        "from IPython.display import display, clear_output\nhandle = display(0, display_id=True)\n"
        "while True:\n    handle.update('x' * 10_000)\n    clear_output()\n    print('x')"
    )


@case("flood", *but())
def picture_of_two_hundred_megabytes():
    """One picture of 200 MB is displayed, and a page of 100 MB."""
    return afterwards(
        "from IPython.display import display\n"
        "display({'image/png': 'A' * (200 << 20), 'text/plain': 'x'}, raw=True)",
        "display({'text/html': '<b>' * (30 << 20)}, raw=True)",
    )


@case("flood", *but())
def printing_goes_on_behind():
    """A thread and a process print for ever, when the cell is long over."""
    return afterwards(
        "import subprocess, threading\n"
        "threading.Thread(target=lambda: [print('y' * 999) for _ in iter(int, 1)], daemon=True)"
        ".start()\nsubprocess.Popen('yes', shell=True)\nsubprocess.Popen(['sleep', '1000'])"
    )


@case("flood", *but())
def endless_cell():
    """A cell never ends."""
    return afterwards("while True:\n    pass")


@case("flood", *but())
def endless_cell_that_cannot_be_interrupted():
    """A cell never ends, and takes no signal and no exception for an answer."""
    return afterwards(
        "import signal, time\nfor one in (signal.SIGINT, signal.SIGTERM):\n"
        "    signal.signal(one, signal.SIG_IGN)\nwhile True:\n    try:\n"
        "        time.sleep(0.01)\n    except BaseException:\n        pass"
    )


@case("flood", *but("Q7"))
def endless_answer_that_cannot_be_interrupted():
    """An answer never ends and cannot be interrupted; those behind it deserve their points."""
    return HandIn(
        complete(
            Q7="import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
        )
    )


@case("flood", *but("Q1", "Q5"))
def endless_functions():
    """Two functions never return: one computes, the other sleeps and ignores signals."""
    return HandIn(
        complete(
            Q1="def compound(*args):\n    while args: pass",
            Q5=(
                "import signal, time\nclass Account:\n    def __init__(self, owner):\n"
                "        for one in range(1, 32):\n            try:\n"
                "                signal.signal(one, signal.SIG_IGN)\n"
                "            except (OSError, ValueError):\n                pass\n"
                "        while True:\n            try: time.sleep(1000)\n"
                "            except BaseException: pass"
            ),
        )
    )


@case("flood", *but())
def processes_without_end():
    """A fork bomb, of a size that the machine outside would survive."""
    return afterwards(
        "import os, time\nmade = 0\ntry:\n    while made < 3000:\n        made += 1\n"
        "        if os.fork() == 0:\n            time.sleep(3)\n            os._exit(0)\n"
        "except OSError as error:\n    print(made, error)"
    )


@case("flood", *but())
def threads_without_end():
    """Threads are started until none can be."""
    return afterwards(
        "import threading, time\nfor _ in range(5000):\n"
        "    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()"
    )


@case("flood", *but())
def memory_without_end():
    """Memory is taken until there is none, 20 GB at most."""
    return afterwards(
        "kept = []\nfor _ in range(80):\n    kept.append(bytearray(b'x') * (256 << 20))"
    )


@case("flood", *but("Q3"))
def memory_taken_by_a_function():
    """A function takes memory until there is none, 20 GB at most."""
    return HandIn(
        complete(
            Q3="def standardise(x):\n    kept = []\n    for _ in range(80):\n"
            "        kept.append(np.ones(32 << 20))\n    return x"
        )
    )


@case("flood", *but())
def disk_filled():
    """Files are written until there is no room, 3 GB at most."""
    return afterwards(
        "import os\nfor top in ('.', '/tmp', '/dev/shm'):\n    try:\n"
        "        for number in range(100):\n"
        "            with open(f'{top}/hostile-mark-{number}', 'wb') as file:\n"
        "                file.write(bytes(10 << 20))\n    except OSError as error:\n"
        "        print(error)"
    )


@case("flood", *but())
def descriptors_used_up():
    """All file descriptors are opened, and kept."""
    return afterwards(
        "import os\nkept = []\ntry:\n    while len(kept) < 100_000:\n"
        "        kept.append(os.open('/dev/null', 0))\nexcept OSError as error:\n    print(error)"
    )


@case("flood", *but())
def stack_overflown():
    """Recursion without a limit ends in a crash."""
    return afterwards(
        "import sys\nsys.setrecursionlimit(10**9)\ndef deep(n):\n    return [deep(n + 1)]\n"
        "try:\n    deep(0)\nexcept MemoryError:\n    pass",
    )


@case("flood", *but("Q4"))
def crash_in_a_function():
    """A function reads where there is no memory."""
    return HandIn(complete(Q4="import ctypes\ndef huber(*args, **more): ctypes.string_at(0)"))


@case("flood", *but())
def crash_in_a_cell():
    """The last cell reads where there is no memory, and the one before it aborts."""
    return afterwards("import os\nos.abort()", "import ctypes\nctypes.string_at(0)", "print(1)")


@case("flood", *but())
def three_crashes():
    """Three further cells in a row end the kernel, each in its way."""
    return afterwards(
        "import os\nos._exit(1)",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "import ctypes\nctypes.string_at(0)",
    )


@case("flood", *but())
def process_stopped():
    """The kernel stops itself, as Ctrl-Z does."""
    return afterwards("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)")


@case("flood", *but("Q1", "Q2", "Q3", "Q4", "Q7"))
def results_of_any_size():
    """Functions return what is too large, too deep, endless, or holds itself."""
    return HandIn(
        complete(
            Q1="def compound(*args): return 10 ** (10 ** 7)",
            Q2=(
                "def balances(*args):\n    inner = {}\n    for _ in range(10**5):\n"
                "        inner = {'ada': inner}\n    return inner"
            ),
            Q3="def standardise(x): return np.broadcast_to(np.zeros(()), (10**6, 10**6))",
            Q4="def huber(*args, **more): return torch.zeros(1).expand(10**12)",
            Q7=(
                "import itertools\ndef digit_sum(number):\n    if number == 7:\n"
                "        return itertools.count()\n    itself = []\n    itself.append(itself)\n"
                "    return itself if number == 123 else iter(lambda: 'x' * 10**6, 0)"
            ),
        )
    )


@case("flood", *but("Q2"))
def endless_iterator():
    """A function returns a dict whose items and keys never end."""
    return HandIn(
        complete(
            Q2=(
                "import itertools\nclass Endless(dict):\n    __len__ = lambda self: 10**9\n"
                "    def __iter__(self): return itertools.count()\n"
                "    keys = items = values = __iter__\n"
                "def balances(*args): return Endless()"
            )
        )
    )


@case("flood", *but())
def input_awaited():
    """Cells wait for somebody to type."""
    return afterwards(
        "answer = input('How much? ')",
        "import getpass\ngetpass.getpass()",
        "import sys\nsys.stdin.read()",
    )


@case("flood", *but())
def debugger_started():
    """A cell starts the debugger, and another turns it on for all errors."""
    return afterwards("breakpoint()", "%pdb on\n1 / 0", "import pdb\npdb.set_trace()")


@case("flood", *but())
def exit_that_never_ends():
    """Its exit handlers sleep for ever, and non-daemon threads wait for each other."""
    return afterwards(
        "import atexit, threading, time\natexit.register(time.sleep, 10**6)\n"
        "threading.Thread(target=time.sleep, args=(10**6,)).start()\n"
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)"
    )


@case("flood", *but("Q6"))
def text_flooded_by_a_function():
    """A function prints without end and raises an error with a message of 50 MB."""
    return HandIn(
        complete(
            Q6="def momentum_step(*args, **more):\n    for _ in range(200): print('z' * 10**6)\n"
            "    raise ValueError('v' * (50 << 20))"
        )
    )


@case("flood", *but())
def computing_in_many_threads():
    """A good answer starts as many threads as it can for torch, and an event loop of its own."""
    return afterwards(
        "import torch\ntorch.set_num_threads(64)\nx = torch.randn(600, 600)\n"
        "for _ in range(20): x = x @ x / 600",
        "import asyncio\nasync def wait():\n    await asyncio.sleep(0.01)\n    return 1\n"
        "print(await wait())\nasyncio.get_event_loop().call_later(10**6, print)",
    )
