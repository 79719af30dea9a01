"""The progress bar: shown to a reader, quiet under the runner."""

import pytest

from cmp784 import progress


@pytest.mark.parametrize(
    ("value", "quiet"),
    [("1", True), ("0", False), ("", False), (None, False)],
    ids=["one", "zero", "empty", "unset"],
)
def test_variable_tells_the_runner(monkeypatch, value, quiet):
    """Only 1 means headless."""
    monkeypatch.delenv(progress.VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(progress.VARIABLE, value)

    assert progress.headless() is quiet


@pytest.mark.parametrize("steps", [range(3), [0, 1, 2], (n for n in range(3))], ids=type)
def test_track_passes_on_every_step(monkeypatch, steps):
    """The loop sees what it would see without the bar."""
    monkeypatch.setenv(progress.VARIABLE, "1")

    assert list(progress.track(steps, "training", total=3)) == [0, 1, 2]


def test_under_the_runner_nothing_is_drawn(monkeypatch, capsys):
    """No bar, no empty line."""
    monkeypatch.setenv(progress.VARIABLE, "1")

    list(progress.track(range(3), "training"))

    assert capsys.readouterr() == ("", "")


def test_for_a_reader_a_bar_is_drawn_with_its_label(monkeypatch, capsys):
    """The bar names what is going on."""
    monkeypatch.delenv(progress.VARIABLE, raising=False)

    list(progress.track(range(3), "training"))

    assert "training" in capsys.readouterr().err


def test_error_in_the_loop_passes_through(monkeypatch):
    """The bar does not swallow what goes wrong inside."""
    monkeypatch.setenv(progress.VARIABLE, "1")

    with pytest.raises(ZeroDivisionError, match="division"):
        [1 // step for step in progress.track(range(3))]
