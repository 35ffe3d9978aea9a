"""As many vectors as are wanted, made of those of a real index.

A copy of a passage is the passage plus s times the difference of two others, drawn at random: so noise lies where the
corpus varies, and not in directions in which passages never differ. s is such that a copy is as near to its passage, in
the median, as passages are to their nearest neighbours.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.generation import Generation
from indexer.nearest import Vectors
from indexer.sketch import BLOCK

_SAMPLE = 500
_STEPS = np.arange(0.05, 1.5, 0.05)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Vectors float32 (rows, dimension), the language of each, and those of questions: copies that are not among them.

    `dates` int32 (rows,): the greater, the newer; -1: none. `trial` are the questions that a build measures with.
    """

    vectors: Vectors
    languages: NDArray[np.str_]
    dates: NDArray[np.int32]
    questions: Vectors
    trial: Vectors
    scale: float


def multiplied(index_dir: Path, rows: int, questions: int, trial: int, seed: int = 0) -> Corpus:
    """Return so many vectors, of which the first are the index's own."""
    with closing(Generation.open(index_dir)) as generation:
        count = generation.vectors.count
        own = generation.vectors.vectors(np.arange(count))
        places = generation.places
        languages = np.array(places.languages)[places.language]
        dates = generation.registry.dates[places.article]
    random = np.random.default_rng(seed)
    scale = _scale(own, random)
    vectors = np.empty((rows, own.shape[1]), np.float32)
    vectors[:count] = own[:rows]
    for start in range(count, rows, count):
        copied = _copies(own, scale, random)
        vectors[start : start + count] = copied[: rows - start]
    asked = _copies(own, scale, random)[random.choice(min(count, rows), questions + trial, replace=False)]
    spoken, dated = np.resize(languages, rows), np.resize(dates, rows)
    return Corpus(vectors, spoken, dated, asked[:questions], asked[questions:], scale)


def neighbours(vectors: Vectors, ranks: tuple[int, ...] = (1, 10, 100)) -> dict[int, float]:
    """Return the median cosine of a passage with its nearest, its tenth, ... neighbour, over a sample."""
    sample = np.linspace(0, len(vectors) - 1, _SAMPLE).astype(np.int64)
    best = np.empty((_SAMPLE, 0), np.float32)
    for start in range(0, len(vectors), BLOCK):
        best = np.concatenate([best, vectors[sample] @ vectors[start : start + BLOCK].T], axis=1)
        best = -np.sort(-best, axis=1)[:, : max(ranks) + 1]
    # The first of all is the passage itself.
    return {rank: round(float(np.median(best[:, rank])), 4) for rank in ranks}


def _scale(own: Vectors, random: np.random.Generator) -> float:
    wanted = neighbours(own)[1]
    drawn = own[random.choice(len(own), (3, 5_000))]
    for scale in _STEPS:
        if np.median((_varied(*drawn, scale) * drawn[0]).sum(axis=1)) <= wanted:
            break
    return round(float(scale), 2)


def _copies(own: Vectors, scale: float, random: np.random.Generator) -> Vectors:
    return _varied(own, own[random.permutation(len(own))], own[random.permutation(len(own))], scale)


def _varied(own: Vectors, one: Vectors, other: Vectors, scale: float) -> Vectors:
    copies = own + scale * (one - other)
    return (copies / np.linalg.norm(copies, axis=1, keepdims=True)).astype(np.float32)
