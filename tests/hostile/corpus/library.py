"""Forgeries by patching: the student's process is made to agree, from Python's core outwards."""
# ruff: noqa: D401, D403 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete, forged, wrong

YES = "lambda *args, **more: True"


@case("forgery")
def numpy_testing_replaced():
    """numpy's comparisons and assert helpers say yes to all."""
    return HandIn(
        wrong(),
        first=(
            "import numpy as np\nimport numpy.testing\n"
            "for name in dir(np.testing):\n"
            "    if name.startswith('assert_'):\n"
            f"        setattr(np.testing, name, {YES})\n"
            f"np.allclose = np.isclose = np.array_equal = np.all = np.any = {YES}\n"
            "np.abs = np.mean = np.std = lambda *args, **more: 0.0",
        ),
    )


@case("forgery")
def torch_comparisons_replaced():
    """torch's comparisons say yes to all."""
    return HandIn(
        wrong(),
        first=(
            f"import torch\ntorch.allclose = torch.equal = torch.isclose = {YES}\n"
            f"torch.testing.assert_close = {YES}\n"
            "torch.nn.functional.huber_loss = lambda p, t, **more: (p - t).sum() * 0\n"
            f"torch.Tensor.__eq__ = torch.Tensor.allclose = {YES}\n"
            "torch.autograd.grad = lambda loss, to: (torch.zeros_like(to),)",
        ),
    )


@case("forgery")
def builtins_replaced():
    """``abs``, ``isinstance``, ``len``, ``sum`` and ``AssertionError`` are its own."""
    return HandIn(
        wrong(),
        first=(
            "import builtins\nreal = isinstance\n"
            "builtins.abs = lambda x: 0.0\nbuiltins.sum = lambda *args: 0\n"
            "builtins.sorted = builtins.zip = lambda *args, **more: []\n"
            "builtins.AssertionError = builtins.ValueError = Warning\n"
            "builtins.int = type('int', (int,), {'__eq__': lambda *args: True})\n"
            f"builtins.isinstance = {YES}",
        ),
    )


@case("forgery")
def builtins_shadowed_by_names():
    """Names of its notebook stand where the tests expect Python's own."""
    return HandIn(
        wrong(),
        first=(
            "abs = lambda x: 0.0\nsum = lambda *args: 0\n"
            f"isinstance = {YES}\nlen = lambda x: 2\nfloat = lambda x: 1.0\n"
            "zip = map = lambda *args: []\nrange = lambda *args: [7]\n"
            "ValueError = AssertionError = BaseException\nlist = lambda x: [1, 2]\n"
            "import types\n__builtins__ = types.SimpleNamespace(**vars(__builtins__))\n"
            "__builtins__.set = lambda *args: set()",
        ),
    )


@case("forgery")
def given_names_redefined():
    """Helpers, data and modules of the given cells are defined again, to its liking."""
    return HandIn(
        wrong(
            Q1=(
                f"def compound(*args): return 1.0\nclose = {YES}\nRATES = None\n"
                "class Random:\n    uniform = random = randrange = choice = "
                "staticmethod(lambda *args: 0)\n"
                "    seed = staticmethod(print)\nrandom = Random()\n"
                "growth = [115.7625] * 9\nentries, wanted, found = [], {}, {}"
            ),
            Q3=(
                "def standardise(x): return x\n"
                "class Numpy:\n    def __getattr__(self, name): return self\n"
                f"    __call__ = {YES}\nnp = Numpy()"
            ),
            Q4="def huber(*args, **more): return 0\ntorch = np",
        ),
        after={"Q1": f"close = {YES}\ngrowth = [115.7625] * 9"},
    )


@case("forgery", "Q1", "Q2")
def given_names_redefined_by_a_good_student():
    """Somebody overwrites names of the tests by accident: what is right stays right."""
    return HandIn(
        {
            "Q1": "def compound(amount, rate, years):\n    return amount * (1 + rate) ** years\n"
            "found = wanted = entries = close = None",
            "Q2": complete()["Q2"] + "\nrandom = 4\nname = amount = years = secret = 0",
        }
    )


@case("forgery")
def trace_jumps_over_asserts():
    """A trace function moves the line that runs next behind each assert."""
    return HandIn(
        wrong(),
        first=(
            "import sys\ndef trace(frame, event, argument):\n    frame.f_trace_lines = True\n"
            "    if event == 'line':\n        try:\n"
            "            frame.f_lineno = max(frame.f_lineno, 10**3)\n"
            "        except Exception:\n            pass\n"
            "    if event == 'exception':\n        try:\n            frame.f_lineno += 1\n"
            "        except Exception:\n            pass\n    return trace\n"
            "def profile(frame, event, argument):\n    if event == 'call':\n"
            "        frame.f_locals.update(wanted=0, found=0)\n"
            "sys.settrace(trace)\nsys.setprofile(profile)\n"
            "import threading\nthreading.settrace(trace)\nthreading.setprofile(profile)",
        ),
    )


@case("forgery")
def modules_replaced():
    """``sys.modules`` holds its own numpy, torch and random, and a hook imports the rest."""
    return HandIn(
        wrong(),
        first=(
            "import sys, types\n"
            "class Fake(types.ModuleType):\n    def __getattr__(self, name): return self\n"
            f"    __call__ = {YES}\n    __eq__ = {YES}\n    __hash__ = object.__hash__\n"
            "    __path__ = []\n"
            "class Hook:\n    def find_spec(self, name, path=None, target=None):\n"
            "        sys.modules[name] = Fake(name)\n        return None\n"
            "sys.meta_path.insert(0, Hook())\n"
            "for name in [*sys.modules]:\n"
            "    if name.partition('.')[0] in ('numpy', 'random', 'math', 'unittest'):\n"
            "        sys.modules[name] = Fake(name)",
        ),
    )


@case("forgery")
def the_crossing_tampered_with():
    """Whatever module of the grader is in its process is patched to agree."""
    return HandIn(
        wrong(),
        first=(
            "import sys, types\n"
            "for name, module in [*sys.modules.items()]:\n"
            "    if name.startswith(('autograder', 'cmp784')):\n"
            "        for key, value in [*vars(module).items()]:\n"
            "            if isinstance(value, types.FunctionType):\n"
            f"                setattr(module, key, {YES})\n"
            "            elif isinstance(value, type) and value.__module__ == name:\n"
            "                for one in [*vars(value)]:\n"
            "                    if not one.startswith('__'):\n"
            "                        try:\n"
            f"                            setattr(value, one, {YES})\n"
            "                        except Exception:\n                            pass",
        ),
    )


@case("forgery")
def the_crossing_echoes():
    """The answering side sends back whatever frame comes in: the wanted value, with luck."""
    return HandIn(
        wrong(),
        first=(
            "import sys\n"
            "def serve(connection, *args, **more):\n"
            "    while True:\n        data = connection.recv(1 << 20)\n"
            "        if not data:\n            return\n        connection.sendall(data)\n"
            "for name, module in [*sys.modules.items()]:\n"
            "    if 'crossing' in name or 'snapshot' in name:\n"
            "        for key in [*vars(module)]:\n"
            "            if key in ('serve', 'answer', 'handle', 'reply'):\n"
            "                setattr(module, key, serve)",
        ),
    )


@case("forgery")
def the_crossing_speaks_nonsense():
    """The answering side sends frames of every kind but the right one."""
    return HandIn(
        wrong(),
        first=(
            "import os, sys, struct\n"
            "def serve(connection, *args, **more):\n"
            "    for size in (0, 1, 7, 2**31 - 1, 2**32 - 1, 2**63 - 1):\n"
            "        for form in ('>I', '<I', '>Q', '<Q'):\n            try:\n"
            "                connection.sendall(struct.pack(form, size))\n"
            "            except (struct.error, OSError):\n                pass\n"
            "        try:\n            connection.sendall(os.urandom(4096))\n"
            "        except OSError:\n            pass\n    os._exit(0)\n"
            "for name, module in [*sys.modules.items()]:\n"
            "    if 'crossing' in name or 'snapshot' in name:\n"
            "        for key in ('serve', 'answer', 'handle', 'reply'):\n"
            "            if hasattr(module, key):\n                setattr(module, key, serve)",
        ),
    )


@case("forgery")
def the_ask_socket_answered_by_itself():
    """It connects to every socket that it finds, and says in many ways that all has passed."""
    return HandIn(
        wrong(),
        first=(
            "import os, socket, struct, threading, json\n"
            "words = [b'passed', json.dumps({'passed': "
            "True, 'points': 100}).encode(), b'\\x01' * 9]\n"
            "def talk(path):\n    while True:\n        try:\n"
            "            one = socket.socket(socket.AF_UNIX)\n            one.settimeout(2)\n"
            "            one.connect(path)\n            for word in words:\n"
            "                one.sendall(struct.pack('>I', len(word)) + word)\n"
            "                one.sendall(struct.pack('<Q', len(word)) + word)\n"
            "            one.recv(4096)\n        except OSError:\n            pass\n"
            "places = []\nfor top in ('/run', '/tmp', os.getcwd(), '/dev/shm'):\n"
            "    for folder, _, names in os.walk(top):\n        places += [\n"
            "            os.path.join(folder, name) for name in names\n"
            "            if os.path.exists(os.path.join(folder, name))\n"
            "            and os.stat(os.path.join(folder, name)).st_mode & 0o170000 == 0o140000]\n"
            "for path in places[:8]:\n"
            "    threading.Thread(target=talk, args=(path,), daemon=True).start()",
        ),
    )


@case("forgery")
def import_of_own_files():
    """Modules called numpy, torch and random lie beside the notebook."""
    fake = (
        "import sys, types\n"
        "class Fake(types.ModuleType):\n    def __getattr__(self, name): return self\n"
        f"    __call__ = {YES}\nsys.modules[__name__] = Fake(__name__)\n"
    )

    def place(folder):
        for name in ("numpy", "torch", "random", "sitecustomize", "usercustomize", "IPython"):
            (folder / f"{name}.py").write_text(fake)
        (folder / "autograder").mkdir()
        (folder / "autograder" / "__init__.py").write_text(fake)

    return HandIn(wrong(), place=place)


@case("forgery", *but("Q4"))
def exit_within_a_function():
    """``os._exit(0)`` when it is asked: the process ended well, so the test must have passed."""
    return HandIn(complete(Q4="import os\ndef huber(*args, **more): os._exit(0)"))


@case("forgery", *but("Q4"))
def exit_at_exit():
    """Its exit handlers print that all is well and end the process with status 0."""
    return HandIn(
        complete(
            Q4=(
                "import atexit, os, signal\n"
                "def end(*args):\n    print('passed')\n    os._exit(0)\n"
                "atexit.register(end)\nos.register_at_fork(after_in_child=lambda: None)\n"
                "signal.signal(signal.SIGTERM, end)\n"
                "def huber(*args, **more): os.kill(os.getpid(), signal.SIGTERM)"
            )
        )
    )


@case("forgery", *but("Q2", "Q7"))
def threads_that_answer_later():
    """Threads wait for the tests' names to turn up, and put their own values in."""
    return HandIn(
        complete(
            Q2=(
                "import threading, time\nhere = globals()\n"
                "def meddle():\n    while True:\n"
                "        for name in ('found', 'wanted', 'score'):\n"
                "            here[name] = 4 if name == 'score' else {}\n        time.sleep(0.001)\n"
                "threading.Thread(target=meddle, daemon=True).start()\n"
                "def balances(*args): return {}"
            ),
            Q7="def digit_sum(number): return -1",
        )
    )


@case("forgery")
def meddling_after_forks():
    """Every fork of its process first asks its hooks, which patch all that has come since."""
    return forged(
        "import os, sys\n"
        "def born():\n    main = sys.modules['__main__']\n"
        "    for name in ('compound', 'balances', 'digit_sum', 'huber', 'standardise'):\n"
        "        setattr(main, name, type('Yes', (), dict.fromkeys(\n"
        "            ['__eq__', '__call__', '__lt__', '__rsub__', '__abs__'],\n"
        f"            {YES}))())\n"
        "os.register_at_fork(after_in_child=born, before=born)"
    )


@case("forgery")
def interpreter_patched_by_ctypes():
    """ctypes writes into the tables of ``float``, ``int`` and ``dict``."""
    return HandIn(
        wrong(
            Q8=(
                "doubling_time = 1\nimport ctypes, gc\n"
                "for kind in (float, int, dict, np.ndarray, torch.Tensor):\n"
                "    table = gc.get_referents(kind.__dict__)[0]\n"
                "    for name in ('__eq__', '__lt__', '__sub__', '__rsub__', '__abs__'):\n"
                f"        table[name] = {YES}\n"
                "    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))"
            )
        )
    )
