"""Paragraphs that recur over many articles of one source: "About Debian", "Lire aussi", calls to subscribe.

Articles of one source are compared within each language, as translations have boilerplate of their own.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Mapping, Set
from typing import Final

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.paragraphs import Paragraph, paragraphs

VERSION: Final = 1
LEAST_ARTICLES: Final = 5
LEAST_SHARE: Final = 0.01
"""A paragraph recurs where it stands in so many articles of its source and language, and such a share of them."""
PLAIN_SHARE: Final = 1 / 3
"""What such a share of them hold recurs whatever else they say."""
MOST: Final = 2 / 3
"""A short paragraph that such a share of the articles hold is boilerplate wherever it stands."""
_BLOCK: Final = 1 << 20

Outlet = tuple[str, str]
"""A source and a language."""


class Boilerplate:
    """What recurs: the share of its outlet's articles that hold a paragraph, by the paragraph's key."""

    def __init__(self, shares: Mapping[int, float], outlets: Set[Outlet]) -> None:
        """Take the shares, and the outlets that have any."""
        self._shares = shares
        self._outlets = outlets

    def __len__(self) -> int:
        return len(self._shares)

    def within(self, article: Article) -> list[Paragraph]:
        """Return the paragraphs of an article that are boilerplate, in their order.

        A short one is only where the next one is or none follows, where two thirds of the articles have it, or where
        it announces another article: headings, rows and replies recur, but belong to what they stand in. A paragraph
        that is most of an article never is, and all of them together never are.
        """
        outlet = article.source, article.lang
        if outlet not in self._outlets:
            return []
        found = list(paragraphs(article.text))
        total = sum(paragraph.size for paragraph in found)
        boilerplate: list[Paragraph] = []
        next_is, none_follows, says_more = False, True, False
        for paragraph in reversed(found):
            if not any(map(str.isalnum, article.text[paragraph.start : paragraph.end])):
                # A line of dashes or asterisks goes with what it introduces.
                boilerplate += [paragraph] if next_is else []
                continue
            share = self._shares.get(key_of(outlet, paragraph), 0.0) if 2 * paragraph.size <= total else 0.0
            stands_alone = not paragraph.is_short or paragraph.announces or share >= MOST
            next_is = share > 0 and (stands_alone or ((next_is or none_follows) and not paragraph.is_row))
            none_follows, says_more = False, says_more or not next_is
            boilerplate += [paragraph] if next_is else []
        return boilerplate[::-1] if says_more else []


class Census:
    """Counts in how many articles each paragraph stands. Keeps 12 bytes a paragraph and no text."""

    def __init__(self) -> None:
        """Start with no article."""
        self._outlets: dict[Outlet, int] = {}
        self._outlet = array("I")
        self._total = array("Q")
        self._count = array("I")
        self._keys = array("Q")
        self._sizes = array("I")

    def add(self, article: Article) -> None:
        """Count the paragraphs of an article, each once."""
        outlet = article.source, article.lang
        sizes: dict[int, int] = {}
        total = 0
        for paragraph in paragraphs(article.text):
            total += paragraph.size
            if paragraph.says_something:
                key = key_of(outlet, paragraph)
                sizes[key] = sizes.get(key, 0) + paragraph.size
        self._outlet.append(self._outlets.setdefault(outlet, len(self._outlets)))
        self._total.append(total)
        self._count.append(len(sizes))
        self._keys.extend(sizes)
        self._sizes.extend(min(size, 0xFFFFFFFF) for size in sizes.values())

    def boilerplate(self) -> Boilerplate:
        """Return what recurs.

        An article is no witness where more than half of it recurs, beside what a third of all articles hold: it is one
        more version of a story, or a form letter. What it says is counted in the others alone.
        """
        if not self._keys:
            return Boilerplate({}, frozenset())
        keys = np.frombuffer(self._keys, np.uint64)
        outlet_of = np.frombuffer(self._outlet, np.uint32)
        in_outlet = np.bincount(outlet_of, minlength=len(self._outlets))
        recurring = _repeated(keys, LEAST_ARTICLES)
        places = _places_of(recurring, keys)
        which = np.searchsorted(recurring, keys[places])
        holder = np.repeat(np.arange(len(self._count), dtype=np.uint32), np.frombuffer(self._count, np.uint32))[places]
        outlet = np.zeros(len(recurring), np.int64)
        outlet[which] = outlet_of[holder]

        holders = np.bincount(which, minlength=len(recurring))
        least = np.maximum(LEAST_ARTICLES, np.ceil(LEAST_SHARE * in_outlet[outlet]))
        plain = (holders >= least) & (holders >= PLAIN_SHARE * in_outlet[outlet])
        doubtful = (holders >= least) & ~plain
        sizes = np.frombuffer(self._sizes, np.uint32)[places]
        shared = np.bincount(holder, weights=sizes * doubtful[which], minlength=len(self._total))
        witness = 2 * shared <= np.frombuffer(self._total, np.uint64)
        counts = np.where(plain, holders, np.bincount(which, weights=witness[holder], minlength=len(recurring)))
        kept = np.flatnonzero(counts >= least)
        names = list(self._outlets)
        return Boilerplate(
            {int(recurring[row]): float(counts[row] / in_outlet[outlet[row]]) for row in kept},
            {names[outlet[row]] for row in kept},
        )


def _repeated(keys: NDArray[np.uint64], times: int) -> NDArray[np.uint64]:
    """Return the keys that come at least so many times, rising."""
    ordered = np.sort(keys)
    last = ordered[times - 1 :]
    return np.unique(last[last == ordered[: len(last)]])


def _places_of(wanted: NDArray[np.uint64], keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return where in `keys` those of `wanted` are, which rise. Goes block by block to need little memory."""
    if not len(wanted):
        return np.empty(0, np.int64)
    places = []
    for start in range(0, len(keys), _BLOCK):
        block = keys[start : start + _BLOCK]
        nearest = np.minimum(np.searchsorted(wanted, block), len(wanted) - 1)
        places.append(start + np.flatnonzero(wanted[nearest] == block))
    return np.concatenate(places)


def key_of(outlet: Outlet, paragraph: Paragraph) -> int:
    """Return 64 bits that paragraphs of one outlet share where they are the same."""
    facts = "\0".join((*outlet, paragraph.same))
    digest = hashlib.blake2b(facts.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
