"""The real data sets, from the local mirror, are what their docstrings say."""

import os
from collections import Counter

import pytest
import torch

from cmp784 import data

# The one reason and remedy for every test that needs the real files.
pytestmark = pytest.mark.skipif(
    not os.environ.get("CMP784_DATA"),
    reason="needs the real data sets: set CMP784_DATA=<folder of the local mirror>",
)


@pytest.fixture(autouse=True)
def _no_downloads(tmp_path, monkeypatch):
    """Let every request fail, and keep the user's own cache out of it."""
    monkeypatch.setenv("CMP784_CACHE", str(tmp_path))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def describe(tensor):
    """Say what a tensor is: type, shape, least and greatest value."""
    name = str(tensor.dtype).removeprefix("torch.")
    return name, tuple(tensor.shape), tensor.min().item(), tensor.max().item()


def test_mnist_has_60000_and_10000_digits():
    """Images are floats in [0, 1], labels int64, and ink covers about an eighth of a picture."""
    digits = data.mnist()

    assert describe(digits.train_images) == ("float32", (60000, 28, 28), 0.0, 1.0)
    assert describe(digits.train_labels) == ("int64", (60000,), 0, 9)
    assert describe(digits.test_images) == ("float32", (10000, 28, 28), 0.0, 1.0)
    assert describe(digits.test_labels) == ("int64", (10000,), 0, 9)
    assert digits.class_names == tuple("0123456789")
    assert digits.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert digits.train_images.mean().item() == pytest.approx(0.1307, abs=1e-4)


def test_tiny_shakespeare_has_65_characters():
    """The text has the length and the alphabet that are known of it."""
    text = data.tiny_shakespeare()

    assert (len(text), len(set(text))) == (1115394, 65)
    assert text.startswith("First Citizen:\nBefore we proceed any further")


def test_names_are_32033_with_duplicates():
    """The last line, which has no line feed, is a name too."""
    names = data.names()

    assert (len(names), len(set(names)), names[0], names[-1]) == (32033, 29494, "emma", "zzyzx")


def test_cora_has_2708_papers_and_5429_citations():
    """Features, labels and edges fit together, and classes have the known sizes."""
    graph = data.cora()

    assert describe(graph.features) == ("float32", (2708, 1433), 0.0, 1.0)
    assert describe(graph.edges) == ("int64", (2, 5429), 0, 2707)
    assert dict(zip(graph.class_names, graph.labels.bincount().tolist(), strict=True)) == {
        "Case_Based": 298,
        "Genetic_Algorithms": 418,
        "Neural_Networks": 818,
        "Probabilistic_Methods": 426,
        "Reinforcement_Learning": 217,
        "Rule_Learning": 180,
        "Theory": 351,
    }
    assert (len(set(graph.ids)), graph.ids[0]) == (2708, "31336")


def test_cora_edges_lead_from_the_citing_to_the_cited_paper():
    """The first line of the file says that paper 1033 cites paper 35."""
    graph = data.cora()
    citing, cited = graph.edges
    pairs = set(zip(citing.tolist(), cited.tolist(), strict=True))

    assert (graph.ids[citing[0]], graph.ids[cited[0]]) == ("1033", "35")
    assert sum((b, a) in pairs for a, b in pairs) == 2 * 151
    assert not (citing == cited).any()


def test_tatoeba_english_turkish_has_73841_pairs():
    """The first and the last pair are those of the file."""
    pairs = data.tatoeba_english_turkish()

    assert (len(pairs), len({english for english, _ in pairs})) == (73841, 70085)
    assert pairs[0] == ("Hi.", "Merhaba.")
    assert pairs[-1] == ("We did what we could.", "Elimizden geleni yaptık.")
    assert max(len(english.split()) for english, _ in pairs) == 7


def test_tatoeba_english_french_has_142787_pairs():
    """Blanks before French marks do not break lines or pairs."""
    pairs = data.tatoeba_english_french()

    assert (len(pairs), len({english for english, _ in pairs})) == (142787, 98659)
    assert pairs[:2] == [("Go.", "Va !"), ("Run!", "Cours\u202f!")]


@pytest.mark.parametrize("language", ["en", "tr"])
def test_xquad_has_1190_questions_with_every_answer_in_its_place(language):
    """No answer span is off, counted in characters."""
    questions = data.xquad(language)

    assert len(questions) == 1190
    assert len({each.title for each in questions}) == 48
    assert len({each.context for each in questions}) == 240
    assert {len(each.answers) for each in questions} == {1}
    for each in questions:
        [(text, start)] = each.answers
        assert each.context[start:].startswith(text)


def test_xquad_asks_the_same_in_both_languages():
    """Question number i has the same name in both files."""
    english, turkish = data.xquad("en"), data.xquad("tr")

    assert [each.id for each in english] == [each.id for each in turkish]


@pytest.mark.parametrize("source", ["amazon", "imdb", "yelp"])
def test_sentiment_sentences_are_500_of_each_class(source):
    """A line is a sentence even where it holds the character U+0085."""
    sentences = data.sentiment_sentences(source)

    assert len(sentences.texts) == 1000
    assert sentences.labels.bincount().tolist() == [500, 500]
    assert sentences.labels.dtype == torch.int64
    assert [text for text in sentences.texts if text != text.strip() or not text] == []


def test_sms_spam_has_5574_messages():
    """4,827 are wanted and 747 are not."""
    messages = data.sms_spam()

    assert len(messages.texts) == 5574
    assert messages.labels.bincount().tolist() == [4827, 747]
    assert messages.texts[1] == "Ok lar... Joking wif u oni..."


def test_dna_promoters_are_106_sequences_of_57():
    """Names and sequences lose the tabs around them."""
    promoters = data.dna_promoters()

    assert (promoters.ids[0], promoters.class_names[promoters.labels[0]]) == ("S10", "promoter")
    assert promoters.texts[0] == "tactagcaatacgcttgcgttcggtggttaagtatgtataatgcgcgggcttgtcgt"
    assert {len(text) for text in promoters.texts} == {57}
    assert promoters.labels.bincount().tolist() == [53, 53]


def test_dna_splice_has_3190_sequences_of_60():
    """Letters for unsure bases are kept."""
    splice = data.dna_splice()

    assert Counter(splice.class_names[label] for label in splice.labels) == {
        "EI": 767,
        "IE": 768,
        "N": 1655,
    }
    assert {len(text) for text in splice.texts} == {60}
    assert "".join(sorted(set("".join(splice.texts)))) == "ACDGNRST"
    assert splice.ids[0] == "ATRINS-DONOR-521"


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("starry_night", (3, 1014, 1280)),
        ("the_scream", (3, 1528, 1200)),
        ("shipwreck", (3, 662, 960)),
    ],
)
def test_painting_is_a_colour_picture(name, shape):
    """Channels come first, and values lie in [0, 1]."""
    dtype, found, least, greatest = describe(data.painting(name))

    assert (dtype, found) == ("float32", shape)
    assert 0 <= least < 0.1
    assert 0.9 < greatest <= 1


def test_starry_night_is_more_blue_than_red():
    """The channels are in the order red, green, blue."""
    red, _, blue = data.painting("starry_night").mean(dim=(1, 2))

    assert blue > red
