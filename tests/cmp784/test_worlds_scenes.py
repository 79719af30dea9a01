import pytest

from cmp784.worlds import (
    HELD_OUT,
    RELATIONS,
    Block,
    Scene,
    WorldError,
    all_scenes,
    blocks,
    split_of,
)

RED, BLUE = Block("small", "red", "square"), Block("large", "blue", "circle")


def test_all_scenes_are_different_pictures():
    """Is every scene listed once, in the form that names its picture?"""
    singles, pairs = all_scenes(1), all_scenes(2)

    assert (len(singles), len(pairs)) == (2 * 6 * 3, 36 * 34 * 2)
    assert len(set(pairs)) == len(pairs)
    assert all(scene.canonical() == scene for scene in pairs)


def test_swapped_scene_is_the_same_picture_and_mirrored_is_not():
    """Does "B right of A" equal "A left of B" as a picture?"""
    for relation in RELATIONS:
        scene = Scene((RED, BLUE), relation)
        assert scene.swapped() != scene
        assert scene.swapped().swapped() == scene
        assert scene.swapped().canonical() == scene.canonical()
        assert scene.mirrored().canonical() != scene.canonical()


def test_place_does_not_count_when_blocks_are_compared():
    """Are two blocks of one look equal wherever they stand?"""
    assert Block("small", "red", "square", centre=(3.0, 4.0)) == RED
    assert len({RED, Block("small", "red", "square", centre=(3.0, 4.0))}) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Block("tiny", "red", "square"), "size is 'tiny', .* 'small', 'large'"),
        (lambda: Block("small", "pink", "square"), "colour is 'pink', .* 'purple', 'black'"),
        (lambda: Block("small", "red", "star"), "shape is 'star', .* 'triangle'"),
        (lambda: Scene((RED, BLUE), "inside"), "relation is 'inside', .* 'below'"),
        (lambda: Scene((RED, BLUE)), "relation is 'None'"),
        (lambda: Scene((RED,), "above"), "relation 'above' with one block"),
        (lambda: Scene(()), "a scene of '0' blocks"),
        (
            lambda: Scene((RED, Block("large", "red", "square")), "above"),
            "two blocks are .red square.",
        ),
        (lambda: all_scenes(3), "objects is '3'"),
        (lambda: split_of(Scene((RED,)), "mirror"), "held_out is 'mirror', .* list"),
        (lambda: split_of(Scene((RED,)), ["colours"]), "held_out is .*colours.* 'pairs'"),
    ],
)
def test_impossible_scene_is_refused(make, message):
    """Does the error quote the word and list the known ones?"""
    with pytest.raises(WorldError, match=message):
        make()


def has(scene, colour, shape):
    """Return whether a scene has such a block."""
    return any((block.colour, block.shape) == (colour, shape) for block in scene.blocks)


def test_training_scenes_hold_none_of_the_held_out_combinations():
    """Does a scene of the training split ever show a new pair or a forbidden order?"""
    train = [scene for scene in all_scenes() if split_of(scene) == "train"]

    assert len(train) == 1583
    for scene in train:
        first, second = (block.colour for block in scene.blocks)
        assert not has(scene, "yellow", "triangle")
        assert not has(scene, "black", "circle")
        assert (first, second) not in {("blue", "red"), ("purple", "green")}


def test_each_held_out_split_holds_its_kind_alone():
    """Are new pairs in "pairs", and forbidden orders in "mirror"?"""
    for scene in all_scenes():
        new = has(scene, "yellow", "triangle") or has(scene, "black", "circle")
        order = tuple(block.colour for block in scene.blocks)
        mirror = order in {("blue", "red"), ("purple", "green")}
        expected = ["pairs"] if new else ["mirror"] if mirror else ["scenes", "train"]
        assert split_of(scene) in expected


def test_both_tellings_of_a_picture_are_in_one_split():
    """Could a held-out picture leak into training under its other caption?"""
    for scene in all_scenes():
        assert split_of(scene) == split_of(scene.swapped())


def test_mirror_image_of_a_held_out_order_is_trained_on():
    """Is "red left of blue" seen, so that only the mirror image is new?"""
    scene = Scene((Block("small", "blue", "square"), Block("large", "red", "circle")), "left of")

    assert split_of(scene) == "mirror"
    assert split_of(scene.mirrored(), held_out=["pairs", "mirror"]) == "train"


def test_about_a_tenth_of_complete_scenes_is_held_out():
    """Is the hash neither empty nor greedy, and does it hold for ever?"""
    held = [scene for scene in all_scenes() if split_of(scene, ["scenes"]) == "scenes"]

    assert len(held) == 258
    assert held[0] == Scene((RED, Block("small", "green", "square")), "left of")
    assert sum(split_of(scene, ["scenes"]) == "scenes" for scene in all_scenes(1)) == 3


@pytest.mark.parametrize("split", ["train", *HELD_OUT])
def test_pictures_of_a_split_show_scenes_of_that_split(split):
    """Does a batch hold what its split promises, judged by the picture?"""
    batch = blocks(600, side=16, split=split, seed=3)

    assert {split_of(scene) for scene in batch.scenes} == {split}


def test_splits_share_no_picture():
    """Are the canonical scenes of the four splits disjoint, and do they cover everything?"""
    shown = {
        split: {scene.canonical() for scene in blocks(12_000, 16, split=split, seed=4).scenes}
        for split in ("train", *HELD_OUT)
    }

    together = set().union(*shown.values())

    assert sum(len(scenes) for scenes in shown.values()) == len(together)
    assert shown["mirror"] | shown["pairs"] | shown["scenes"] == {
        scene for scene in all_scenes() if split_of(scene) != "train"
    }


def test_only_the_asked_kinds_are_held_out():
    """Does training without "pairs" see yellow triangles?"""
    batch = blocks(2000, 16, split="train", held_out=["mirror"], seed=5)

    assert any(has(scene, "yellow", "triangle") for scene in batch.scenes)
    assert {split_of(scene, ["mirror"]) for scene in batch.scenes} == {"train"}


def test_splits_of_single_blocks():
    """Do pictures of one block have the splits that make sense for them?"""
    new = blocks(50, 16, objects=1, split="pairs", seed=6)

    looks = {(scene.blocks[0].colour, scene.blocks[0].shape) for scene in new.scenes}

    assert looks == {("yellow", "triangle"), ("black", "circle")}
