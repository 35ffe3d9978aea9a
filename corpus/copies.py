"""Near-copies: the same text in several outlets, edited a little, cut short, or with their own lines around it.

MinHash (Broder 1997) says which pairs of texts are worth comparing; what is grouped was compared shingle by shingle.
Titles are not looked at, as every outlet writes its own, unless a text is too short to tell by itself. News made
from one form ("6.0.5 released", "6.0.6 released") is alike in its words and differs in its
numbers: those are no copies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from corpus.article import Article
from corpus.evidence import numbers
from corpus.shingles import Shingles, resemblance, shingles

# From where on two texts are the same one, edited; the second where they were published at different times.
RESEMBLANCE: Final = 0.5
RESEMBLANCE_LATER: Final = 0.75
SAME_TIME: Final = 7
# Of the numbers that two copies share, so many may be contradicted on both sides where they are of the same time.
_CONTRADICTED: Final = 1 / 3
# Pairs that share both hashes of a band are compared: nearly all of those that share half of their shingles.
_BANDS: Final = 32
_ROWS: Final = 2
_SEED: Final = 1997
# A cut version shares little with the whole, but its beginning with the beginning.
_BEGINNING: Final = 64
_BATCH: Final = 1_000
# In a band that many share, which a common phrase makes, each is compared with so many of the longest.
_COMPARED: Final = 50
_HELD: Final = 1_000

Sketches = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Text:
    """What of an article is compared. `day`: of publication, days since year 1, None where it is not known."""

    shingles: Shingles
    headline: frozenset[str]
    numbers: frozenset[str]
    day: int | None

    @classmethod
    def of(cls, article: Article) -> Text:
        """Read an article."""
        day = date.fromisoformat(article.published[:10]).toordinal() if article.published else None
        headline = numbers(article.title)
        return cls(shingles(article.title, article.text), headline, headline | numbers(article.text), day)

    def likeness(self, other: Text) -> float:
        """Return how much the two resemble each other, 0 to 1; 0 where neither is a copy of the other."""
        known = self.day is not None and other.day is not None
        apart = abs((self.day or 0) - (other.day or 0)) if known else 0
        alike = resemblance(self.shingles, other.shingles)
        if alike < (RESEMBLANCE if apart <= SAME_TIME else RESEMBLANCE_LATER):
            return 0.0
        if self.headline - other.numbers and other.headline - self.numbers:
            return 0.0
        contradicted = min(len(self.numbers - other.numbers), len(other.numbers - self.numbers))
        allowed = _CONTRADICTED * len(self.numbers & other.numbers) if known and apart <= SAME_TIME else 0.0
        return alike if contradicted <= allowed else 0.0


def centres(count: int, read: Callable[[int], Article]) -> NDArray[np.int32]:
    """Return for each of `count` articles the one whose copy it is (itself where it is none's), int32 (count,).

    `read` gives an article by number. Every copy resembles its centre, the longest of its group, so no chain of small
    changes joins texts that differ. The groups do not depend on the order of the articles.
    """
    text = lru_cache(maxsize=_HELD)(lambda number: Text.of(read(number)))
    sketches, lengths, digests = _sketches(count, lambda number: text(number).shingles)
    # Longest first; among equally long texts what they say decides, so that their numbers do not.
    order = np.lexsort((digests, -lengths))
    found = np.arange(count, dtype=np.int32)
    for number, others in _candidates(sketches, order):
        alike = [(text(other).likeness(text(number)), other) for other in others if found[other] == other]
        best, centre = max(alike, key=lambda pair: pair[0], default=(0.0, number))
        if best > 0:
            found[number] = centre
    return found


def _sketches(count: int, read: Callable[[int], Shingles]) -> tuple[Sketches, NDArray[np.int64], NDArray[np.uint64]]:
    """Return MinHashes of wholes and beginnings (2, count, hashes), lengths, and a number for what each says."""
    hashes = _BANDS * _ROWS
    sketches = np.zeros((2, count, hashes), np.uint32)
    lengths, digests = np.zeros(count, np.int64), np.zeros(count, np.uint64)
    for start in range(0, count, _BATCH):
        batch = range(start, min(start + _BATCH, count))
        texts = [read(number) for number in batch]
        for kind, cut in enumerate((None, _BEGINNING)):
            parts = [text[:cut] for text in texts]
            offsets = np.cumsum([0, *map(len, parts)], dtype=np.uint64)
            matrix = RMinHash.digest_matrix_from_flat_token_hashes(np.concatenate(parts), offsets, hashes, _SEED)
            sketches[kind, batch] = matrix.to_rows()
        lengths[batch] = [len(text) for text in texts]
        digests[batch] = [
            np.bitwise_xor.reduce(text * np.arange(1, 2 * len(text), 2).astype(np.uint64)) for text in texts
        ]
    return sketches, lengths, digests


def _candidates(sketches: Sketches, order: NDArray[np.int64]) -> list[tuple[int, list[int]]]:
    """Return articles in `order`, each with those before it that share a band with it, most bands first."""
    met: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for kind in sketches[:, order]:
        for start in range(0, kind.shape[1], _ROWS):
            band = np.ascontiguousarray(kind[:, start : start + _ROWS]).view(np.uint64)[:, 0]
            places = np.argsort(band, kind="stable")
            edges = np.flatnonzero(np.diff(band[places])) + 1
            for bucket in np.split(places, edges):
                for place in range(1, len(bucket)):
                    met[int(bucket[place])].update(bucket[: min(place, _COMPARED)].tolist())
    rows = order.tolist()
    return [(rows[place], [rows[other] for other, _ in met[place].most_common(_COMPARED)]) for place in sorted(met)]
