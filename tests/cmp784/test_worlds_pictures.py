import dataclasses

import pytest
import torch

from cmp784 import worlds
from cmp784.worlds import COLOURS, RELATIONS, SHAPES, SIZES, Blocks, WorldError, blocks
from cmp784.worlds.rendering import palette, signed_distance

SIDES = (16, 17, 24, 32, 48, 64)


@pytest.fixture(scope="module")
def batch():
    """Return 600 pictures of two blocks, 32 pixels a side."""
    return blocks(600, seed=11)


def same(one, other):
    """Return whether two batches agree in every tensor."""
    fields = [field.name for field in dataclasses.fields(Blocks)]
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in fields)


@pytest.mark.parametrize(("side", "objects"), [(16, 1), (16, 2), (33, 2), (64, 1)])
def test_batch_has_the_promised_shapes_and_types(side, objects):
    """Are all tensors as documented?"""
    found = blocks(5, side, objects=objects, seed=1)

    shapes = {f.name: tuple(getattr(found, f.name).shape) for f in dataclasses.fields(Blocks)}
    kinds = {f.name: getattr(found, f.name).dtype for f in dataclasses.fields(Blocks)}

    assert shapes == {
        "images": (5, 3, side, side),
        "boxes": (5, objects, 4),
        "masks": (5, objects, side, side),
        "keypoints": (5, objects, 5, 2),
        "shape": (5, objects),
        "colour": (5, objects),
        "size": (5, objects),
        "relation": (5,),
    }
    assert [kinds[name] for name in ("images", "boxes", "keypoints")] == [torch.float32] * 3
    assert [kinds[name] for name in ("shape", "colour", "size", "relation")] == [torch.int64] * 4
    assert kinds["masks"] == torch.bool


@pytest.mark.parametrize("side", SIDES)
def test_image_values_run_from_zero_to_one(side):
    """Are images in [0, 1], with the background of the world?"""
    images = blocks(50, side, seed=2).images

    assert images.min() >= 0
    assert images.max() <= 1
    assert torch.allclose(images[:, :, 0, 0], torch.tensor(worlds.BACKGROUND), atol=1e-6)


@pytest.mark.parametrize("side", SIDES)
def test_boxes_are_the_extents_of_the_masks(side):
    """Does each box end exactly where its mask does?"""
    found = blocks(40, side, seed=3)

    for mask, box in zip(found.masks.flatten(0, 1), found.boxes.flatten(0, 1), strict=True):
        y, x = mask.nonzero(as_tuple=True)
        expected = [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1]
        assert box.tolist() == expected


@pytest.mark.parametrize("side", SIDES)
def test_masks_are_what_the_picture_shows(side):
    """Is a pixel in a mask exactly if it is nearer to the block's colour than to the ground?"""
    found = blocks(200, side, seed=4)
    colours = palette()[found.colour]  # (n, 2, 3)

    ground = (found.images - worlds.BACKGROUND).square().sum(dim=1)
    for k in range(2):
        ink = (found.images - colours[:, k, :, None, None]).square().sum(dim=1)
        other = found.masks[:, 1 - k]
        shown = (ink < ground) & ~other
        # Over the other block, its own colour rules; elsewhere picture and mask must agree, but
        # for pixels that are covered by exactly one half.
        near = (ink - ground).abs() < 1e-5
        rim = found.boxes[:, 1 - k]
        far = _outside(rim, side)
        assert not ((shown != found.masks[:, k]) & ~near & far).any()


def _outside(boxes, side):
    """Return the pixels that are more than one pixel away from each box."""
    steps = torch.arange(side)
    x = (steps < boxes[:, :1] - 1) | (steps >= boxes[:, 2:3] + 1)
    y = (steps < boxes[:, 1:2] - 1) | (steps >= boxes[:, 3:] + 1)
    return x[:, None, :] | y[:, :, None]


@pytest.mark.parametrize("side", SIDES)
def test_blocks_do_not_touch_and_stay_inside(side):
    """Is there always background between two blocks, and around them?"""
    found = blocks(500, side, seed=5)

    first, second = found.boxes[:, 0], found.boxes[:, 1]
    gap = torch.maximum(
        torch.maximum(first[:, :2], second[:, :2]) - torch.minimum(first[:, 2:], second[:, 2:]),
        torch.zeros(()),
    ).amax(dim=1)

    assert gap.min() >= 1
    assert not (found.masks[:, 0] & found.masks[:, 1]).any()
    corners = found.keypoints.flatten(1, 2)
    assert corners.min() >= side / 32 - 1e-3
    assert corners.max() <= side - side / 32 + 1e-3


def test_relation_is_that_of_the_centres_and_never_in_doubt(batch):
    """Is the distance along the axis at least twice that across it?"""
    step = batch.keypoints[:, 1, 0] - batch.keypoints[:, 0, 0]  # from block 0 to block 1
    for (dx, dy), relation in zip(step.tolist(), batch.relation.tolist(), strict=True):
        along, across = (dx, dy) if abs(dx) > abs(dy) else (dy, dx)
        names = ("left of", "right of") if abs(dx) > abs(dy) else ("above", "below")
        assert RELATIONS[relation] == names[along < 0]
        assert abs(along) > 2 * abs(across)


def test_keypoints_lie_on_the_outline_and_in_the_middle(batch):
    """Is the signed distance of each keypoint zero, and the first one in the box's middle?"""
    half = (batch.keypoints[..., 0] - batch.keypoints[..., :1, 0]).amax(dim=-1)
    offset = batch.keypoints - batch.keypoints[:, :, :1]

    for index, shape in enumerate(SHAPES):
        points = offset[batch.shape == index][:, 1:]  # (m, 4, 2)
        distance = signed_distance(
            shape, points[..., 0], points[..., 1], half[batch.shape == index][:, None]
        )
        assert distance.abs().max() < 1e-4
    middles = (batch.boxes[..., :2] + batch.boxes[..., 2:]) / 2
    flat = batch.shape != SHAPES.index("triangle")  # the mask of a triangle lacks its very tip
    assert (middles - batch.keypoints[:, :, 0])[flat].abs().max() <= 0.51


@pytest.mark.parametrize("shape", SHAPES)
def test_drawn_area_is_that_of_the_shape(shape, batch):
    """Does a mask have the area of its geometry within the error of its rim?"""
    half = (batch.keypoints[..., 0] - batch.keypoints[..., :1, 0]).amax(dim=-1)
    chosen = batch.shape == SHAPES.index(shape)
    factor = {"square": 4.0, "circle": torch.pi, "triangle": 2.0}[shape]

    ratio = batch.masks[chosen].sum(dim=(1, 2)) / (factor * half[chosen] ** 2)

    assert ratio.mean() == pytest.approx(1, abs=0.02)
    assert ratio.min() > 0.75
    assert ratio.max() < 1.25


def test_every_attribute_and_relation_occurs_about_equally(batch):
    """Is no colour, shape, size or relation left out?"""
    for values, names in (
        (batch.shape, SHAPES),
        (batch.colour, COLOURS),
        (batch.size, SIZES),
        (batch.relation, RELATIONS),
    ):
        share = torch.bincount(values.flatten(), minlength=len(names)) / values.numel()
        assert share.min() > 0.7 / len(names)


def test_large_blocks_are_larger_than_small_ones(batch):
    """Do the two sizes leave a gap between them?"""
    width = batch.boxes[..., 2] - batch.boxes[..., 0]

    assert width[batch.size == 0].max() + 2 < width[batch.size == 1].min()


def test_no_picture_has_the_same_colour_and_shape_twice(batch):
    """Can a caption always tell the two blocks apart?"""
    twice = (batch.colour[:, 0] == batch.colour[:, 1]) & (batch.shape[:, 0] == batch.shape[:, 1])

    assert not twice.any()


def test_scene_reads_as_the_tables_say(batch):
    """Does ``scenes[i]`` name what the integers mean?"""
    for i in (0, 17, -1):
        scene = batch.scenes[i]
        for k, block in enumerate(scene.blocks):
            assert block.size == SIZES[batch.size[i, k]]
            assert block.colour == COLOURS[batch.colour[i, k]]
            assert block.shape == SHAPES[batch.shape[i, k]]
            assert block.centre == tuple(batch.keypoints[i, k, 0].tolist())
        assert scene.relation == RELATIONS[batch.relation[i]]
    assert len(batch.scenes) == len(batch) == 600
    assert batch.scenes[3:5] == [batch.scenes[3], batch.scenes[4]]
    with pytest.raises(IndexError, match="out of bounds"):
        batch.scenes[600]


def test_picture_of_one_block_has_no_relation():
    """Is the relation -1 in the table and None in words?"""
    found = blocks(20, objects=1, seed=6)

    assert found.relation.tolist() == [-1] * 20
    assert {scene.relation for scene in found.scenes} == {None}


@pytest.mark.parametrize("side", [16, 32, 64])
def test_same_seed_gives_the_same_pictures(side):
    """Is a batch the same on a second run, and another with another seed?"""
    assert same(blocks(30, side, seed=7), blocks(30, side, seed=7))
    assert not same(blocks(30, side, seed=7), blocks(30, side, seed=8))


def test_larger_batch_begins_with_the_smaller_one():
    """Do the first pictures depend on how many follow, also across drawing chunks?"""
    few, many = blocks(40, 32, seed=9), blocks(2500, 32, seed=9)

    for name in ("images", "boxes", "masks", "keypoints", "shape", "colour", "size", "relation"):
        assert torch.equal(getattr(few, name), getattr(many, name)[:40])
    assert torch.equal(blocks(1100, 32, seed=9).images, many.images[:1100])


def test_same_seed_gives_the_same_scenes_at_every_side():
    """Is a world of 64 pixels the enlarged world of 32?"""
    small, large = blocks(50, 32, seed=10), blocks(50, 64, seed=10)

    assert list(small.scenes) == list(large.scenes)
    assert torch.allclose(small.keypoints * 2, large.keypoints, atol=1e-3)


def test_generator_moves_on():
    """Do two batches from one generator differ?"""
    generator = torch.Generator().manual_seed(7)

    first, second = blocks(5, seed=generator), blocks(5, seed=generator)

    assert same(first, blocks(5, seed=7))
    assert not same(first, second)


def test_batch_cannot_be_changed_by_assignment(batch):
    """Is the batch frozen?"""
    with pytest.raises(dataclasses.FrozenInstanceError, match="images"):
        batch.images = None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count is '0', .* at least 1"),
        ({"count": True}, "count is 'True'"),
        ({"side": 15}, "side is '15', .* from 16 to 64"),
        ({"side": 65}, "side is '65', .* from 16 to 64"),
        ({"side": 32.0}, "side is '32.0', .* whole number"),
        ({"objects": 3}, "objects is '3', .* from 1 to 2"),
        ({"split": "test"}, "split is 'test', .* 'all', 'train', 'pairs', 'mirror', 'scenes'"),
        ({"split": "mirror", "held_out": ["pairs"]}, "split is 'mirror', .* 'train', 'pairs'"),
        ({"held_out": "pairs"}, "held_out is 'pairs', but expected a list"),
        ({"held_out": ["shapes"]}, "held_out is .*shapes"),
        ({"objects": 1, "split": "mirror"}, "split is 'mirror'"),
        ({"objects": 1, "split": "mirror", "held_out": ["mirror"]}, "no scene of 1 block"),
        ({"seed": -1}, "seed is '-1'"),
    ],
)
def test_bad_option_is_refused_by_name(options, message):
    """Does the error say which option is wrong, and what is expected?"""
    with pytest.raises(WorldError, match=message):
        blocks(**{"count": 4, **options})
