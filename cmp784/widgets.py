"""Something to touch: controls beside a picture, the same on ipywidgets 7.7.1 and 8.

In a live notebook the picture of ``explore`` follows the controls; on a page without Python the
same output shows a still of the setting that it starts with.
"""

import base64
import html
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from types import FunctionType
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import traitlets
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cmp784 import outputs, plots
from cmp784.errors import Cmp784Error
from cmp784.progress import headless

#: The output type of a live widget.
MIME = "application/vnd.jupyter.widget-view+json"

_WIDE = {"description_width": "initial"}


class WidgetError(Cmp784Error, ValueError):
    """Controls that cannot be built."""


class Counter(ipywidgets.Button):
    """A button that counts how often it was pressed; ``value`` is the count."""

    value = traitlets.Int(0)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.on_click(self._count)

    def _count(self, _button: ipywidgets.Button) -> None:
        self.value += 1


def slider(
    label: str, start: float, stop: float, step: float, value: float
) -> "ipywidgets.FloatSlider | ipywidgets.IntSlider":
    """Return a slider from ``start`` to ``stop``; whole numbers when all four are ints.

    Parameters
    ----------
    label
        Words beside the slider, with the unit.
    start, stop, step
        Range and step.
    value
        Where it stands at first: the most telling setting, which readers see as a still.

    Raises
    ------
    WidgetError
        When the range is empty or the first value lies outside it.

    Examples
    --------
    >>> slider("threshold", 0.0, 3.0, 0.1, value=1.5).value
    1.5
    """
    if not start < stop or not start <= value <= stop or step <= 0:
        raise WidgetError(
            f"slider {label!r}: start {start!r}, stop {stop!r}, step {step!r}, value {value!r}; "
            "expected start < stop, a positive step, and a value between the two."
        )
    whole = all(isinstance(number, int) for number in (start, stop, step, value))
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    options = {} if whole else {"readout_format": _readout(step)}
    return kind(
        value=value,
        min=start,
        max=stop,
        step=step,
        description=label,
        style=_WIDE,
        layout=ipywidgets.Layout(width="28em", max_width="100%"),
        **options,
    )


def choice(label: str, options: Sequence[str], value: str) -> ipywidgets.Dropdown:
    """Return a list to choose one of ``options`` from, ``value`` at first.

    Examples
    --------
    >>> choice("gate", ["AND", "OR"], value="OR").value
    'OR'
    """
    if value not in options:
        raise WidgetError(f"choice {label!r}: {value!r} is not one of {', '.join(options)}.")
    return ipywidgets.Dropdown(options=list(options), value=value, description=label, style=_WIDE)


def switch(label: str, value: bool) -> ipywidgets.Checkbox:
    """Return a box to tick, ticked at first when ``value`` is true.

    Examples
    --------
    >>> switch("show the border", value=True).value
    True
    """
    return ipywidgets.Checkbox(value=value, description=label, indent=False)


def counter(label: str) -> Counter:
    """Return a button; the function drawn receives how often it was pressed.

    Examples
    --------
    >>> button = counter("show a card")
    >>> button.click()
    >>> button.value
    1
    """
    return Counter(description=label, layout=ipywidgets.Layout(width="auto"))


def explore(
    figure: Figure, update: Callable[..., Iterable[Artist]], alt: str, **controls: Any
) -> ipywidgets.VBox:
    """Show controls, and under them a picture that follows their values.

    The picture is drawn as matplotlib's animations are: once as a whole, and then only the artists
    that ``update`` returns, so that an answer takes about 20 ms. Under the headless runner every
    control is also moved to its ends, so that a run fails when the drawing does.

    Parameters
    ----------
    figure
        Everything that stands still, and the artists that move.
    update
        Called with one keyword a control; changes artists of the figure (``set_data``,
        ``set_text``...) and returns all artists that can ever change.
    alt
        Alternative text of the picture, true for every setting.
    **controls
        Made by ``slider``, ``choice``, ``switch`` and ``counter``.

    Returns
    -------
    ipywidgets.VBox
        The controls and the picture, for tests that move them. Assign the result, or end the cell
        with a semicolon, because it is shown already.

    Raises
    ------
    WidgetError
        When there is no control, or ``update`` returns something other than artists.

    Examples
    --------
    >>> figure, axes = plt.subplots()
    >>> (line,) = axes.plot([0, 1], [0, 5])
    >>> def update(height):
    ...     line.set_data([0, 1], [0, height])
    ...     return [line]
    >>> box = explore(figure, update, "A line.", height=slider("height", 0, 5, 1, value=2))
    A line.
    """
    if not controls:
        raise WidgetError("explore has no control. Pass for example x=slider('x', 0, 9, 1, 5).")
    words = plots.checked_alt(alt)
    update = _with_names_of_now(update)
    stage = _Stage(figure, update, controls)
    still = plots.to_png(figure)
    width = round(figure.get_figwidth() * plots.MOVING_DPI)
    picture = ipywidgets.HTML(plots.to_html(stage.render(), words, width))

    def follow(_change: Any) -> None:
        try:
            picture.value = plots.to_html(stage.render(), words, width)
        except Exception as error:  # in a live notebook there is nobody to catch it
            picture.value = f"<pre>{html.escape(f'{type(error).__name__}: {error}')}</pre>"

    for control in controls.values():
        control.observe(follow, "value")
    if headless():
        _try_ends(update, controls)
    row = ipywidgets.HBox(list(controls.values()), layout=ipywidgets.Layout(flex_flow="row wrap"))
    box = ipywidgets.VBox([row, picture])
    _show(box, still, words)
    return box


def _with_names_of_now(update: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``update`` with the notebook's names bound as they are now.

    A notebook calls many of its figures ``figure`` and many titles ``words``; a later cell that
    uses such a name again must not move its own picture through an earlier widget.
    """
    if not isinstance(update, FunctionType):
        return update
    bound = FunctionType(
        update.__code__,
        dict(update.__globals__),
        update.__name__,
        update.__defaults__,
        update.__closure__,
    )
    bound.__kwdefaults__ = update.__kwdefaults__
    return bound


class _Stage:
    """A figure whose background is drawn once, and whose moving artists again and again."""

    def __init__(
        self, figure: Figure, update: Callable[..., Iterable[Artist]], controls: dict[str, Any]
    ) -> None:
        self.update, self.controls = update, controls
        self.moving = self._move()
        plt.close(figure)
        figure.set_dpi(plots.MOVING_DPI)
        self.canvas = FigureCanvasAgg(figure)
        for _ in range(2):  # settles the layout, which then stays; pictures need two rounds
            self.canvas.draw()
        figure.set_layout_engine("none")
        shown = [artist.get_visible() for artist in self.moving]
        for artist in self.moving:
            artist.set_visible(False)
        self.canvas.draw()
        self.background = self.canvas.copy_from_bbox(figure.bbox)
        for artist, visible in zip(self.moving, shown, strict=True):
            artist.set_visible(visible)

    def _move(self) -> list[Artist]:
        """Let ``update`` follow the controls, and return what can move, back to front."""
        moved = self.update(**{name: control.value for name, control in self.controls.items()})
        artists = list(moved) if isinstance(moved, Iterable) else [moved]
        wrong = [artist for artist in artists if not isinstance(artist, Artist)]
        if wrong or not artists:
            raise WidgetError(
                f"update returned {moved!r}; expected a list of the matplotlib artists that it "
                "changes. Does it end with return [line, ...]?"
            )
        return sorted(artists, key=lambda artist: artist.get_zorder())

    def render(self) -> bytes:
        """Return the picture for the controls' values as PNG."""
        self._move()
        self.canvas.restore_region(self.background)
        for artist in self.moving:
            artist.draw(self.canvas.get_renderer())
        buffer = BytesIO()
        pixels = np.asarray(self.canvas.buffer_rgba())[..., :3]
        PIL.Image.fromarray(pixels).save(buffer, "png", compress_level=1)
        return buffer.getvalue()


def ends(control: Any) -> list[Any]:
    """Return the extreme values of a control."""
    if hasattr(control, "options"):
        return list(control.options)
    if hasattr(control, "min"):
        return [control.min, control.max]
    return [0, 1] if isinstance(control, Counter) else [False, True]


def _try_ends(update: Callable[..., Iterable[Artist]], controls: dict[str, Any]) -> None:
    """Call ``update`` with each control at its ends, the others where they stand."""
    now = {name: control.value for name, control in controls.items()}
    for name, control in controls.items():
        for end in ends(control):
            update(**{**now, name: end})
    update(**now)


def _show(box: ipywidgets.VBox, still: bytes, alt: str) -> None:
    """Display the live box, with the still for pages that have no Python."""
    outputs.show(
        {
            MIME: {"version_major": 2, "version_minor": 0, "model_id": box.model_id},
            "image/png": base64.b64encode(still).decode(),
            "text/plain": alt,
        },
        metadata={"image/png": {"alt": alt}},
    )


def _readout(step: float) -> str:
    """Return a number format with as many decimals as ``step`` has."""
    decimals = len(f"{step:.6f}".rstrip("0").partition(".")[2])
    return f".{decimals}f"
