"""Graphs whose nodes have a class: Cora's papers, and a built-in club."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from cmp784.data.downloads import fetch
from cmp784.data.errors import DataError
from cmp784.data.lines import read_lines, refuse

#: How many words the papers of Cora are described by.
WORDS = 1433


@dataclass(frozen=True)
class Graph:
    """A graph of nodes with features and one class each.

    Attributes
    ----------
    features : Tensor
        float32 (nodes, features).
    labels : Tensor
        int64 (nodes,): positions in ``class_names``.
    edges : Tensor
        int64 (2, edges): row 0 holds where each edge begins, row 1 where it ends, as positions of
        nodes. Each link is there once, in its own direction.
    class_names : tuple of str
        What each label means.
    ids : tuple of str
        The source's own name of each node.
    """

    features: Tensor
    labels: Tensor
    edges: Tensor
    class_names: tuple[str, ...]
    ids: tuple[str, ...]


def cora() -> Graph:
    """Return Cora: papers on machine learning, their words, their subjects and their citations.

    Returns
    -------
    Graph
        ``features`` float32 (2708, 1433), 1 where the paper has the word; ``labels`` int64 (2708,),
        one of 7 subjects in alphabetical order; ``edges`` int64 (2, 5429): paper ``edges[0, k]``
        cites paper ``edges[1, k]`` (151 pairs of papers cite each other, none cites itself);
        ``ids``, the papers' numbers at the source. Papers are in the order of the file.

    Raises
    ------
    DataError
        If the files can be had from no place, a line is malformed, or a citation names a paper
        that is not there.

    Notes
    -----
    Source: P. Sen and others, Collective classification in network data, AI Magazine 2008,
    https://linqs.org/datasets/ . Licence: none stated; a research release, cite the paper.
    7.9 MB to download.
    """
    content, cites = fetch("cora", "cora.content"), fetch("cora", "cora.cites")
    features, subjects, ids = read_papers(content)
    class_names = tuple(sorted(set(subjects)))
    labels = torch.tensor([class_names.index(each) for each in subjects], dtype=torch.int64)
    return Graph(features, labels, read_citations(cites, ids), class_names, ids)


def karate_club() -> Graph:
    """Return Zachary's karate club, which ships with networkx: no download.

    34 members, who are friends outside the club with whom, and whom each followed when it split.

    Returns
    -------
    Graph
        ``features`` float32 (34, 34), the unit matrix, as nothing else is known of the members;
        ``labels`` int64 (34,), 0 "Mr. Hi", 1 "Officer"; ``edges`` int64 (2, 78), friendships, each
        there once although it goes both ways; ``ids``, the members' numbers from 0.

    Notes
    -----
    Source: W. Zachary, An information flow model for conflict and fission in small groups, Journal
    of Anthropological Research 1977.

    Examples
    --------
    >>> tuple(karate_club().edges.shape)
    (2, 78)
    """
    import networkx

    club = networkx.karate_club_graph()
    class_names = ("Mr. Hi", "Officer")
    labels = torch.tensor([class_names.index(club.nodes[node]["club"]) for node in club])
    edges = torch.tensor(list(club.edges()), dtype=torch.int64).T.contiguous()
    ids = tuple(str(node) for node in club)
    return Graph(torch.eye(len(club)), labels, edges, class_names, ids)


def read_papers(path: Path, words: int = WORDS) -> tuple[Tensor, list[str], tuple[str, ...]]:
    """Read papers: a line holds a number, one flag for each word, and the subject, with tabs.

    Parameters
    ----------
    path
        The file ``cora.content``.
    words
        How many flags a line has.

    Returns
    -------
    features : Tensor
        float32 (papers, words).
    subjects : list of str
        One a paper.
    ids : tuple of str
        One a paper.

    Raises
    ------
    DataError
        If a line has another form, or a paper is there twice.
    """
    flags, subjects = [], []
    ids: dict[str, int] = {}
    for number, line in enumerate(read_lines(path), start=1):
        name, *middle, subject = line.split("\t")
        if len(middle) != words or not set(middle) <= {"0", "1"} or not subject:
            refuse(path, number, line, f"a paper, {words} flags 0 or 1, and a subject, with tabs")
        if name in ids:
            refuse(path, number, line, f'each paper once, but "{name}" is also in line {ids[name]}')
        flags.append(np.array(middle) == "1")
        subjects.append(subject)
        ids[name] = number
    return torch.tensor(np.array(flags), dtype=torch.float32), subjects, tuple(ids)


def read_citations(path: Path, ids: tuple[str, ...]) -> Tensor:
    """Read citations: a line holds the cited and the citing paper, with a tab.

    Parameters
    ----------
    path
        The file ``cora.cites``.
    ids
        The papers that there are, in order.

    Returns
    -------
    Tensor
        int64 (2, citations): row 0 the citing papers, row 1 the cited ones, as positions.

    Raises
    ------
    DataError
        If a line has another form, or names a paper that is not in ``ids``.
    """
    positions = {name: position for position, name in enumerate(ids)}
    edges = []
    for number, line in enumerate(read_lines(path), start=1):
        parts = line.split("\t")
        if len(parts) != 2:
            refuse(path, number, line, "the cited and the citing paper, with one tab between")
        unknown = [name for name in parts if name not in positions]
        if unknown:
            raise DataError(
                f'"{path}", line {number}: names the paper "{unknown[0]}", but expected one of the '
                f"{len(ids):,} papers of the other file."
            )
        edges.append((positions[parts[1]], positions[parts[0]]))
    return torch.tensor(edges, dtype=torch.int64).reshape(-1, 2).T.contiguous()
