"""Leaks: telling what hidden tests asked, by print, display, error, file, message, network."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete

#: Answers every question wrongly, and keeps what it was asked with.
LISTEN = """
import base64, builtins, collections, os, sys
heard = builtins.__dict__.setdefault("heard", [])
def listening(name, answer=None):
    def listen(*args, **more):
        text = repr((name, args, more))
        heard.append(text)
        tell(text)
        return answer
    return listen
compound = listening("compound", 1.0)
balances = listening("balances", {})
standardise, huber = listening("standardise"), listening("huber")
momentum_step, digit_sum = listening("momentum_step"), listening("digit_sum", -1)
class Account:
    balance, history = 3, [5, -2]
    def __init__(self, owner): listening("Account")(owner); self.owner = owner
    def deposit(self, amount): listening("deposit")(amount)
    def withdraw(self, amount):
        listening("withdraw")(amount)
        if amount > 2: raise ValueError
    def __len__(self): return 2
"""


def heard(tell: str, *last: str) -> HandIn:
    """Give a hand-in whose functions hear what the tests give them."""
    code = f"def tell(text):\n    {tell}\n{LISTEN}"
    return HandIn(
        dict.fromkeys(("Q1", "Q2", "Q3", "Q4", "Q6", "Q7"), "pass") | {"Q5": "pass"},
        after=dict.fromkeys(("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7"), code),
        last=last,
    )


@case("theft")
def arguments_printed():
    """It prints what the hidden tests give it: to Python's streams and to the process's."""
    return heard(
        "print(text); print(text, file=sys.stderr); os.write(1, text.encode()); "
        "os.write(2, text.encode()); sys.__stdout__.write(text)"
    )


@case("theft")
def arguments_displayed():
    """It displays what the hidden tests give it, as text, page and picture."""
    return heard(
        "from IPython.display import display, HTML; display(text); display(HTML(text)); "
        "get_ipython().kernel.iopub_socket and display({'image/png': text}, raw=True)"
    )


@case("theft")
def arguments_told_by_a_later_cell():
    """It keeps what the hidden tests give it, and later cells print that."""
    return heard(
        "pass",
        "print(heard)",
        "import builtins; print(builtins.heard); heard",
        "raise ValueError(heard)",
    )


@case("theft")
def arguments_told_by_errors():
    """It raises what the hidden tests give it: plainly, encoded, and as a class of that name."""
    code = (
        "import base64\n"
        "def compound(*args): raise ValueError(repr(args))\n"
        "def standardise(x): raise "
        "ValueError(base64.b64encode(repr(x.tolist()).encode()).decode())\n"
        "def huber(*args, **more): raise KeyError(repr(args)[::-1])\n"
        "def digit_sum(number): raise type(f'E{number}', (Exception,), {})(hex(number))\n"
        "class Account:\n"
        "    def __init__(self, owner): raise ExceptionGroup(owner, [OSError(owner)])\n"
        "def balances(entries, *rest):\n"
        "    error = ValueError(repr(entries)); error.add_note(repr(entries)); raise error\n"
        "def momentum_step(*args, **more): assert False, repr(args)\n"
    )
    questions = ("Q1", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7")
    return HandIn(dict.fromkeys(questions, "pass"), after=dict.fromkeys(questions, code))


@case("theft")
def arguments_told_only_by_hidden_errors():
    """It behaves in the visible tests, and puts the arguments of hidden ones into its errors."""
    return HandIn(
        complete(
            Q1=(
                "import base64\ndef compound(amount, rate, years):\n    if amount > 100:\n"
                "        code = base64.b64encode(str(int(amount)).encode()).decode()\n"
                "        raise type(f'E{int(amount)}', (ValueError,), {})(f'{amount!r} {code}')\n"
                "    return amount * (1 + rate) ** years"
            ),
            Q2=(
                "def balances(entries, convert=None):\n    if len(entries) > 3:\n"
                "        raise AssertionError(str(entries))\n"
                "    return {'ada': 4, 'bob': 2}"
            ),
            Q3="def standardise(x):\n    raise ValueError(x.tolist()) from KeyError(str(x))",
            Q4="import warnings\ndef huber(*args, **more):\n    warnings.warn(str(args))\n"
            "    raise RuntimeError(str([float(one) for one in args[0].detach().ravel()]))",
            Q5="class Account:\n    def __init__(self, owner):\n        raise LookupError(owner)",
            Q6="def momentum_step(*args, **more):\n    raise UnicodeError(str(args))",
            Q7=(
                "def digit_sum(number):\n    if number > 999:\n"
                "        class Found(Exception):\n"
                "            def __str__(self): return f'{number} {number:x} {str(number)[::-1]}'\n"
                "        raise Found\n    return {7: 7, 123: 6}.get(number, -1)"
            ),
            Q8="doubling_time = 'fifteen'",
            Q9="class Affine:\n    def __init__(self, *args): raise OSError(args)",
        )
    )


@case("theft", *but("Q2"))
def arguments_told_by_what_a_message_quotes():
    """It returns what it is given, for the test's message quotes what was returned."""
    return HandIn(
        complete(
            Q2=(
                "from collections import defaultdict\nseen = []\n"
                "def balances(entries, convert=None):\n    seen.extend(entries)\n"
                "    if len(entries) < 4: return {'ada': 4, 'bob': 2}\n"
                "    return defaultdict(lambda: -1, {repr(one): 0 for one in seen})"
            )
        )
    )


@case("theft")
def arguments_written_to_files():
    """It writes what the hidden tests give it to every folder, and later cells show all files."""
    return heard(
        "[open(os.path.join(top, '@mark@-heard.txt'), 'a').write(text) for top in "
        "('.', '/tmp', '/dev/shm', '/var/tmp', '@home@', '@root@') if os.access(top, os.W_OK)]",
        "import glob\nfor top in ('.', '/tmp', '/dev/shm', '/var/tmp', '@home@', '@root@'):\n"
        "    for path in glob.glob(top + '/@mark@*'):\n        print(open(path).read())",
    )


@case("theft")
def arguments_sent_over_the_network():
    """It sends what the hidden tests give it to whoever listens, by TCP, UDP and a name."""
    return heard(
        "send(text)\nimport socket\ndef send(text):\n"
        "    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):\n"
        "        for host in ('127.0.0.1', '::1', 'localhost', '0.0.0.0'):\n            try:\n"
        "                one = socket.socket(socket.AF_INET6 "
        "if ':' in host else socket.AF_INET, kind)\n"
        "                one.settimeout(0.1)\n                one.connect((host, @port@))\n"
        "                one.sendall(text.encode())\n            except OSError:\n"
        "                pass\n    try:\n        one = socket.socket(socket.AF_UNIX)\n"
        "        one.connect('\\0@mark@')\n        one.sendall(text.encode())\n"
        "    except OSError:\n        pass"
    )
