"""The numbers and names of many articles, as sorted arrays: what two of them share, weighed by how rare it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 1 << 16
# Among a handful of articles nothing would be rare.
_FEWEST: Final = 1_000


class Terms:
    """The terms of n articles. `weights` float64 (n,): the sum of the rarities of each one's."""

    def __init__(self, terms: Iterable[Collection[str]]) -> None:
        """Take the terms of each article."""
        hashed = [np.fromiter(map(_hash, own), np.uint64, len(own)) for own in terms]
        self._count = len(hashed)
        lengths = np.array([len(own) for own in hashed], np.int64)
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        every = np.concatenate([np.empty(0, np.uint64), *hashed])
        vocabulary, codes, times = np.unique(every, return_inverse=True, return_counts=True)
        owners = np.repeat(np.arange(self._count), lengths)
        # One sorted key a term of an article: what is shared is looked up in it.
        self._size = max(len(vocabulary), 1)
        self._keys = np.sort(owners * self._size + codes)
        self._rarity = np.log((max(self._count, _FEWEST) + 1) / (times + 0.5))
        self.weights: NDArray[np.float64] = np.bincount(
            owners, weights=self._rarity[codes], minlength=self._count
        ).astype(np.float64)

    def shared(self, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the sum of the rarities of what the articles of each pair (m, 2) share, float64 (m,)."""
        found = np.zeros(len(pairs))
        for start in range(0, len(pairs), _BLOCK):
            one, other = pairs[start : start + _BLOCK].T
            lengths = self._starts[one + 1] - self._starts[one]
            owner = np.repeat(np.arange(len(one)), lengths)
            within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            codes = self._keys[self._starts[one][owner] + within] % self._size
            wanted = other[owner] * self._size + codes
            place = np.minimum(np.searchsorted(self._keys, wanted), max(len(self._keys) - 1, 0))
            hit = self._keys[place] == wanted if len(self._keys) else np.zeros(0, bool)
            found[start : start + len(one)] = np.bincount(owner[hit], self._rarity[codes[hit]], minlength=len(one))
        return found


@dataclass(frozen=True, slots=True)
class Signs:
    """What of articles stays the same in translation; `sizes` float64 (n,): bytes of UTF-8, at least one.

    Bytes, because a Chinese text has a third of the characters of an English one.
    """

    numbers: Terms
    names: Terms
    sizes: NDArray[np.float64]


def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
