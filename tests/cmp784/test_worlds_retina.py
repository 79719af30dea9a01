import pytest
import torch

from cmp784.worlds import WorldError, cards


def halves(images):
    """Return how many cells are on in the left and in the right half of each card."""
    return images[:, :, :10].sum(dim=(1, 2)), images[:, :, 10:].sum(dim=(1, 2))


def extent(image):
    """Return first and last row, first and last column of the cells that are on."""
    rows, columns = image.any(dim=1).nonzero()[:, 0], image.any(dim=0).nonzero()[:, 0]
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def test_cards_have_the_promised_shapes_and_values():
    """Are cards 20 x 20 zeros and ones with labels -1 and +1?"""
    images, labels = cards(40, seed=1)

    assert images.shape == (40, 20, 20)
    assert images.dtype == labels.dtype == torch.float32
    assert set(images.unique().tolist()) == {0.0, 1.0}
    assert set(labels.tolist()) == {-1.0, 1.0}


@pytest.mark.parametrize(
    "options",
    [{}, {"size": (3, 7)}, {"rotation": (0, 90)}, {"rotation": 45, "size": 7}, {"size": 10}],
    ids=["plain", "sizes", "turns", "turned and large", "whole half"],
)
def test_square_stands_wholly_on_the_side_of_its_label(options):
    """Is the other half empty, at every size and turn?"""
    images, labels = cards(500, seed=2, **options)

    left, right = halves(images)

    assert torch.equal(left > 0, labels < 0)
    assert torch.equal(right > 0, labels > 0)


def test_unturned_square_is_size_by_size():
    """Is a square of 4 cells 4 x 4, and solid?"""
    for image in cards(50, size=4, seed=3).images:
        top, bottom, left, right = extent(image)
        assert (bottom - top, right - left) == (3, 3)
        assert image.sum() == 16


def test_every_place_of_the_range_is_used():
    """Do rows and columns reach both ends of the range, and no further?"""
    images, labels = cards(2000, size=5, rows=(3, 12), columns=(1, 8), seed=4)

    extents = [extent(image) for image in images[labels < 0]]
    right_extents = [extent(image) for image in images[labels > 0]]

    assert {top for top, _, _, _ in extents} == {3, 4, 5, 6, 7}
    assert {left for _, _, left, _ in extents} == {2, 3, 4}  # columns 8 - 1 outwards from 10
    assert {left for _, _, left, _ in right_extents} == {11, 12, 13}


def test_sides_are_about_equally_frequent():
    """Is a card on the left as often as on the right?"""
    assert abs(cards(4000, seed=5).labels.mean()) < 0.05


def test_quarter_turn_changes_nothing_and_eighth_makes_a_diamond():
    """Is rotation about the middle of the square?"""
    upright, quarter = cards(20, seed=6), cards(20, rotation=90, seed=6)
    diamond = cards(1, size=5, rows=(0, 8), columns=(0, 8), rotation=45, seed=6).images[0]

    top, bottom, left, right = extent(diamond)

    assert torch.equal(upright.images, quarter.images)
    assert diamond[top, left] == 0
    assert diamond[(top + bottom) // 2].sum() > diamond[top].sum()
    assert torch.equal(diamond, diamond.flip(0).roll(bottom + top - 19, 0))
    assert right - left == bottom - top


def test_shift_moves_every_square():
    """Are shifted cards the cards themselves, moved?"""
    plain = cards(30, rows=(0, 15), columns=(2, 8), seed=7)
    moved = cards(30, rows=(0, 15), columns=(2, 8), shift=(5, -2), seed=7)

    assert torch.equal(moved.images, plain.images.roll((5, -2), (1, 2)))
    assert torch.equal(moved.labels, plain.labels)


def test_noise_flips_about_its_share_of_cells():
    """Is noise the chance of a cell to be flipped?"""
    plain, noisy = cards(200, seed=8), cards(200, noise=0.1, seed=8)

    assert torch.equal(plain.labels, noisy.labels)
    assert (plain.images != noisy.images).float().mean() == pytest.approx(0.1, abs=0.01)


def test_same_seed_gives_same_cards_and_larger_draw_begins_with_them():
    """Do the first cards depend on how many are drawn?"""
    few, many, other = cards(7, seed=9), cards(300, seed=9), cards(7, seed=10)

    assert torch.equal(few.images, many.images[:7])
    assert torch.equal(few.labels, many.labels[:7])
    assert not torch.equal(few.images, other.images)


def test_generator_moves_on():
    """Do two draws from one generator differ?"""
    generator = torch.Generator().manual_seed(1)

    first, second = cards(5, seed=generator), cards(5, seed=generator)

    assert torch.equal(first.images, cards(5, seed=1).images)
    assert not torch.equal(first.images, second.images)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count is '0', but expected a whole number, at least 1"),
        ({"count": 2.5}, "count is '2.5'"),
        ({"size": 0}, "size is '0'"),
        ({"size": 2.5}, "size is '2.5'"),
        ({"size": (7, 3)}, "size is '\\(7, 3\\)', but give one number or"),
        ({"size": 11}, "columns is .* the square needs up to 11"),
        ({"rows": (4, 4)}, "rows is '\\(4, 4\\)'"),
        ({"rows": (0, 4)}, "rows is .* needs up to 5"),
        ({"columns": (0, 11)}, "columns is '\\(0, 11\\)', .* <= 10"),
        ({"shift": (0, 3)}, "shift is '\\(0, 3\\)' .* narrower"),
        ({"rotation": float("nan")}, "rotation is 'nan'"),
        ({"noise": 1.5}, "noise is '1.5', .* from 0 to 1"),
        ({"seed": "one"}, "seed is 'one'"),
    ],
)
def test_bad_option_is_refused_by_name(options, message):
    """Does the error say which option is wrong, and what was given?"""
    with pytest.raises(WorldError, match=message):
        cards(**{"count": 20, **options})
