"""Real data sets, fetched with a checksum, as plain tensors and Python data.

Each function returns one data set. The first call downloads it into the cache (`cache_folder`);
``CMP784_DATA`` names a read-only folder that already holds the files. Where neither network nor
mirror is, `digits`, `photo` and `karate_club` ship with other packages, and the text sets have a
small built-in copy: ``names(sample=True)``.
"""

from cmp784.data.downloads import cache_folder, fetch, mirror_folder
from cmp784.data.errors import DataError
from cmp784.data.graphs import Graph, cora, karate_club
from cmp784.data.images import (
    LabelledImages,
    cifar10,
    digits,
    fashion_mnist,
    mnist,
    pneumonia_mnist,
)
from cmp784.data.labelled_texts import (
    LabelledTexts,
    dna_promoters,
    dna_splice,
    sentiment_sentences,
    sms_spam,
)
from cmp784.data.paintings import painting, photo
from cmp784.data.questions import Answer, Question, squad, xquad
from cmp784.data.registry import Source, sources
from cmp784.data.texts import names, tiny_shakespeare
from cmp784.data.translations import tatoeba_english_french, tatoeba_english_turkish

__all__ = [
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
