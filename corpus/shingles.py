"""The shingles of a text: three words in a row, or four characters of scripts written without spaces, as hashes.

After Broder 1997, "On the resemblance and containment of documents".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.terms import DENSE

Shingles = NDArray[np.uint64]

# What two outlets may have in common by chance is shorter.
FEWEST: Final = 12
# More of a text is not looked at: about twenty pages.
MOST: Final = 10_000
_READ_AT_MOST: Final = 100_000
_WORD: Final = re.compile(rf"[{DENSE}]+|[^\W_{DENSE}]+")
_FIRST_DENSE: Final = "\u0e00"
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)


def shingles(title: str, text: str) -> Shingles:
    """Return the shingles of `text` in their order, uint64 (n,), at least one.

    A text of fewer than `FEWEST` has but one, which stands for all of it and its title: "Read more" is the text of many
    articles. Punctuation, case and spacing do not count.
    """
    words = _hashes(text)
    count = len(words) - len(_FACTORS) + 1
    if count < FEWEST:
        said = " ".join([*_words(title), "\n", *_words(text)])
        return np.array([_hash(said)], np.uint64)
    found: Shingles = np.zeros(count, np.uint64)
    for place, factor in enumerate(_FACTORS):
        found += words[place : place + count] * factor
    return found[:MOST]


def resemblance(one: Shingles, other: Shingles) -> float:
    """Return how much of two texts is the same, 0 to 1: shared shingles among all (Jaccard).

    Where one may be a cut version of the other, what counts is the part of the longer one that it would be a
    cut of: its beginning, or all of it where the other is at least half as long.
    """
    short, long = sorted((one, other), key=len)
    everything, cut = np.unique(long), np.unique(short)
    shared = _shared(cut, everything)
    best = shared / (len(cut) + len(everything) - shared)
    if len(cut) >= _HALF * len(everything):
        best = max(best, shared / len(cut) - _CUT_COST)
    beginning = np.unique(long[: int(len(short) * _SLACK)])
    shared = _shared(cut, beginning)
    return float(max(best, shared / (len(cut) + len(beginning) - shared)))


_HALF: Final = 0.5
# All that the shorter one says must be in the longer one for as much as sharing most of the shingles.
_CUT_COST: Final = 0.3
# A dateline or a line of the outlet may stand before the beginning.
_SLACK: Final = 1.2


def _shared(one: Shingles, other: Shingles) -> int:
    return len(np.intersect1d(one, other, assume_unique=True))


def _hashes(text: str) -> Shingles:
    return np.fromiter(map(_hash, _words(text)), np.uint64)


def _words(text: str) -> Iterator[str]:
    for run in _WORD.findall(unicodedata.normalize("NFKC", text[:_READ_AT_MOST]).casefold()):
        if run[0] < _FIRST_DENSE:
            yield run
            continue
        for start in range(max(len(run) - 1, 1)):
            yield run[start : start + 2]


@lru_cache(maxsize=1 << 17)
def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
