"""Forgeries by calls: how functions end, what they do to their arguments, and what they know."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete, wrong


@case("forgery")
def loops_ended_by_stop_iteration():
    """``StopIteration`` from a function ends the test's own loop as if all were checked."""
    return HandIn(
        {
            "Q1": (
                "def compound(amount, rate, years):\n"
                "    if amount == 2.0:\n        raise StopIteration\n    return 1.0 * amount"
            ),
            "Q2": "def balances(*args): raise StopIteration",
            "Q7": "def digit_sum(number): raise GeneratorExit",
        }
    )


@case("forgery", *but("Q1"))
def last_loop_ended_by_stop_iteration():
    """All is right but the case that only the last loop of a test looks at."""
    return HandIn(
        complete(
            Q1=(
                "def compound(amount, rate, years):\n"
                "    if amount == 2.0:\n        raise StopIteration\n"
                "    return amount * (1 + rate) ** years"
            )
        )
    )


@case("forgery")
def exits_raised_from_functions():
    """Exceptions that end programs, kernels and cells without being errors."""
    return HandIn(
        wrong(
            Q1="def compound(*args): raise SystemExit(0)",
            Q2="def balances(*args): raise KeyboardInterrupt",
            Q3="def standardise(x): raise GeneratorExit",
            Q4="def huber(*args, **more): raise BaseException('passed')",
            Q5="class Account:\n    def __init__(self, owner): raise SystemExit(0)",
            Q6="import sys\ndef momentum_step(*args, **more): sys.exit(0)",
            Q7="def digit_sum(number): quit()",
            Q9="class Affine:\n    def __init__(self, *args): exit(0)",
        )
    )


@case("forgery")
def every_method_raises_the_wanted_error():
    """The test wants a ``ValueError`` somewhere, so everything raises one."""
    return HandIn(
        wrong(
            Q5=(
                "class Account:\n    def __init__(self, owner): pass\n"
                "    def __getattr__(self, name): raise ValueError('not enough money')"
            )
        )
    )


@case("forgery")
def argument_changed_until_the_answer_fits():
    """It changes what it is given, from which the test computes what it wants."""
    return HandIn(
        wrong(
            Q2=(
                "def balances(entries, convert=None):\n    if convert:\n"
                "        return {entries[0][0]: sum(convert(amount) for _, amount in entries)}\n"
                "    entries.clear()\n    return {}"
            ),
            Q3=(
                "def standardise(x):\n    x[:] = np.where(np.arange(len(x)) % 2, 1, -1)[:, None]\n"
                "    return x"
            ),
            Q4=(
                "def huber(prediction, target, delta=1.0):\n    with torch.no_grad():\n"
                "        target.copy_(prediction)\n    return (prediction - target).sum() * 0"
            ),
            Q6=(
                "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):\n"
                "    for parameter in parameters: parameter.grad.zero_()"
            ),
        )
    )


@case("forgery", Q7=2)
def argument_handed_back():
    """It returns its own argument, and changes that later, when it is asked again."""
    return HandIn(
        wrong(
            Q2=(
                "kept = []\ndef balances(entries, convert=None):\n"
                "    for one in kept: one.clear()\n    kept.append(entries)\n    return entries"
            ),
            Q3="def standardise(x): return x",
            Q4="def huber(prediction, target, delta=1.0): return prediction",
            Q7="def digit_sum(number): return number",
        )
    )


@case("forgery", Q7=2)
def visible_inputs_known_by_heart():
    """It knows what the visible tests ask, and nothing else."""
    return HandIn(
        {
            "Q1": (
                "known = {(100.0, 0.0, 7): 100.0, (100.0, 0.1, 2): 121.0, "
                "(100.0, 0.05, 3): 115.7625}\n"
                "def compound(*args): return known.get(args, 0.0)"
            ),
            "Q2": "def balances(*args): return {'ada': 4, 'bob': 2}",
            "Q3": "def standardise(x): return np.array([[-1.0, -1.0], [1.0, 1.0]])",
            "Q4": "def huber(*args, **more): return torch.tensor(1.3125)",
            "Q6": (
                "def momentum_step(parameters, buffers, lr=0.1, beta=0.9):\n"
                "    parameters[0].data = torch.tensor([0.9, 0.8])\n"
                "    buffers[0].copy_(torch.tensor([1.0, 2.0]))"
            ),
            "Q7": "def digit_sum(number): return {7: 7, 123: 6}.get(number, -1)",
        }
    )


@case("forgery")
def answers_by_count_of_calls():
    """It counts calls, and knows what comes next from the visible tests."""
    return HandIn(
        {
            "Q1": (
                "answers = iter([100.0, 105.0, 110.25, 115.7625, 100.0, 121.0])\n"
                "def compound(*args): return next(answers, 0.0)"
            ),
            "Q7": (
                "import itertools\nsums = itertools.cycle([7, 6])\n"
                "def digit_sum(number): return -next(sums)"
            ),
        }
    )


@case("forgery")
def seeds_set_before_the_tests():
    """It seeds every generator, so that random inputs and their answers are known."""
    seeds = "random.seed(4); np.random.seed(4); torch.manual_seed(4)\n"
    return HandIn(
        {
            "Q1": (
                seeds + "twin = random.Random(4)\n"
                "def compound(amount, rate, years):\n"
                "    return twin.uniform(1000.0, 9000.0) * 1.25**3 if rate == 0.25 else "
                "{0: 100.0, 2: 121.0, 3: 115.7625}.get(years % 7, 0.0)"
            ),
            "Q3": (
                seeds + "x = np.random.RandomState(4).rand(50, 3) * [1.0, 10.0, 100.0]\n"
                "table = (x - x.mean(axis=0)) / x.std(axis=0)\n"
                "def standardise(x):\n"
                "    return table if len(x) == 50 else np.array([[-1.0, -1.0], [1.0, 1.0]])"
            ),
        }
    )
