"""Translations of one story: articles in different languages that mean the same, with names and numbers as evidence.

How much nearer two articles are to each other than to anything else in the other's language says more than how near
they are (Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings"). News
of one form, such as the issues of a newsletter, is near in meaning and not the same: its numbers and its names differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import faiss
import numpy as np
from numpy.typing import NDArray

from indexer.signs import Signs

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

# Log-odds that two articles are one story: a weight for each column of `features`, and what they are counted from.
# Fitted to half of the stories of technews: python -m benchmarks.translations --fit
WEIGHTS: Final = np.array([6.3, 5.4, 3.2, 0.9, -1.0, -1.3, 5.5, -4.1])
START: Final = -8.7
# From which log-odds on they are taken as one.
SURE: Final = 1.5
# How much a pair counts at most for or against joining two groups; those that are not near count against it.
_DOUBT: Final = 8.0
# Articles so many days apart are less likely one story, and less so the longer; how much it can cost at most.
_SAME_TIME: Final = 3
_MOST_APART: Final = 4.0
# A margin of more says no more. In the yardstick's units.
_WIDEST: Final = 0.5
# What is farther apart than most unlike questions are is not looked at.
_NEAR_ENOUGH: Final = 0.3
_NEAREST: Final = 2
# Languages with more articles are searched approximately.
_EXACT: Final = 20_000
_PROBED: Final = 16
_BLOCK: Final = 4_096
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What cosines of an encoder are worth: those of unlike texts (`apart`) and of translations (`together`)."""

    apart: float
    together: float

    @classmethod
    def of(cls, vectors: NDArray[np.floating], languages: int) -> Yardstick:
        """Measure the same texts in all languages, float32 (languages * texts, dimension), language by language."""
        texts = vectors.reshape(languages, -1, vectors.shape[1]).astype(np.float64)
        texts = texts - texts.mean(axis=1, keepdims=True) + texts.mean(axis=(0, 1))
        texts /= np.linalg.norm(texts, axis=2, keepdims=True)
        # Cosines of sums: all pairs of a text's versions, without each with itself.
        versions = texts.sum(axis=0)
        same = ((versions**2).sum() - languages * texts.shape[1]) / (texts.shape[1] * languages * (languages - 1))
        count = texts.shape[1]
        every = float((versions.sum(axis=0) ** 2).sum())
        apart = (every - float((versions**2).sum())) / (languages**2 * count * (count - 1))
        return cls(float(apart), float(same))

    def __call__(self, cosines: Floats) -> Floats:
        """Return 0 for unlike texts, 1 for translations."""
        return (cosines - self.apart) / (self.together - self.apart)


@dataclass(frozen=True, slots=True)
class Articles:
    """What is known of n articles.

    `vectors` float32 (n, dimension): the directions of the means of their passages, without their languages;
    `languages` and `days` (-1: unknown) int64 (n,).
    """

    vectors: NDArray[np.float32]
    languages: Numbers
    days: Numbers
    signs: Signs


def stories(articles: Articles, yardstick: Yardstick) -> NDArray[np.int32]:
    """Return for each article the first one of its story (itself where it is alone), int32 (n,).

    A story has at most one article a language: what is near to two of one language is a translation of one of them.
    """
    pairs, margins = near_pairs(articles, yardstick)
    if not len(pairs):
        return np.arange(len(articles.languages), dtype=np.int32)
    odds = features(articles, yardstick, pairs, margins) @ WEIGHTS + START - _apart(articles.days, pairs)
    return _joined(pairs, odds, articles.languages)


def near_pairs(articles: Articles, yardstick: Yardstick) -> tuple[Numbers, Floats]:
    """Return pairs int64 (m, 2), rising, of articles that are among each other's nearest in their languages.

    And how much nearer each is to the other than to the next in that language, float64 (m, 2).
    """
    count = len(articles.languages)
    keys, margins = [], []
    for language in np.unique(articles.languages):
        rows = np.flatnonzero(articles.languages == language)
        for sources, cosines, found in _nearest(articles, rows):
            rivals = cosines[:, ::-1] if cosines.shape[1] > 1 else cosines
            good = (yardstick(cosines) >= _NEAR_ENOUGH) & (found >= 0)
            keys.append((sources[:, None] * count + rows[found])[good])
            margins.append((cosines - rivals)[good])
    forth, margin = np.concatenate([np.empty(0, np.int64), *keys]), np.concatenate([np.empty(0), *margins])
    back = forth % count * count + forth // count
    order = np.argsort(forth)
    place = np.minimum(np.searchsorted(forth, back, sorter=order), max(len(forth) - 1, 0))
    answered = order[place] if len(forth) else place
    mutual = (forth < back) & (forth[answered] == back)
    mutual = np.flatnonzero(mutual)[np.argsort(forth[mutual])]
    pairs = np.stack([forth[mutual] // count, forth[mutual] % count], axis=1) if count else np.empty((0, 2), np.int64)
    both = np.stack([margin[mutual], margin[answered[mutual]]], axis=1) / (yardstick.together - yardstick.apart)
    return pairs, np.clip(both, -_WIDEST, _WIDEST)


def features(articles: Articles, yardstick: Yardstick, pairs: Numbers, margins: Floats) -> Floats:
    """Return what speaks for pairs (m, 2), float64 (m, 8).

    How near they are; the lesser and the greater margin; the rarity of numbers that both have, that the one
    with fewer has alone, and that the one with more has alone; the part of names that both have; how unlike
    their lengths.
    """
    near = np.empty(len(pairs))
    for start in range(0, len(pairs), _BLOCK):
        one, other = articles.vectors[pairs[start : start + _BLOCK].T]
        near[start : start + _BLOCK] = np.einsum("ij,ij->i", one.astype(np.float64), other.astype(np.float64))
    numbers, names = articles.signs.numbers, articles.signs.names
    shared = numbers.shared(pairs)
    fewer, more = np.sort(numbers.weights[pairs], axis=1).T
    called = names.shared(pairs) / (names.weights[pairs].min(axis=1) + 3)
    lengths = np.abs(np.diff(np.log(articles.signs.sizes[pairs]), axis=1))[:, 0]
    columns = (
        yardstick(near),
        margins.min(axis=1),
        margins.max(axis=1),
        np.log1p(shared),
        np.log1p(np.maximum(fewer - shared, 0)),
        np.log1p(np.maximum(more - shared, 0)),
        called,
        lengths,
    )
    return np.stack(columns, axis=1)


def _nearest(articles: Articles, rows: Numbers) -> Iterator[tuple[Numbers, Floats, Numbers]]:
    """Yield articles of other languages with the cosines and places in `rows` of their nearest, best first."""
    others = np.flatnonzero(articles.languages != articles.languages[rows[0]])
    index: faiss.Index = faiss.IndexFlatIP(articles.vectors.shape[1])
    if len(rows) > _EXACT:
        lists = int(len(rows) ** 0.5)
        index = faiss.IndexIVFFlat(index, articles.vectors.shape[1], lists, faiss.METRIC_INNER_PRODUCT)
        index.train(articles.vectors[rows])
        index.nprobe = min(_PROBED, lists)
    index.add(articles.vectors[rows])
    for start in range(0, len(others), _BLOCK):
        block = others[start : start + _BLOCK]
        cosines, found = index.search(articles.vectors[block], min(_NEAREST, len(rows)))
        # Sums differ in their last digits with the shape of the product.
        yield block, cosines.astype(np.float64).round(6), found


def _apart(days: Numbers, pairs: Numbers) -> Floats:
    known = (days[pairs] >= 0).all(axis=1)
    apart = np.where(known, np.abs(np.diff(days[pairs], axis=1))[:, 0], 0)
    cost: Floats = np.minimum(np.log1p(np.maximum(apart - _SAME_TIME, 0)), _MOST_APART)
    return cost


def _joined(pairs: Numbers, odds: Floats, languages: Numbers) -> NDArray[np.int32]:
    """Join pairs, the surest first, as long as no language comes twice and all known pairs together speak for it."""
    odds = odds.round(_DIGITS)
    known = {(one, other): float(found) for (one, other), found in zip(pairs.tolist(), odds.tolist(), strict=True)}
    members = {row: [row] for pair in pairs.tolist() for row in pair}
    home = {row: row for row in members}
    for place in np.lexsort((pairs[:, 1], pairs[:, 0], -odds)).tolist():
        if odds[place] < SURE:
            break
        one, other = sorted(home[row] for row in pairs[place].tolist())
        if one == other or {int(languages[row]) for row in members[one]} & {
            int(languages[row]) for row in members[other]
        }:
            continue
        between = [(min(a, b), max(a, b)) for a in members[one] for b in members[other]]
        if sum(np.clip(known.get(pair, -_DOUBT), -_DOUBT, _DOUBT) for pair in between) < 0:
            continue
        for row in members[other]:
            home[row] = one
        members[one] += members.pop(other)
    found = np.arange(len(languages), dtype=np.int32)
    found[list(home)] = list(home.values())
    return found
