"""Files of the right form are read, and files of a wrong one are refused by file and line."""

import gzip
import io
import json
import pickle
import re
import struct
import tarfile
import zipfile
from typing import ClassVar

import numpy as np
import pytest
import torch
from sklearn.datasets import load_sample_image

from cmp784 import data
from cmp784.data import (
    cifar,
    graphs,
    images,
    labelled_texts,
    questions,
    samples,
    texts,
    translations,
)
from cmp784.data.images import read_idx


@pytest.fixture
def put(tmp_path, monkeypatch):
    """Return a function that puts a file where the loaders then find it, without a checksum."""

    def fetch(dataset, name):
        return tmp_path / dataset / name

    for module in (images, graphs, translations, samples):
        monkeypatch.setattr(module, "fetch", fetch)

    def put(dataset, name, content):
        path = fetch(dataset, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


def idx(array, kind=8):
    """Write an array of bytes in the IDX format, compressed."""
    header = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes())


PIXELS = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)


def put_idx_set(put, dataset, labels=(3, 9)):
    """Put a data set of two images for training and for testing."""
    for part in ("train", "t10k"):
        put(dataset, f"{part}-images-idx3-ubyte.gz", idx(PIXELS))
        put(dataset, f"{part}-labels-idx1-ubyte.gz", idx(np.array(labels, np.uint8)))


def test_fashion_mnist_is_read_like_mnist(put):
    """Bytes become floats in [0, 1], and labels have names."""
    put_idx_set(put, "fashion_mnist")

    clothes = data.fashion_mnist()

    assert torch.equal(clothes.test_images, torch.from_numpy(PIXELS) / 255)
    assert [clothes.class_names[label] for label in clothes.train_labels] == ["dress", "ankle boot"]


def test_labels_that_do_not_match_the_images_are_refused(put):
    """Two images need two labels."""
    put_idx_set(put, "mnist", labels=(1, 2, 3))

    with pytest.raises(data.DataError, match=r'"mnist": there are 2 images, but 3 labels'):
        data.mnist()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"plain", r"cannot be decompressed.*expected gzip"),
        (idx(PIXELS)[:-20], r"cannot be decompressed"),
        (gzip.compress(b""), r'begins with "", but expected "00 00 08 03"'),
        (idx(PIXELS, kind=9), r'begins with "00 00 09 03"'),
        (idx(PIXELS[0]), r'begins with "00 00 08 02".*3 dimensions'),
        (
            gzip.compress(gzip.decompress(idx(PIXELS))[:-1]),
            r'says "\(2, 28, 28\)", 1,568 bytes, but 1,567 bytes follow',
        ),
    ],
    ids=["not gzip", "cut gzip", "empty", "not bytes", "two dimensions", "too short"],
)
def test_malformed_idx_file_is_refused(tmp_path, content, words):
    """The error names the file, what was found and what was expected."""
    path = tmp_path / "images.gz"
    path.write_bytes(content)

    with pytest.raises(data.DataError, match=f'images.gz": .*{words}'):
        read_idx(path, dimensions=3)


class Python2Pickler(pickle._Pickler):
    """Write pickles as Python 2 wrote those of CIFAR-10: byte strings, and NumPy's old names."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        """Write a byte string as Python 2 wrote its strings."""
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)

    def save_text(self, value):
        """Write a text as Python 2 wrote its strings."""
        self.save_bytes(value.encode())

    dispatch[bytes] = save_bytes
    dispatch[str] = save_text

    def save_global(self, obj, name=None):
        """Write the name of a class or function."""
        module = "numpy.core.multiarray" if obj.__name__ == "_reconstruct" else obj.__module__
        self.write(pickle.GLOBAL + f"{module}\n{obj.__name__}\n".encode())

    dispatch[type(np.dtype)] = save_global
    dispatch[type(np.zeros(0).__reduce__()[0])] = save_global


def python2_pickle(value):
    """Pickle a value as Python 2 did."""
    stream = io.BytesIO()
    Python2Pickler(stream, protocol=2).dump(value)
    return stream.getvalue()


def cifar_archive(leave_out="", **replace):
    """Make a CIFAR-10 of two images a batch; batch k has the labels k and 9."""
    members = {
        f"data_batch_{k}": python2_pickle(
            {b"data": np.full((2, 3072), k, np.uint8), b"labels": [k, 9]}
        )
        for k in range(1, 6)
    }
    test = np.zeros((2, 3072), np.uint8)
    test[0, :1024] = 255
    members["test_batch"] = python2_pickle({b"data": test, b"labels": [0, 1]})
    members["batches.meta"] = python2_pickle({b"label_names": [b"airplane", b"automobile"]})
    members.update(replace)
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in members.items():
            if name != leave_out:
                entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
    return stream.getvalue()


def test_cifar10_batches_become_one_training_set(put):
    """Batches are joined in order, and the first 1,024 bytes of an image are its red."""
    put("cifar10", "cifar-10-python.tar.gz", cifar_archive())

    photos = data.cifar10()

    assert tuple(photos.train_images.shape) == (10, 3, 32, 32)
    assert photos.train_labels.tolist() == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9]
    assert torch.equal(photos.train_images[4], torch.full((3, 32, 32), 3 / 255))
    assert photos.test_images[0].mean(dim=(1, 2)).tolist() == [1, 0, 0]
    assert photos.class_names == ("airplane", "automobile")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"leave_out": "data_batch_3"}, 'member "data_batch_3": cannot be read'),
        ({"test_batch": python2_pickle({b"data": 1})}, 'expected a dictionary with "labels"'),
        ({"test_batch": pickle.dumps(print)}, r'"builtins.print" is not an array'),
        (
            {"test_batch": python2_pickle({b"data": np.zeros((2, 9), np.uint8), b"labels": [1]})},
            r"found uint8 \(2, 9\) for 1 labels",
        ),
    ],
    ids=["batch missing", "labels missing", "runs code", "wrong shape"],
)
def test_malformed_cifar10_is_refused(put, changes, words):
    """The error names the archive and its member; nothing in a pickle is run."""
    path = put("cifar10", "cifar-10-python.tar.gz", cifar_archive(**changes))

    with pytest.raises(data.DataError, match=f"cifar-10-python.tar.gz.*{words}"):
        cifar.read_cifar10(path)


def test_pneumonia_mnist_joins_training_and_validation(put):
    """The validation images follow the training ones, and labels lose their second dimension."""
    stream = io.BytesIO()
    parts = {"train": (3, 0), "val": (2, 1), "test": (1, 1)}
    arrays = {}
    for part, (count, label) in parts.items():
        arrays[f"{part}_images"] = np.full((count, 28, 28), 51 * count, np.uint8)
        arrays[f"{part}_labels"] = np.full((count, 1), label, np.uint8)
    np.savez(stream, **arrays)
    put("pneumonia_mnist", "pneumoniamnist.npz", stream.getvalue())

    chests = data.pneumonia_mnist()

    assert chests.train_labels.tolist() == [0, 0, 0, 1, 1]
    assert chests.train_images[:, 0, 0].tolist() == pytest.approx([0.6, 0.6, 0.6, 0.4, 0.4])
    assert tuple(chests.test_images.shape) == (1, 28, 28)


PROMOTER = "+,S10,\t\t" + "acgt" * 14 + "a\n"
SPLICE = "label,instance_name,sequence\nEI,   A-1,   " + "ACGT" * 15 + "\n"


@pytest.mark.parametrize(
    ("load", "dataset", "name", "content", "words"),
    [
        (data.names, "names", "names.txt", "emma\nOlivia\n", 'line 2: found "Olivia", but'),
        (data.names, "names", "names.txt", "emma\n\nava\n", 'line 2: found "", but'),
        (data.names, "names", "names.txt", "emma\r\nava\r\n", "line 1: found .*one name"),
        (data.names, "names", "names.txt", b"emma\nzo\xeb\n", 'line 2: found the bytes "eb"'),
        (
            data.sentiment_sentences,
            "sentiment_sentences",
            "imdb_labelled.txt",
            "Fine.\t1\nBad.\t2\n",
            'line 2: found "Bad.\t2", but expected a sentence, a tab, and "0" or "1"',
        ),
        (
            data.sms_spam,
            "sms_spam",
            "SMSSpamCollection",
            "ham\tHi\neggs\tHi\n",
            'line 2: found "eggs\tHi", but expected "ham" or "spam"',
        ),
        (data.sms_spam, "sms_spam", "SMSSpamCollection", "ham\t \n", "a message"),
        (
            data.dna_promoters,
            "dna",
            "promoters.data",
            PROMOTER + PROMOTER.replace("acgt", "acgu", 1),
            'line 2: found ".,S10.*57 letters acgt',
        ),
        (data.dna_promoters, "dna", "promoters.data", "?" + PROMOTER, "line 1: .*class"),
        (data.dna_promoters, "dna", "promoters.data", PROMOTER[:-3] + "\n", "57 letters"),
        (data.dna_splice, "dna", "splice.csv", SPLICE.split("\n", 1)[1], "line 1: .*the header"),
        (data.dna_splice, "dna", "splice.csv", SPLICE + "N,A-2\n", 'line 3: found "N,A-2"'),
        (
            data.tatoeba_english_turkish,
            "tatoeba_en_tr",
            "tur.txt",
            "Hi.\tSelam.\nHi.\tSelam.\t#1\n",
            "line 2: .*one tab",
        ),
        (
            data.tatoeba_english_turkish,
            "tatoeba_en_tr",
            "tur.txt",
            "Hi.\t\n",
            "line 1: .*its translation",
        ),
        (
            data.tatoeba_english_french,
            "tatoeba_en_fr",
            "fra-eng.zip",
            b"no zip",
            'fra.txt": .*expected a zip archive',
        ),
        (data.squad, "squad", "dev-v1.1.json", '{\n"data": [}', "line 2: .*expected JSON"),
        (data.squad, "squad", "dev-v1.1.json", "{}", 'the key "data" is missing'),
        (data.squad, "squad", "dev-v1.1.json", "[]", "not of the form of SQuAD"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_malformed_line_is_refused_by_file_and_number(put, load, dataset, name, content, words):
    """The error names the file, the line, what was found in quotes, and what was expected."""
    put(dataset, name, content)

    with pytest.raises(data.DataError, match=f"{re.escape(name)}.*{words}"):
        load()


def test_long_line_is_shown_shortened(put):
    """A line of thousands of flags does not flood the screen."""
    put("names", "names.txt", "A" * 5000)

    with pytest.raises(data.DataError, match=f'found "{"A" * 77}\\.\\.\\."'):
        data.names()


def test_line_inside_the_french_archive_is_named(put):
    """The error says which file of the archive holds the line."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("fra.txt", "Go.\tVa !\nRun!\n")
    put("tatoeba_en_fr", "fra-eng.zip", stream.getvalue())

    with pytest.raises(data.DataError, match=r'fra-eng\.zip, fra\.txt", line 2: found "Run!"'):
        data.tatoeba_english_french()


def squad_file(context, text, start):
    """Write one question in the form of SQuAD."""
    entry = {"id": "q1", "question": "?", "answers": [{"text": text, "answer_start": start}]}
    article = {"title": "T", "paragraphs": [{"context": context, "qas": [entry]}]}
    return json.dumps({"data": [article], "version": "1.1"})


def test_xquad_answer_that_is_elsewhere_is_refused(put):
    """The error names the question, and what stands where the answer should."""
    put("xquad", "xquad.tr.json", squad_file("Ankara büyük.", "büyük", 6))

    with pytest.raises(data.DataError, match=r'"q1": found " büyü" at character 6 .* "büyük"'):
        data.xquad("tr")


def test_squad_is_read_into_questions(put):
    """Each question carries its title, context and answers."""
    put("squad", "dev-v1.1.json", squad_file("Ankara is big.", "Ankara", 0))

    assert data.squad() == [
        questions.Question("q1", "T", "Ankara is big.", "?", (questions.Answer("Ankara", 0),))
    ]


def paper(name, flags, subject):
    """Write a line of Cora with three words."""
    return "\t".join([name, *flags, subject]) + "\n"


PAPERS = paper("35", "010", "Theory") + paper("40", "111", "Theory")


def test_papers_are_read_in_the_order_of_the_file(tmp_path):
    """Flags become numbers, one row a paper."""
    path = tmp_path / "cora.content"
    path.write_text(PAPERS)

    features, subjects, ids = graphs.read_papers(path, words=3)

    assert features.tolist() == [[0, 1, 0], [1, 1, 1]]
    assert (subjects, ids) == (["Theory", "Theory"], ("35", "40"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (paper("41", "01", "Theory"), "3 flags 0 or 1"),
        (paper("41", "012", "Theory"), "3 flags 0 or 1"),
        (paper("40", "010", "Theory"), 'each paper once, but "40" is also in line 2'),
    ],
    ids=["flag missing", "flag of 2", "paper twice"],
)
def test_malformed_paper_is_refused(tmp_path, line, words):
    """The error names the line."""
    path = tmp_path / "cora.content"
    path.write_text(PAPERS + line)

    with pytest.raises(data.DataError, match=f'cora.content", line 3: .*{words}'):
        graphs.read_papers(path, words=3)


def test_citation_of_an_unknown_paper_is_refused(tmp_path):
    """A link to a paper that is not there is not dropped in silence."""
    path = tmp_path / "cora.cites"
    path.write_text("35\t40\n35\t77\n")

    with pytest.raises(data.DataError, match=r'line 2: names the paper "77".* one of the 2 papers'):
        graphs.read_citations(path, ("35", "40"))


def test_citation_without_a_tab_is_refused(tmp_path):
    """The error shows the line."""
    path = tmp_path / "cora.cites"
    path.write_text("35 40\n")

    with pytest.raises(data.DataError, match=r'line 1: found "35 40".* with one tab'):
        graphs.read_citations(path, ("35", "40"))


def test_no_citations_are_an_empty_matrix(tmp_path):
    """A graph without edges still has edges of shape (2, 0)."""
    path = tmp_path / "cora.cites"
    path.write_text("")

    assert graphs.read_citations(path, ("35",)).shape == (2, 0)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: data.painting("mona"), 'no painting "mona". Known: "starry_night", "the_scream"'),
        (lambda: data.painting("scream"), 'Did you mean "the_scream"'),
        (lambda: data.photo("dog"), 'no photo "dog". Known: "china", "flower"'),
        (lambda: data.xquad("de"), 'no language of XQuAD here "de". Known: "en", "tr"'),
        (lambda: data.xquad(None), 'no language of XQuAD here "None"'),
        (lambda: data.sentiment_sentences("imbd"), 'Did you mean "imdb".*"amazon"'),
    ],
    ids=["painting", "near painting", "photo", "language", "None", "sentences"],
)
def test_unknown_name_lists_the_known_ones(call, words):
    """A name that does not exist is answered with those that do."""
    with pytest.raises(data.DataError, match=words):
        call()


def test_digits_are_split_the_same_way_every_time():
    """The built-in digits have a fixed training and test set, and values in [0, 1]."""
    digits = data.digits()

    assert tuple(digits.train_images.shape) == (1437, 8, 8)
    assert tuple(digits.test_images.shape) == (360, 8, 8)
    assert (digits.train_images.min().item(), digits.train_images.max().item()) == (0, 1)
    assert digits.train_images.dtype == torch.float32
    assert digits.train_labels[:5].tolist() == [0, 1, 2, 3, 4]
    assert digits.test_labels.dtype == torch.int64


def test_karate_club_has_34_members_and_78_friendships():
    """The built-in graph has the form of Cora."""
    club = data.karate_club()

    assert (tuple(club.features.shape), tuple(club.edges.shape)) == ((34, 34), (2, 78))
    assert club.labels.bincount().tolist() == [17, 17]
    assert club.edges[:, 0].tolist() == [0, 1]


def test_photo_has_its_channels_first():
    """The built-in photo is the one that scikit-learn opens, with the channels moved."""
    pixels = torch.tensor(load_sample_image("flower.jpg"))

    assert torch.equal(data.photo("flower"), (pixels / 255).permute(2, 0, 1))


def test_text_samples_have_the_sizes_that_their_docstrings_say():
    """The built-in sets need no file, and are as large as promised."""
    assert texts.tiny_shakespeare(sample=True).count("\n\n") == 3
    assert len(set(data.names(sample=True))) == 120
    assert len(data.tatoeba_english_turkish(sample=True)) == 40
    assert len(data.tatoeba_english_french(sample=True)) == 40
    assert len(data.squad(sample=True)) == 8
    assert data.sms_spam(sample=True).labels.bincount().tolist() == [20, 10]
    assert data.dna_promoters(sample=True).labels.bincount().tolist() == [10, 10]
    assert data.dna_splice(sample=True).labels.bincount().tolist() == [5, 5, 10]


@pytest.mark.parametrize("source", list(labelled_texts.SENTIMENT))
def test_sentence_sample_is_the_same_for_every_source(source):
    """The built-in sentences stand in for each of the three files."""
    sentences = data.sentiment_sentences(source, sample=True)

    assert sentences.labels.bincount().tolist() == [20, 20]


def test_question_samples_ask_the_same_in_both_languages():
    """The built-in XQuAD is parallel like the real one."""
    english, turkish = data.xquad("en", sample=True), data.xquad("tr", sample=True)

    assert [each.id for each in english] == [each.id for each in turkish]
    assert {each.context for each in english} & {each.context for each in turkish} == set()


def test_generated_dna_carries_its_motifs():
    """The samples hold the motifs that the docstrings promise."""
    promoters, splice = data.dna_promoters(sample=True), data.dna_splice(sample=True)

    assert {
        "ttgaca" in text and "tataat" in text
        for text, label in zip(promoters.texts, promoters.labels, strict=True)
        if label == 1
    } == {True}
    assert {
        (splice.class_names[label], text[30:32] == "GT", text[28:30] == "AG")
        for text, label in zip(splice.texts, splice.labels, strict=True)
    } >= {("EI", True, False), ("IE", False, True), ("N", False, False)}
