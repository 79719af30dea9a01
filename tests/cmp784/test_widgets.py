import base64
import re
from collections.abc import Callable, Iterator
from io import BytesIO

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest
from matplotlib.artist import Artist

from cmp784 import widgets

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _no_figures_left() -> Iterator[None]:
    yield
    plt.close("all")


def make_line() -> tuple[plt.Figure, Callable[..., list[Artist]]]:
    """Return a figure with one line, and the function that sets its height."""
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.set(xlim=(0, 1), ylim=(0, 10))
    (line,) = axes.plot([0, 1], [0, 0], color="red", linewidth=4)

    def update(height: float) -> list[Artist]:
        line.set_data([0, 1], [height, height])
        return [line]

    return figure, update


def pixels(box: ipywidgets.VBox) -> np.ndarray:
    """Return the picture of a box as an array (height, width, 3)."""
    encoded = re.search(r"base64,([^\"]+)", box.children[1].value)
    assert encoded is not None
    return np.asarray(PIL.Image.open(BytesIO(base64.b64decode(encoded[1]))).convert("RGB"))


def red_row(picture: np.ndarray) -> int:
    """Return the row in which the red line lies."""
    red = (picture[..., 0] > 200) & (picture[..., 1] < 80)
    return int(np.median(np.where(red)[0]))


def test_moved_slider_moves_what_it_controls() -> None:
    """Does the line rise in the picture when the slider goes up, and leave no trace below?"""
    figure, update = make_line()
    height = widgets.slider("height", 0, 10, 1, value=2)
    box = widgets.explore(figure, update, "A line.", height=height)
    before = pixels(box)

    height.value = 8

    after = pixels(box)
    assert red_row(after) < red_row(before)
    assert not np.any((after[red_row(before)][:, 0] > 200) & (after[red_row(before)][:, 1] < 80))


def test_name_used_again_by_a_later_cell_does_not_break_an_earlier_widget() -> None:
    """Does a widget keep its own figure when the notebook calls the next one by the same name?"""
    cell = (
        "figure, axes = plt.subplots()\n"
        "words = axes.set_title('')\n"
        "def update(n): words.set_text(f'{n}'); return [words]\n"
        "n = widgets.slider('n', 0, 5, 1, value=1)\n"
        "box = widgets.explore(figure, update, 'A number.', n=n)\n"
    )
    notebook = {"plt": plt, "widgets": widgets}
    exec(cell, notebook)
    first, control = notebook["box"], notebook["n"]
    before = first.children[1].value

    exec(cell, notebook)
    control.value = 4

    assert first.children[1].value != before
    assert notebook["words"].get_text() == "1"


def test_picture_returns_to_what_it_was_with_its_setting() -> None:
    """Is the picture a function of the controls alone?"""
    figure, update = make_line()
    height = widgets.slider("height", 0, 10, 1, value=2)
    box = widgets.explore(figure, update, "A line.", height=height)
    before = box.children[1].value

    height.value = 8
    height.value = 2

    assert box.children[1].value == before


def test_picture_carries_its_alternative_text_escaped() -> None:
    """Can a reader who does not see the picture read what it is?"""
    figure, update = make_line()
    box = widgets.explore(
        figure, update, 'A "line" < 10', height=widgets.slider("height", 0, 10, 1, value=2)
    )

    assert box.children[1].value.startswith('<img alt="A &quot;line&quot; &lt; 10"')


def test_output_holds_the_live_widget_and_the_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the picture there for a page without Python, beside the live box?"""
    shown = []
    monkeypatch.setattr(
        "cmp784.outputs.show", lambda bundle, metadata: shown.append((bundle, metadata))
    )
    figure, update = make_line()

    box = widgets.explore(
        figure, update, "A line.", height=widgets.slider("height", 0, 10, 1, value=2)
    )

    ((bundle, metadata),) = shown
    assert sorted(bundle) == [widgets.MIME, "image/png", "text/plain"]
    assert bundle[widgets.MIME]["model_id"] == box.model_id
    still = PIL.Image.open(BytesIO(base64.b64decode(bundle["image/png"])))
    assert red_row(np.asarray(still.convert("RGB"))) > 0
    assert metadata["image/png"]["alt"] == "A line."


def test_error_while_drawing_is_shown_in_words_and_then_forgotten() -> None:
    """Does a setting that cannot be drawn say why, and the next one draw again?"""
    figure, axes = plt.subplots()
    words = axes.set_title("1 / 1")

    def update(bottom: int) -> list[Artist]:
        words.set_text(f"{1 / bottom:.2f}")
        return [words]

    bottom = widgets.slider("bottom", 0, 5, 1, value=1)
    box = widgets.explore(figure, update, "A fraction.", bottom=bottom)

    bottom.value = 0
    assert box.children[1].value == "<pre>ZeroDivisionError: division by zero</pre>"
    bottom.value = 2
    assert box.children[1].value.startswith("<img")


def test_headless_run_tries_the_ends_of_every_control(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a run fail when an end of a slider cannot be drawn?"""
    monkeypatch.setenv("CMP784_HEADLESS", "1")
    figure, axes = plt.subplots()

    def update(bottom: int) -> list[Artist]:
        axes.title.set_text(f"{1 / bottom}")
        return [axes.title]

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        widgets.explore(
            figure, update, "A fraction.", bottom=widgets.slider("bottom", 0, 5, 1, value=1)
        )


@pytest.mark.parametrize("answer", [None, [], [3], "line"], ids=str)
def test_update_that_returns_no_artists_is_refused(answer: object) -> None:
    """Does the error show what came back, and how update should end?"""
    figure, _axes = plt.subplots()

    with pytest.raises(widgets.WidgetError, match=r"expected a list of the matplotlib artists"):
        widgets.explore(
            figure, lambda x: answer, "Nothing.", x=widgets.slider("x", 0, 1, 1, value=0)
        )


def test_explore_without_controls_is_refused() -> None:
    """Is a picture that nobody can move an error?"""
    figure, update = make_line()

    with pytest.raises(widgets.WidgetError, match="no control"):
        widgets.explore(figure, update, "A line.")


@pytest.mark.parametrize(
    ("start", "stop", "step", "value"),
    [(0, 0, 1, 0), (0, 5, 1, 9), (0, 5, 0, 1)],
    ids=["empty range", "value outside", "no step"],
)
def test_slider_that_cannot_move_is_refused(start: int, stop: int, step: int, value: int) -> None:
    """Does the error name the slider and what it was given?"""
    with pytest.raises(widgets.WidgetError, match=r"slider 'x': start .* expected start < stop"):
        widgets.slider("x", start, stop, step, value=value)


def test_slider_of_whole_numbers_gives_whole_numbers() -> None:
    """Is the value an int when all that was given is, and a float otherwise?"""
    assert isinstance(widgets.slider("n", 0, 5, 1, value=2).value, int)
    assert isinstance(widgets.slider("x", 0.0, 5, 1, value=2).value, float)


def test_unknown_choice_names_the_known_ones() -> None:
    """Does the error list what can be chosen?"""
    with pytest.raises(widgets.WidgetError, match="'XOR' is not one of AND, OR"):
        widgets.choice("gate", ["AND", "OR"], value="XOR")


def test_counter_hands_on_how_often_it_was_pressed() -> None:
    """Does each press draw once more, with the count?"""
    figure, axes = plt.subplots()
    seen = []

    def update(cards: int) -> list[Artist]:
        seen.append(cards)
        return [axes.title]

    button = widgets.counter("show a card")
    widgets.explore(figure, update, "Cards.", cards=button)
    button.click()
    button.click()

    assert seen[-2:] == [1, 2]


def test_switch_and_choice_reach_the_drawing() -> None:
    """Do a box to tick and a list pass their values on?"""
    figure, axes = plt.subplots()
    seen = []

    def update(border: bool, gate: str) -> list[Artist]:
        seen.append((border, gate))
        return [axes.title]

    border = widgets.switch("border", value=True)
    gate = widgets.choice("gate", ["AND", "OR"], value="AND")
    widgets.explore(figure, update, "A gate.", border=border, gate=gate)
    border.value = False
    gate.value = "OR"

    assert seen[-2:] == [(False, "AND"), (False, "OR")]
