"""The pictures of the report: small enough for a phone, each with its words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import mean, median

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from autograder.item_analysis import Item
from cmp784 import plots

#: Inches: a picture as wide as a phone, so that its letters stay readable there.
WIDTH, HEIGHT = 4.2, 2.9


@dataclass(frozen=True)
class Picture:
    """A picture as an HTML image that carries its data and its alternative text."""

    html: str
    alt: str


def distribution(values: Sequence[float], most: float, of: str) -> Picture:
    """Draw how many students have how much, in ten steps.

    Parameters
    ----------
    values
        One a student, 0 to ``most``; at least one.
    most
        What can be earned.
    of
        Of what, in words, for the axis.
    """
    edges = [most * step / 10 for step in range(11)]
    counts = [0] * 10
    for value in values:
        counts[min(9, max(0, int(10 * value / most + 1e-9)))] += 1
    middle = median(values)
    with _style():
        figure = Figure((WIDTH, HEIGHT))
        axes = figure.subplots()
        axes.bar(edges[:-1], counts, most / 10, align="edge", color=_BLUE, edgecolor="white")
        axes.axvline(middle, color="black", linestyle="--", linewidth=1.4)
        axes.text(middle, max(counts) * 1.12, f"  median {middle:.4g}  ", ha=_side(middle, most))
        axes.set(xlabel=of, ylabel="students", xlim=(0, most), ylim=(0, max(counts) * 1.25))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        told = ", ".join(
            f"{low:g} to {high:g}: {count}"
            for low, high, count in zip(edges, edges[1:], counts, strict=False)
            if count
        )
        return _picture(
            figure,
            f"Histogram of {of}, n = {len(values)}: mean {mean(values):.4g}, median {middle:.4g}, "
            f"from {min(values):.4g} to {max(values):.4g}. Students by range: {told}.",
        )


def questions(items: Sequence[Item]) -> Picture:
    """Draw difficulty and discrimination of each question, one line a question; at least one."""
    lines = list(range(len(items)))
    with _style():
        figure = Figure((WIDTH, 1.1 + 0.24 * len(items)))
        left, right = figure.subplots(1, 2, sharey=True)
        left.barh(lines, [item.difficulty or 0 for item in items], color=_BLUE, height=0.7)
        left.set(xlim=(0, 1), xlabel="share earned", yticks=lines)
        left.set_yticklabels([item.name for item in items])
        left.set_ylim(len(items) - 0.4, -0.6)
        known = [(y, i.discrimination) for y, i in zip(lines, items, strict=True)]
        known = [(y, value) for y, value in known if value is not None]
        right.axvline(0, color="black", linewidth=1)
        right.scatter([value for _, value in known], [y for y, _ in known], color=_RED, zorder=3)
        right.set(xlim=(-1.05, 1.05), xlabel="discrimination", xticks=(-1, 0, 1))
        right.grid(axis="y", linewidth=0.5)
        return _picture(figure, f"Share of points earned and discrimination. {_told(items)}")


def _told(items: Sequence[Item]) -> str:
    """Say the ends of both scales in words; every number stands in the table below."""
    shares = [(item.difficulty, item.name) for item in items if item.difficulty is not None]
    values = [(item.discrimination, item.name) for item in items if item.discrimination is not None]
    words = []
    if shares:
        (low, hard), (high, easy) = min(shares), max(shares)
        words.append(f"Most was lost in {hard} ({low:.2f} earned), least in {easy} ({high:.2f}).")
    if values:
        (low, worst), (high, best) = min(values), max(values)
        words.append(
            f"Discrimination goes from {low:.2f} in {worst} to {high:.2f} in {best}; "
            f"it is not defined for {len(items) - len(values)} of {len(items)} questions."
        )
    else:
        words.append("Discrimination is not defined for any of them.")
    return " ".join(words)


def slip_days(used: Sequence[int], most: int) -> Picture:
    """Draw how many students have used how many slip days, of ``most``; at least one student."""
    counts = [sum(days == number for days in used) for number in range(most + 1)]
    with _style():
        figure = Figure((WIDTH, HEIGHT))
        axes = figure.subplots()
        bars = axes.bar(range(most + 1), counts, color=_BLUE)
        axes.bar_label(bars, padding=2)
        axes.set(xlabel=f"slip days used, of {most}", ylabel="students", xticks=range(most + 1))
        axes.margins(y=0.15)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        told = ", ".join(f"{days}: {count}" for days, count in enumerate(counts) if count)
        return _picture(figure, f"Students by slip days used, n = {len(used)}: {told}.")


_BLUE, _RED = plots.COLOURS["blue"], plots.COLOURS["red"]


@contextmanager
def _style() -> Iterator[None]:
    """Set the house style for a while."""
    with rc_context():
        plots.use_style()
        yield


def _side(value: float, most: float) -> str:
    """Keep words beside a line inside the picture."""
    return "left" if value < most * 0.6 else "right"


def _picture(figure: Figure, alt: str) -> Picture:
    words = plots.checked_alt(alt)
    html = plots.to_html(plots.to_png(figure), words, round(WIDTH * plots.MOVING_DPI))
    return Picture(html, words)
