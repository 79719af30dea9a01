import pytest

from cmp784.worlds import Block, Scene, WorldError, all_scenes, blocks, caption, parse_caption

RED, BLUE = Block("small", "red", "square"), Block("large", "blue", "circle")


@pytest.mark.parametrize(
    ("relation", "english", "turkish"),
    [
        ("left of", "to the left of", "solunda"),
        ("right of", "to the right of", "sağında"),
        ("above", "above", "üstünde"),
        ("below", "below", "altında"),
    ],
)
def test_caption_is_exactly_this(relation, english, turkish):
    """Is the sentence right in both languages, word for word?"""
    scene = Scene((RED, BLUE), relation)

    assert caption(scene) == f"a small red square {english} a large blue circle"
    assert caption(scene, "tr") == f"büyük mavi dairenin {turkish} küçük kırmızı bir kare"


@pytest.mark.parametrize(
    ("shape", "genitive"), [("square", "karenin"), ("circle", "dairenin"), ("triangle", "üçgenin")]
)
def test_landmark_stands_in_the_genitive(shape, genitive):
    """Does the Turkish landmark take the right ending, and its adjectives none?"""
    scene = Scene((RED, Block("small", "purple", shape)), "below")

    assert caption(scene, "tr") == f"küçük mor {genitive} altında küçük kırmızı bir kare"


def test_whole_sentences_are_framed():
    """Do sentences begin with a capital and end with a full stop?"""
    scene = Scene((RED, BLUE), "above")

    assert caption(scene, sentence=True) == "There is a small red square above a large blue circle."
    assert (
        caption(scene, "tr", sentence=True)
        == "Büyük mavi dairenin üstünde küçük kırmızı bir kare var."
    )
    assert caption(Scene((RED,)), "tr") == "küçük kırmızı bir kare"


@pytest.mark.parametrize("sentence", [False, True], ids=["phrase", "sentence"])
@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_scene_is_read_back_from_its_caption(language, sentence):
    """Is parsing the inverse, told from either block, with the language named or guessed?"""
    for scene in (*all_scenes(1), *all_scenes(2)):
        for told in (scene, scene.swapped()):
            text = caption(told, language, sentence=sentence)
            assert parse_caption(text) == told
            assert parse_caption(text, language) == told


def test_captions_of_different_scenes_differ():
    """Does each telling of each picture have a caption of its own?"""
    told = [telling for scene in all_scenes() for telling in (scene, scene.swapped())]

    for language in ("en", "tr"):
        assert len({caption(scene, language) for scene in told}) == len(told)


def test_batch_captions_belong_to_its_scenes():
    """Does caption i tell picture i?"""
    batch = blocks(20, 16, seed=1)

    assert [parse_caption(text) for text in batch.captions("tr")] == list(batch.scenes)


@pytest.mark.parametrize(
    "text",
    [
        "small red square left of large blue circle",
        "A small red square to the LEFT of a large blue circle.",
        "There is a small red square to the left of a large blue circle",
        "Büyük mavi bir dairenin solunda küçük kırmızı kare var",
        "BÜYÜK MAVİ DAİRENİN SOLUNDA KÜÇÜK KIRMIZI BİR KARE",
    ],
)
def test_looser_wording_is_understood(text):
    """Do articles, capitals (also dotted ones) and frames not matter?"""
    assert parse_caption(text) == Scene((RED, BLUE), "left of")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a small pink square", "unknown word 'pink'. The words .*'black'.*'purple'"),
        ("küçük pembe bir kare", "unknown word 'pembe'. The words .*'kırmızı'"),
        ("küçük mor kareninin altında küçük kırmızı bir kare", "unknown word 'kareninin'"),
        ("", "expected a size .* found 'the end'"),
        ("a small red", "expected a shape .* found 'the end'"),
        ("a red small square", "expected a size .* found 'red'"),
        ("a small red square a large blue circle", "expected a relation .* found 'a'"),
        ("a small red square left a large blue circle", "'of' after the side"),
        ("a small red square above a large blue circle above", "should end before 'above'"),
        ("a small red square above a large red square", "two blocks are 'red square'"),
        ("büyük mavi daire solunda küçük kırmızı bir kare", "should end before 'solunda"),
        ("büyük mavi dairenin küçük kırmızı bir kare", "expected a side .*'solunda'"),
    ],
)
def test_wrong_caption_is_refused_where_it_goes_wrong(text, message):
    """Does the error quote the word and list what was expected there?"""
    with pytest.raises(WorldError, match=message):
        parse_caption(text)


def test_unknown_language_is_refused():
    """Are the languages listed?"""
    with pytest.raises(WorldError, match=r"language is 'de', .* 'en', 'tr'"):
        caption(Scene((RED,)), "de")
    with pytest.raises(WorldError, match="language is 'de'"):
        parse_caption("a small red square", "de")
    with pytest.raises(WorldError, match="caption is a 'NoneType'"):
        parse_caption(None)
