import base64
from collections.abc import Iterator
from io import BytesIO

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import PIL.Image
import pytest
import torch
from bs4 import BeautifulSoup
from matplotlib.colors import to_rgb
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from cmp784 import plots


@pytest.fixture(autouse=True)
def _house_style() -> Iterator[None]:
    """Draw in the house style, and leave no figure behind."""
    with plt.rc_context():
        plots.use_style()
        yield
    plt.close("all")


@pytest.fixture(scope="module")
def executed() -> nbformat.NotebookNode:
    """Execute a notebook with one figure."""
    source = (
        "import matplotlib.pyplot as plt\n"
        "from cmp784 import plots\n"
        "figure, axes = plt.subplots(figsize=(5, 3))\n"
        "plots.show(figure, alt='Empty axes: <nothing> is \"drawn\".')"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    return NotebookClient(notebook, timeout=120).execute()


@pytest.mark.filterwarnings("ignore:.*IPC transport.*", "ignore::DeprecationWarning")
def test_shown_figure_leaves_one_picture_with_its_alternative_text(
    executed: nbformat.NotebookNode,
) -> None:
    """Is there exactly one picture, described, and shown at 96 pixels an inch?"""
    (output,) = executed.cells[0].outputs

    described = {"alt": 'Empty axes: <nothing> is "drawn".', "width": 480, "height": 288}
    assert output.metadata["image/png"] == described
    assert output.data["text/plain"] == 'Empty axes: <nothing> is "drawn".'
    picture = PIL.Image.open(BytesIO(base64.b64decode(output.data["image/png"])))
    assert picture.size == (720, 432)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_alternative_text_is_kept_in_exported_html(executed: nbformat.NotebookNode) -> None:
    """Does the exported page describe its picture, with special characters escaped?"""
    page, _resources = HTMLExporter().from_notebook_node(executed)

    (picture,) = BeautifulSoup(page, "html.parser").select("main img")
    assert picture["alt"] == 'Empty axes: <nothing> is "drawn".'


def test_empty_alternative_text_is_refused() -> None:
    """Is a figure without words an error that says what to write?"""
    with pytest.raises(plots.PlotError, match=r"no alternative text. Pass alt="):
        plots.show(plt.figure(), alt="  \n ")


def test_shown_figure_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    """Is a figure gone once it was shown, so that Jupyter does not draw it again?"""
    plots.show(plt.figure(), alt="Two lines\n   of text.")

    assert plt.get_fignums() == []
    assert capsys.readouterr().out == "Two lines of text.\n"


def _luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.03928, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_first_colours_differ_in_grey() -> None:
    """Can the first three lines of a figure be told apart on a grey printer?"""
    first = sorted(_luminance(colour) for colour in list(plots.COLOURS.values())[:3])

    assert min(np.diff(first)) > 0.1


def test_lines_differ_in_dashes_as_well_as_in_colour() -> None:
    """Does each of the first six lines have a colour and a dash pattern of its own?"""
    _figure, axes = plt.subplots()
    lines = [axes.plot([0, 1])[0] for _ in range(6)]

    assert len({line.get_color() for line in lines}) == 6
    assert len({str(line._dash_pattern) for line in lines}) == 6


@pytest.mark.parametrize(
    "images",
    [np.zeros((5, 4, 6)), torch.rand(5, 3, 4, 6), [np.ones((2, 3))] * 5],
    ids=["grey array", "colour tensor", "list of pictures"],
)
def test_grid_draws_every_picture(images: object) -> None:
    """Is there one pair of axes for each picture, and none for the empty places?"""
    figure = plots.image_grid(images, columns=3)

    assert len(figure.axes) == 5


def test_grid_of_no_pictures_is_refused() -> None:
    """Is an empty list an error in words?"""
    with pytest.raises(plots.PlotError, match="images is empty"):
        plots.image_grid([])


def test_grid_with_too_few_titles_is_refused() -> None:
    """Does the error count pictures and titles?"""
    with pytest.raises(plots.PlotError, match="3 pictures, but 2 titles"):
        plots.image_grid(np.zeros((3, 2, 2)), ["a", "b"])


def test_mean_and_spread_draws_mean_and_one_deviation() -> None:
    """Is the line the mean, and the band one sample standard deviation to each side?"""
    _figure, axes = plt.subplots()
    plots.mean_and_spread(axes, [0, 1], [[1.0, 2.0], [3.0, 2.0]], "runs")

    assert axes.lines[0].get_ydata().tolist() == [2.0, 2.0]
    heights = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert heights.min() == pytest.approx(2 - 2**0.5)
    assert heights.max() == pytest.approx(2 + 2**0.5)
