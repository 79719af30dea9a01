"""Neighbours: honest students between the hostile ones, whose marks show what reaches others."""
# ruff: noqa: D401 - each docstring says what a hand-in tries

from tests.hostile.cases import HandIn, but, case, complete, right


@case("neighbour", *but())
def good():
    """Everything is right."""
    return HandIn(complete())


@case("neighbour", "Q1", "Q3", "Q5", Q7=3)
def half():
    """Half of it is right; the rest is wrong in honest ways, or not there."""
    return HandIn(
        right(
            "Q1",
            "Q3",
            "Q5",
            Q2=(
                "def balances(entries, convert=None):\n    total = {}\n"
                "    for name, amount in entries:\n"
                "        total[name] = convert(amount) if "
                "convert else amount + total.get(name, 0) % 7\n"
                "    return total"
            ),
            Q4="def huber(prediction, target, delta=1.0):\n"
            "    return 0.5 * ((prediction - target) ** 2).mean()",
            Q7="def digit_sum(n):\n    return sum(map(int, str(n))) if n < 999 else 0",
            Q9="class Affine(torch.nn.Linear):\n    pass\n\nAffine.__init__ = None",
        )
    )


@case("neighbour")
def untouched():
    """The release as it is."""
    return HandIn({})
