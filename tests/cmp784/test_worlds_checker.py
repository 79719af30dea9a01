import pytest
import torch
from torch.nn import functional

from cmp784 import worlds
from cmp784.worlds import BACKGROUND, Block, Scene, WorldError, blocks, describe, matches
from cmp784.worlds.rendering import draw


def draw_blocks(*blocks_and_places, side=32):
    """Return a picture of (block, (x, y), half width) triples, as many as given."""
    shapes = [worlds.SHAPES.index(block.shape) for block, _, _ in blocks_and_places]
    colours = [worlds.COLOURS.index(block.colour) for block, _, _ in blocks_and_places]
    centres = torch.tensor([[place for _, place, _ in blocks_and_places]])
    halves = torch.tensor([[half for _, _, half in blocks_and_places]])
    return draw(torch.tensor([shapes]), torch.tensor([colours]), centres, halves, side)[0][0]


RED, BLUE = Block("small", "red", "square"), Block("large", "blue", "circle")


@pytest.mark.parametrize(
    ("side", "count"), [(16, 1500), (17, 500), (24, 500), (32, 500), (48, 300), (64, 200)]
)
def test_true_picture_is_described_as_it_is(side, count):
    """Is every true picture understood, at every side?"""
    batch = blocks(count, side, seed=21)

    found = describe(batch.images)

    wrong = [
        (str(seen), true)
        for seen, true in zip(found, batch.scenes, strict=True)
        if seen.scene != true.canonical()
    ]
    assert wrong == []


@pytest.mark.parametrize("side", [16, 32, 64])
def test_centres_and_sizes_are_found_to_a_fraction_of_a_pixel(side):
    """Does the fit hit the true places and widths?"""
    batch = blocks(150, side, seed=22)

    for seen, true in zip(describe(batch.images), batch.scenes, strict=True):
        for one, block in zip(seen.seen, true.canonical().blocks, strict=True):
            assert one.block.centre == pytest.approx(block.centre, abs=0.25)
            assert one.overlap > 0.9


@pytest.mark.parametrize("side", [16, 32, 64])
def test_single_block_is_described_when_one_is_expected(side):
    """Does ``objects=1`` read pictures of one block, and refuse two?"""
    one, two = blocks(150, side, objects=1, seed=23), blocks(20, side, seed=23)

    assert [seen.scene for seen in describe(one.images, objects=1)] == list(one.scenes)
    assert {seen.problem for seen in describe(two.images, objects=1)} == {"2 blocks, expected 1"}
    assert {seen.problem for seen in describe(one.images)} == {"1 block, expected 2"}


def test_picture_alone_and_in_a_batch_are_described_alike():
    """Does a description depend on the neighbours in the batch?"""
    images = blocks(30, seed=24).images

    assert [str(describe(image)) for image in images] == [str(seen) for seen in describe(images)]
    assert describe(images[:0]) == []


def test_description_speaks():
    """Does the text name the scene, or the reason?"""
    picture = draw_blocks((RED, (7.0, 16.0), 3.5), (BLUE, (22.0, 17.0), 6.0))

    assert str(describe(picture)) == "small red square left of large blue circle"
    assert describe(picture).scene == Scene((RED, BLUE), "left of")
    assert describe(picture).colours.keys() == {"red", "blue"}


@pytest.mark.parametrize("side", [16, 32, 64])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda images, g: torch.rand(images.shape, generator=g),
        lambda images, g: torch.randn(images.shape, generator=g),
        lambda images, g: torch.zeros_like(images),
        lambda images, g: torch.ones_like(images),
        lambda images, g: torch.full_like(images, 0.5),
        lambda images, g: BACKGROUND + 0.3 * torch.randn(images.shape, generator=g),
        lambda images, g: 1 - images,
        lambda images, g: images.mean(dim=(-1, -2), keepdim=True).expand_as(images),
        lambda images, g: images * 100 - 50,
    ],
    ids=["uniform noise", "normal noise", "black", "white", "grey", "grain", "negative", "mean",
         "far out of range"],
)  # fmt: skip
def test_what_is_no_scene_is_malformed_with_a_reason(spoil, side):
    """Is nonsense called malformed, without an error?"""
    images = spoil(blocks(40, side, seed=25).images, torch.Generator().manual_seed(1))

    found = describe(images)

    assert not any(seen.well_formed for seen in found)
    assert all(seen.problem and seen.scene is None for seen in found)
    assert str(found[0]) == f"malformed: {found[0].problem}"


def test_blend_of_two_pictures_is_malformed():
    """Are two pictures on top of each other refused, but for a rare coincidence?"""
    one, other = blocks(500, seed=26), blocks(500, seed=27)

    found = describe((one.images + other.images) / 2)

    assert sum(seen.well_formed for seen in found) <= 1


@pytest.mark.parametrize("side", [32, 48, 64])
def test_half_a_block_is_malformed(side):
    """Is a block that is cut in the middle refused, whatever its shape?"""
    batch = blocks(150, side, seed=28)
    images = batch.images.clone()
    for image, (x0, y0, x1, y1) in zip(images, batch.boxes[:, 0].int().tolist(), strict=True):
        image[:, max(y0 - 1, 0) : y1 + 1, (x0 + x1) // 2 : x1 + 1] = BACKGROUND

    assert not any(seen.well_formed for seen in describe(images))


def test_half_a_picture_without_the_other_block_is_malformed():
    """Is a picture refused whose right block was wiped out?"""
    batch = blocks(300, seed=29)
    beside = batch.relation == worlds.RELATIONS.index("left of")
    images = batch.images[beside].clone()
    for image, box in zip(images, batch.boxes[beside, 1].int().tolist(), strict=True):
        image[:, :, box[0] - 1 :] = BACKGROUND

    assert {seen.problem for seen in describe(images)} == {"1 block, expected 2"}


@pytest.mark.parametrize(
    ("blocks_and_places", "problem"),
    [
        (
            [(RED, (5.0, 5.0), 3.5), (BLUE, (24.0, 8.0), 6.0), (RED, (16.0, 25.0), 3.5)],
            "3 blocks, expected 2",
        ),
        ([(RED, (6.0, 16.0), 3.5), (RED, (24.0, 16.0), 6.2)], "two red squares"),
        (
            [(RED, (8.0, 8.0), 3.5), (BLUE, (24.0, 24.0), 6.0)],
            "two blocks that stand neither beside nor above each other",
        ),
        ([(RED, (5.0, 16.0), 3.5), (BLUE, (20.0, 16.0), 9.0)], "a blue block that is too large"),
        (
            [(RED, (6.0, 16.0), 4.8), (BLUE, (22.0, 16.0), 6.0)],
            "a red block that is neither small nor large",
        ),
        ([(RED, (5.0, 16.0), 2.0), (BLUE, (20.0, 16.0), 6.0)], "a red block that is too small"),
    ],
    ids=["three blocks", "twice the same", "diagonal", "too large", "in between", "too small"],
)
def test_picture_outside_the_world_is_malformed_for_this_reason(blocks_and_places, problem):
    """Is the reason the one that a person would give?"""
    assert describe(draw_blocks(*blocks_and_places)).problem == problem


def test_colour_outside_the_world_is_malformed():
    """Is an orange or a two-coloured block refused?"""
    image = draw_blocks((RED, (7.0, 16.0), 3.5), (BLUE, (22.0, 16.0), 6.0))
    orange, striped = image.clone(), image.clone()
    where = image[0] < image[2] - 0.3
    orange[:, where] = torch.tensor([0.2, 0.9, 0.95])[:, None]
    striped[:, :, 16:22] = torch.where(
        where[:, 16:22], torch.tensor([0.15, 0.65, 0.2])[:, None, None], striped[:, :, 16:22]
    )

    assert "colour that is not of this world" in describe(orange).problem
    assert "a block of several colours" in describe(striped).problem


def test_specks_are_forgiven_in_small_numbers_only():
    """Does one stray pixel pass, and a shower of them not?"""
    image = draw_blocks((RED, (7.0, 16.0), 3.5), (BLUE, (22.0, 16.0), 6.0))
    one, shower = image.clone(), image.clone()
    one[:, 1, 1] = 0.1
    shower[:, 0:8:2, ::2] = 0.1

    assert describe(one).well_formed
    assert "stray specks" in describe(shower).problem


@pytest.mark.parametrize(
    ("spoil", "least"),
    [
        (lambda images, g: images + 0.05 * torch.randn(images.shape, generator=g), 1.0),
        (lambda images, g: BACKGROUND + 0.85 * (images - BACKGROUND), 1.0),
        (lambda images, g: _blurred(images), 0.97),
    ],
    ids=["noise", "pale", "blurred"],
)
def test_slightly_imperfect_picture_is_still_understood(spoil, least):
    """Does the checker forgive what a good decoder leaves behind?"""
    batch = blocks(400, seed=30)
    images = spoil(batch.images, torch.Generator().manual_seed(2))

    found = describe(images)

    right = [seen.scene == s.canonical() for seen, s in zip(found, batch.scenes, strict=True)]
    assert sum(right) / len(right) >= least


def _blurred(images):
    """Return the mean over 3 x 3 pixels."""
    padded = functional.pad(images, (1,) * 4, value=BACKGROUND)
    return functional.avg_pool2d(padded, 3, stride=1)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_float_types_and_gradients_do_not_matter(dtype):
    """Can a model's output be handed over as it is?"""
    batch = blocks(20, seed=31)

    found = describe(batch.images.to(dtype).requires_grad_())

    assert [seen.scene for seen in found] == [scene.canonical() for scene in batch.scenes]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.full((2, 3, 32, 32), float("nan")), "picture '0' .*NaN"),
        (torch.cat([torch.ones(1, 3, 32, 32), torch.full((1, 3, 32, 32), torch.inf)]),
         "picture '1' .* infinity"),
        (torch.zeros(32, 32, 3), "shape '\\(32, 32, 3\\)', .*permute"),
        (torch.zeros(3, 32, 16), "shape '\\(3, 32, 16\\)'"),
        (torch.zeros(3, 8, 8), "shape '\\(3, 8, 8\\)', .* 16 to 64"),
        (torch.zeros(3, 65, 65), "16 to 64"),
        (torch.zeros(32, 32), "shape '\\(32, 32\\)'"),
        (torch.zeros(3, 32, 32, dtype=torch.uint8), "type 'torch.uint8', .* 255"),
        ([[0.0]], "images is a 'list'"),
    ],
    ids=["nan", "infinity", "colours last", "half", "small", "large", "grey", "bytes", "list"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(images, message):
    """Does the error say what was given and how to mend it?"""
    with pytest.raises(WorldError, match=message):
        describe(images)


def test_more_than_two_objects_cannot_be_expected():
    """Is the number of blocks checked?"""
    with pytest.raises(WorldError, match=r"objects is '3', .* from 1 to 2"):
        describe(torch.ones(3, 32, 32), objects=3)


@pytest.mark.parametrize("language", ["en", "tr"])
def test_true_captions_match_in_every_respect(language):
    """Does a picture match its own caption, told from either block?"""
    batch = blocks(150, seed=32)
    swapped = [worlds.caption(scene.swapped(), language) for scene in batch.scenes]

    for captions in (batch.captions(language), swapped):
        for match, scene in zip(matches(batch.images, captions), batch.scenes, strict=True):
            one_colour = scene.blocks[0].colour == scene.blocks[1].colour
            assert match == (True, True, True, True, None if one_colour else True)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Scene((RED, BLUE), "left of"), (True, True, True, True, True)),
        (Scene((BLUE, RED), "left of"), (True, True, False, False, False)),
        (Scene((RED, BLUE), "above"), (True, True, False, False, False)),
        (
            Scene((Block("large", "red", "square"), BLUE), "left of"),
            (True, False, True, False, True),
        ),
        (
            Scene((Block("small", "red", "circle"), BLUE), "left of"),
            (False, False, False, False, True),
        ),
        (
            Scene((Block("small", "green", "square"), BLUE), "left of"),
            (False, False, False, False, False),
        ),
        (Scene((RED,)), (False, False, False, False, False)),
    ],
    ids=["right", "mirrored", "other axis", "size", "shape", "colour", "one block"],
)
def test_match_says_what_is_wrong(told, expected):
    """Is each kind of mistake told apart?"""
    picture = draw_blocks((RED, (7.0, 16.0), 3.5), (BLUE, (22.0, 17.0), 6.0))

    assert matches(picture, told) == expected


def test_ragged_picture_can_be_right_leniently():
    """Do the right colours in the right places count, though the shapes are torn?"""
    picture = draw_blocks((RED, (7.0, 16.0), 3.5), (BLUE, (22.0, 17.0), 6.0))
    picture[:, 15:18, 16:29] = BACKGROUND

    match = matches(picture, "a small red square to the left of a large blue circle")

    assert match == (False, False, False, False, True)


def test_wrong_captions_hardly_ever_match():
    """Do the captions of other pictures fail?"""
    batch, other = blocks(400, seed=33), blocks(400, seed=34)

    found = matches(batch.images, other.captions())

    truly = [
        a.canonical() == b.canonical() for a, b in zip(batch.scenes, other.scenes, strict=True)
    ]
    assert [match.strict for match in found] == truly


def test_numbers_of_pictures_and_captions_must_agree():
    """Is a caption missing, or a list given for one picture?"""
    images = blocks(3, seed=35).images

    with pytest.raises(WorldError, match="'2' caption\\(s\\) for '3' picture"):
        matches(images, ["a small red square"] * 2)
    with pytest.raises(WorldError, match="'1' caption\\(s\\) for '1' picture"):
        matches(images[0], ["a small red square"])
