"""The registry of public files is well formed, complete and explained."""

import re
from pathlib import Path

import pytest

import cmp784
from cmp784 import data
from cmp784.data.downloads import BUILT_IN
from cmp784.data.registry import read_registry, source

LOADERS = {
    "mnist": data.mnist,
    "fashion_mnist": data.fashion_mnist,
    "cifar10": data.cifar10,
    "pneumonia_mnist": data.pneumonia_mnist,
    "tinyshakespeare": data.tiny_shakespeare,
    "names": data.names,
    "cora": data.cora,
    "tatoeba_en_tr": data.tatoeba_english_turkish,
    "tatoeba_en_fr": data.tatoeba_english_french,
    "xquad": data.xquad,
    "squad": data.squad,
    "sentiment_sentences": data.sentiment_sentences,
    "sms_spam": data.sms_spam,
    "promoters.data": data.dna_promoters,
    "splice.csv": data.dna_splice,
    "paintings": data.painting,
}
GOOD = """
[set."file.txt"]
sha256 = "{digits}"
urls = {urls}
licence = "CC0"
note = ""
description = "A file"
"""


def test_every_checksum_is_a_sha256_but_the_one_that_is_not_published():
    """Each entry holds 64 hexadecimal digits; PneumoniaMNIST has only an MD5."""
    odd = [
        each.dataset
        for each in data.sources()
        if not re.fullmatch("sha256:[0-9a-f]{64}", each.checksum)
    ]

    assert odd == ["pneumonia_mnist"]


def test_every_first_address_is_https():
    """The first address is https; the only plain one is the publisher's own second address."""
    plain = {
        url.split("/")[2]
        for each in data.sources()
        for url in each.urls
        if not url.startswith("https://")
    }

    assert all(each.urls[0].startswith("https://") for each in data.sources())
    assert plain == {"fashion-mnist.s3-website.eu-central-1.amazonaws.com"}


def test_every_entry_states_licence_and_description():
    """No public file is listed without terms of use and a line on what it is."""
    assert [each.place for each in data.sources() if not each.licence or not each.description] == []


def test_addresses_on_github_name_a_fixed_commit():
    """An address that follows a branch would change under its checksum."""
    moving = [
        url
        for each in data.sources()
        for url in each.urls
        if "githubusercontent" in url and not re.search("/[0-9a-f]{40}/", url)
    ]

    assert moving == []


@pytest.mark.parametrize("each", data.sources(), ids=lambda each: each.place)
def test_loader_states_the_licence_of_its_files(each):
    """The docstring of the loader repeats the licence of every file that it reads."""
    loader = LOADERS.get(each.name) or LOADERS[each.dataset]
    words = " ".join(loader.__doc__.split())
    licence = each.licence.split(" (")[0].split(",")[0]
    if licence.startswith("not stated"):
        licence = "none stated"
    if licence == "US government data":
        licence = "public domain"

    assert f"Licence: {licence}" in words or licence in words.split("Licence:")[1]


def test_every_data_set_has_a_built_in_one_to_fall_back_on():
    """The error for a data set that cannot be had can always name a smaller one."""
    assert set(BUILT_IN) == {each.dataset for each in data.sources()}


def test_every_built_in_set_that_an_error_names_can_be_called():
    """What the error tells a student to call exists and works."""
    called = {
        call: type(eval(call, {"cmp784": cmp784})).__name__
        for words in BUILT_IN.values()
        for call in re.findall(r"cmp784\.data\.\w+\([^)]*\)", words)
    }

    assert called == {
        "cmp784.data.digits()": "LabelledImages",
        "cmp784.data.karate_club()": "Graph",
        'cmp784.data.photo("china")': "Tensor",
        "cmp784.data.tiny_shakespeare(sample=True)": "str",
        "cmp784.data.names(sample=True)": "list",
        "cmp784.data.tatoeba_english_turkish(sample=True)": "list",
        "cmp784.data.tatoeba_english_french(sample=True)": "list",
        'cmp784.data.xquad("en", sample=True)': "list",
        "cmp784.data.squad(sample=True)": "list",
        "cmp784.data.sentiment_sentences(sample=True)": "LabelledTexts",
        "cmp784.data.sms_spam(sample=True)": "LabelledTexts",
        "cmp784.data.dna_promoters(sample=True)": "LabelledTexts",
    }


def test_unknown_data_set_offers_the_nearest_name():
    """A misspelt data set is answered with the right spelling and all names."""
    with pytest.raises(
        data.DataError, match=r'no data set "minst"\. Did you mean "mnist"\? Known: "mnist", "tiny'
    ):
        source("minst", "train-images-idx3-ubyte.gz")


def test_unknown_file_lists_the_files_of_its_set():
    """A file that a set does not have is answered with those that it has."""
    with pytest.raises(data.DataError, match=r'Known: "cora.content", "cora.cites", "README"'):
        data.fetch("cora", "cora.links")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.format(digits="12ab", urls='["https://a.org/b"]'), 'is "12ab", but expected are 64'),
        (GOOD.format(digits="A" * 64, urls='["https://a.org/b"]'), "in small letters"),
        (GOOD.format(digits="a" * 64, urls='["ftp://a.org/b"]'), "ftp://a.org/b.*https://"),
        (GOOD.format(digits="a" * 64, urls="[]"), "one or more addresses"),
        (GOOD.replace("sha256", "crc").format(digits="", urls='["https://a.org/b"]'), "neither"),
        (
            GOOD.replace("licence", "license").format(digits="a" * 64, urls='["https://a.org/b"]'),
            'the key "licence" is missing',
        ),
    ],
    ids=["short checksum", "capitals", "not http", "no address", "no checksum", "misspelt key"],
)
def test_malformed_entry_is_named(tmp_path: Path, text, words):
    """The error names the file, the entry and what is wrong in it."""
    path = tmp_path / "registry.toml"
    path.write_text(text)

    with pytest.raises(data.DataError, match=rf'registry.toml, entry \[set."file.txt"\].*{words}'):
        read_registry(path)


def test_public_names_are_these():
    """The public names of the package hold still."""
    assert data.__all__ == [
        "Answer",
        "DataError",
        "Graph",
        "LabelledImages",
        "LabelledTexts",
        "Question",
        "Source",
        "cache_folder",
        "cifar10",
        "cora",
        "digits",
        "dna_promoters",
        "dna_splice",
        "fashion_mnist",
        "fetch",
        "karate_club",
        "mirror_folder",
        "mnist",
        "names",
        "painting",
        "photo",
        "pneumonia_mnist",
        "sentiment_sentences",
        "sms_spam",
        "sources",
        "squad",
        "tatoeba_english_french",
        "tatoeba_english_turkish",
        "tiny_shakespeare",
        "xquad",
    ]
    assert all(hasattr(data, name) for name in data.__all__)
