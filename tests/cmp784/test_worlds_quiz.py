from collections import Counter

import pytest

from cmp784.worlds import Block, Scene, WorldError, all_scenes, questions
from cmp784.worlds.captions import TURKISH
from cmp784.worlds.vocabulary import COLOURS, RELATIONS, SHAPES, SIZES

RED, BLUE = Block("small", "red", "square"), Block("large", "blue", "circle")


def tellings():
    """Return every scene, told from either block."""
    return [telling for scene in all_scenes() for telling in (scene, scene.swapped())]


def answer(question, scene):
    """Answer an English question by looking at the scene, independently of the module."""
    words = question.removesuffix("?").replace(" the ", " ").split()
    if words[0] == "how":
        word = words[2].removesuffix("s")
        number = sum(word in (b.size, b.colour, b.shape) for b in scene.blocks)
        return [("zero", "one", "two")[number]]
    if words[0] == "is":
        colour, shape, *relation, other, landmark = words[1:]
        found = [
            told.blocks[0].colour == colour and told.blocks[0].shape == shape
            and told.blocks[1].colour == other and told.blocks[1].shape == landmark
            and told.relation == " ".join(relation)
            for told in (scene, scene.swapped())
        ]  # fmt: skip
        return ["yes" if any(found) else "no"]
    what, described = words[1], set(words[3:])
    if "shape" in described:  # what colour is the shape left of the blue circle?
        *relation, other, landmark = words[4:]
        return [
            told.blocks[0].colour
            for told in (scene, scene.swapped())
            if (told.blocks[1].colour, told.blocks[1].shape) == (other, landmark)
            and told.relation == " ".join(relation)
        ]
    return [
        getattr(block, what)
        for block in scene.blocks
        if described <= {block.size, block.colour, block.shape}
    ]


def test_every_question_has_exactly_the_given_answer():
    """Is each question unambiguous, and its answer right, for every scene there is?"""
    for scene in (*all_scenes(1), *tellings()):
        for question, given, _ in questions(scene):
            assert answer(question, scene) == [given]


def test_two_circles_leave_out_the_question_for_the_circle():
    """Is an ambiguous question not asked?"""
    scene = Scene((Block("small", "red", "circle"), Block("large", "blue", "circle")), "left of")

    asked = [question for question, _, _ in questions(scene)]

    assert "what colour is the circle?" not in asked
    assert "what colour is the small circle?" in asked
    assert "what size is the red circle?" in asked


def test_yes_and_no_are_balanced_for_each_wording():
    """Can a blind model gain anything on yes/no questions?"""
    answers = {}
    for scene in tellings():
        for question, given, kind in questions(scene):
            if kind == "relation":
                answers.setdefault(question, Counter())[given] += 1

    assert len(answers) == (18 * 17) * len(RELATIONS)
    assert all(count["yes"] == count["no"] for count in answers.values())


def test_turkish_questions_are_exactly_these():
    """Are the Turkish questions the English ones, with the right endings?"""
    asked = questions(Scene((RED, BLUE), "left of"), "tr")

    assert [(question, given) for question, given, _ in asked[:4]] == [
        ("kare ne renk?", "kırmızı"),
        ("küçük kare ne renk?", "kırmızı"),
        ("kırmızı olan hangi şekil?", "kare"),
        ("kırmızı kare büyük mü küçük mü?", "küçük"),
    ]
    assert [(question, given) for question, given, kind in asked if kind == "relation"] == [
        ("kırmızı kare mavi dairenin solunda mı?", "evet"),
        ("kırmızı kare mavi dairenin sağında mı?", "hayır"),
        ("mavi daire kırmızı karenin sağında mı?", "evet"),
        ("mavi daire kırmızı karenin solunda mı?", "hayır"),
    ]
    assert ("mavi dairenin solundaki şekil ne renk?", "kırmızı", "colour of related") in asked
    assert ("kaç daire var?", "bir", "count") in asked


def test_both_languages_ask_the_same():
    """Do question i and answer i mean the same in both languages?"""
    words = {
        **TURKISH, "yes": "evet", "no": "hayır", "zero": "sıfır", "one": "bir", "two": "iki",
    }  # fmt: skip
    for scene in tellings()[::7]:
        english, turkish = questions(scene), questions(scene, "tr")
        assert [(words[q.answer], q.kind) for q in english] == [(q.answer, q.kind) for q in turkish]


def test_one_block_is_asked_about_too():
    """Are questions without a second block possible, and none about relations?"""
    asked = questions(Scene((RED,)))

    assert {kind for _, _, kind in asked} == {"colour", "shape", "size", "count"}
    assert Counter(q.answer for q in asked if q.kind == "count") == Counter(
        {"one": 3, "zero": len(SHAPES) - 1 + len(SIZES) - 1 + 1}
    )


def test_zero_is_asked_for_a_colour_as_well():
    """Does a colour that is absent occur in counting questions?"""
    for scene in tellings()[::5]:
        counts = {q.question: q.answer for q in questions(scene) if q.kind == "count"}
        colours = {w: a for w in COLOURS for q, a in counts.items() if f" {w} " in q}
        assert list(colours.values()).count("zero") == 1


def test_unknown_language_is_refused():
    """Are the languages listed?"""
    with pytest.raises(WorldError, match=r"language is 'fr', .* 'en', 'tr'"):
        questions(Scene((RED,)), "fr")
