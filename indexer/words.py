"""The words of passages: how much of what a question says stands in each, by BM25.

Scores are wanted of all passages, not of the best alone: what is found in one language is weighed against the
best of that language (`search_api/fusion.py`). So each term keeps what it adds to each passage ready computed,
after Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring"; a question adds up
a few slices of mapped arrays. The formula is Robertson and Zaragoza 2009, "The Probabilistic Relevance
Framework: BM25 and Beyond".
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import terms
from corpus.terms import Word
from indexer.errors import IndexDamaged

# Raise this when terms or their weights change: words are then indexed anew.
VERSION = 4
NAMES = tuple(f"words.{part}.npy" for part in ("terms", "starts", "rows", "weights", "times", "lengths"))
_TYPES = ("<u8", "<i8", "<i4", "|u1", "|u1", "<i4")
# The usual values; a word that is said again adds less and less, a long passage is worth a little less.
K1 = 1.2
B = 0.75
_STEPS = 255
_MOST_TIMES = 255
# A name that stands in more than this share of all passages (or twenty) does not single anything out.
_RARE = 0.01
_FEW = 20
# The share of the question that names must make up: from where on they count, and from where on in full.
_NAMES_FROM = 0.3
_NAMES_FULL = 0.6
# So much more a name with digits in it counts there: where there are few passages, "what is known about" is as rare.
_NUMBERED = 2

Postings = tuple[NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class WordMatch:
    """How passages match a question, float32 (rows,), 0 to 1.

    `coverage`: the part of the question that a passage has, each word counting as much as it is rare;
    `names`: the part of the question that is made of rare names which stand in the passage as they were asked;
    `unknown`: the part, 0 to 1, that is made of names with digits and long numbers which no passage holds.
    """

    coverage: NDArray[np.float32]
    names: NDArray[np.float32]
    unknown: float = 0.0

    @property
    def strength(self) -> NDArray[np.float32]:
        """How far the rare names are what was asked for, float32 (rows,), 0 to 1."""
        return _as_asked(self.names)

    @property
    def absence(self) -> float:
        """How far what was asked for are names and numbers that no passage holds, 0 to 1."""
        return float(_as_asked(np.array(self.unknown, np.float32)))

    def at(self, rows: NDArray[np.int64]) -> WordMatch:
        """Return the match of some rows alone."""
        return WordMatch(self.coverage[rows], self.names[rows], self.unknown)


class WordIndex:
    """Terms as sorted 64-bit hashes; for each the rows that hold it, and its weight there in steps of 1/255.

    How often a row says each term (at most 255 times) and how many terms it has are kept to make the next index from.
    """

    def __init__(
        self,
        hashes: NDArray[np.uint64],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        weights: NDArray[np.uint8],
        times: NDArray[np.uint8],
        lengths: NDArray[np.int32],
    ) -> None:
        """Take the arrays as they are: term i has rows[starts[i]:starts[i + 1]]."""
        self._hashes, self._starts, self._rows, self._weights = hashes, starts, rows, weights
        self._times, self._lengths = times, lengths
        self.count = len(lengths)

    @classmethod
    def build(
        cls, texts: Iterable[str], previous: WordIndex | None = None, kept: NDArray[np.int64] | None = None
    ) -> WordIndex:
        """Index texts; their rows are 0, 1, 2, ...

        Where `kept` int64 (rows,) is given, row i is row kept[i] of `previous` as it is, and only those with -1 are
        read from `texts`. The outcome is the same.
        """
        said = _Said.read(texts)
        if previous is not None and kept is not None:
            said = said.joined(previous, kept)
        count = len(said.lengths)
        hashes, terms_at = np.unique(said.hashes, return_inverse=True)
        # In the order of terms, and within a term of rows. What was sorted before is sorted quickly.
        order = np.argsort(terms_at[said.terms] * max(count, 1) + said.rows, kind="stable")
        rows, times = said.rows[order], said.times[order]
        found = np.bincount(terms_at[said.terms], minlength=len(hashes))
        starts = np.zeros(np.count_nonzero(found) + 1, np.int64)
        np.cumsum(found[found > 0], out=starts[1:])
        weights = _weights(times.astype(np.float32), said.lengths.astype(np.float32), rows)
        return cls(hashes[found > 0], starts, rows, weights, times, said.lengths)

    def save(self, folder: Path) -> None:
        """Write the arrays into `folder`."""
        arrays: tuple[NDArray[Any], ...] = (
            self._hashes,
            self._starts,
            self._rows,
            self._weights,
            self._times,
            self._lengths,
        )
        for name, values in zip(NAMES, arrays, strict=True):
            np.save(folder / name, values, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path, count: int) -> WordIndex:
        """Map what `save` wrote into memory, for `count` passages. Raises IndexDamaged."""
        try:
            arrays = [
                # A memmap makes every slice of it a memmap too, which takes longer than to read it.
                np.asarray(np.load(folder / name, mmap_mode="r" if (folder / name).stat().st_size > _EMPTY else None))
                for name in NAMES
            ]
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged(f"its words cannot be read ({error})", where=str(folder)) from error
        hashes, starts, rows, weights, times, lengths = arrays
        whole = len(starts) == len(hashes) + 1 and len(rows) == len(weights) == len(times) and len(lengths) == count
        if tuple(values.dtype.str for values in arrays) != _TYPES or not whole:
            raise IndexDamaged("its words do not fit together", where=str(folder))
        return cls(hashes, starts, rows, weights, times, lengths)

    def match(self, query: str) -> WordMatch:
        """Return how much of `query` each passage holds, and of its rare names."""
        coverage, names = np.zeros(self.count, np.float32), np.zeros(self.count, np.float32)
        total = asked = 0.0
        at = cache(self._at)
        pairs = self._rare_pairs(query)
        # Behind what it numbers a number is no name of its own, as others have the same, and says as much as one.
        paired = {second for _, second, _ in pairs if second.number}

        @cache
        def said(word: Word) -> float:
            number = word.numbered or word in paired
            return self._idf(len(self._rows[at(word.terms[0])])) * (_NUMBERED if number else 1)

        words = list(terms.words(query))
        for word in self._asked(words):
            for term in word.terms:
                rows, weights = self._postings(at(term))
                idf = self._idf(len(rows))
                # No row comes twice, but this takes half as long as indexing.
                np.add.at(coverage, rows, np.float32(idf) * weights)
                total += idf
            asked += said(word)
            rows = self._rows[at(word.terms[0])]
            if word.name and word not in paired and self._rare(len(rows)):
                names[rows] += np.float32(said(word))
        for first, second, rows in pairs:
            names[rows] += np.float32(said(first) + said(second))
        held = np.minimum(names / np.float32(asked or 1), 1)
        return WordMatch(coverage / np.float32(total or 1), held, self._unknown(words))

    def absent(self, query: str) -> tuple[str, ...]:
        """Return the names with digits and long numbers of `query` that no passage holds, as they are written there."""
        return tuple(dict.fromkeys(written for word, written in terms.written(query) if self._lacks(word)))

    def rarity(self, query: str) -> dict[str, float]:
        """Return how rare each term of `query` is among the passages (its inverse document frequency)."""
        wanted = {term for word in self._asked(terms.words(query)) for term in word.terms}
        return {term: self._idf(len(self.holding(term))) for term in sorted(wanted)}

    def shared(self, query: str, row: int) -> list[str]:
        """Return the words of `query` that the passage at `row` has, in any of their forms, in their order."""
        asked = dict.fromkeys(word.terms for word in self._asked(terms.words(query)))
        return [forms[0] for forms in asked if any(self._leads(term, row) for term in forms)]

    def holding(self, term: str) -> NDArray[np.int32]:
        """Return the rows of the passages that hold a term, rising, int32 (n,)."""
        return self._rows[self._at(term)]

    def lacking(self, text: str, row: int) -> list[str]:
        """Return the terms of `text` by which the passage at `row` is not found, sorted."""
        return sorted(term for term in set(indexed_terms(text)) if not self._leads(term, row))

    def _leads(self, term: str, row: int) -> bool:
        rows = self.holding(term)
        place = int(np.searchsorted(rows, row))
        return place < len(rows) and int(rows[place]) == row

    def _asked(self, words: Iterable[Word]) -> Iterator[Word]:
        """Yield the words to look for: the parts of a name only where no passage holds it whole."""
        for word in words:
            if word.parts and not len(self.holding(word.terms[0])):
                yield from word.parts
            else:
                yield word

    def _rare_pairs(self, query: str) -> list[tuple[Word, Word, NDArray[np.int32]]]:
        """Return each two words in a row of `query` that are a rare name, and the rows that hold it."""
        found = [(first, second, self.holding(pair)) for first, second, pair in terms.asked_pairs(query)]
        return [(first, second, rows) for first, second, rows in found if self._rare(len(rows))]

    def _unknown(self, words: Sequence[Word]) -> float:
        """Return the part of a question that is made of names with digits and long numbers that no passage holds."""
        # Most questions have none.
        if not any(map(_singles_out, words)):
            return 0.0
        known = unknown = 0.0
        for word in words:
            if self._lacks(word):
                unknown += self._idf(0) * _NUMBERED
            else:
                known += self._idf(len(self.holding(word.terms[0]))) * (_NUMBERED if _singles_out(word) else 1)
        return unknown / (known + unknown or 1)

    def _lacks(self, word: Word) -> bool:
        """Whether a word is a name with digits or a long number, and no passage holds it."""
        absent = _singles_out(word) and not len(self.holding(word.terms[0]))
        return absent and (word.version or not self._together(word.parts))

    def _together(self, parts: Sequence[Word]) -> bool:
        """Whether a passage may mean a name that it joins otherwise, as it holds all of its parts with digits.

        So does one that says "CVE 2021-3156" for "CVE-2021-3156", or "licence of XFree86" for "XFree86-Lizenz".
        """
        held = [self.holding(part.terms[0]) for part in parts if any(map(str.isdigit, part.terms[0]))]
        return bool(held) and len(reduce(_common, sorted(held, key=len))) > 0

    def _at(self, term: str) -> slice:
        """Return where the rows of a term stand, and their weights."""
        wanted = _hash(term)
        place = int(np.searchsorted(self._hashes, np.uint64(wanted)))
        if place == len(self._hashes) or int(self._hashes[place]) != wanted:
            return slice(0, 0)
        return slice(int(self._starts[place]), int(self._starts[place + 1]))

    def _postings(self, at: slice) -> Postings:
        return self._rows[at], self._weights[at].astype(np.float32) / np.float32(_STEPS)

    def _idf(self, found: int) -> float:
        return float(np.log1p((self.count - found + 0.5) / (found + 0.5)))

    def _rare(self, found: int) -> bool:
        return 0 < found <= max(_FEW, _RARE * self.count)


@dataclass(frozen=True, slots=True)
class _Said:
    """Which row says which term how often, in any order: terms[i] is a place in `hashes`.

    `lengths` (rows,): how many terms each row has.
    """

    hashes: NDArray[np.uint64]
    terms: NDArray[np.int64]
    rows: NDArray[np.int32]
    times: NDArray[np.uint8]
    lengths: NDArray[np.int32]

    @classmethod
    def read(cls, texts: Iterable[str]) -> _Said:
        vocabulary: dict[str, int] = {}
        numbers, times, sizes, lengths = array("i"), array("B"), array("i"), array("i")
        for text in texts:
            counts = Counter(indexed_terms(text))
            numbers.extend(vocabulary.setdefault(term, len(vocabulary)) for term in counts)
            times.extend(min(count, _MOST_TIMES) for count in counts.values())
            sizes.append(len(counts))
            lengths.append(counts.total())
        return cls(
            np.fromiter(map(_hash, vocabulary), np.uint64, len(vocabulary)),
            np.array(numbers, np.int64),
            np.repeat(np.arange(len(sizes), dtype=np.int32), np.array(sizes, np.int32)),
            np.array(times, np.uint8),
            np.array(lengths, np.int32),
        )

    def joined(self, previous: WordIndex, kept: NDArray[np.int64]) -> _Said:
        """Return what all rows say: of these the rows with -1 in `kept`, of `previous` the others."""
        old, new = np.flatnonzero(kept >= 0), np.flatnonzero(kept < 0).astype(np.int32)
        row_of = np.full(previous.count, -1, np.int32)
        row_of[kept[old]] = old
        rows = row_of[previous._rows]
        stay = rows >= 0
        terms_of = np.repeat(np.arange(len(previous._hashes)), np.diff(previous._starts))
        lengths = np.empty(len(kept), np.int32)
        lengths[old], lengths[new] = previous._lengths[kept[old]], self.lengths
        return _Said(
            np.concatenate([previous._hashes, self.hashes]),
            np.concatenate([terms_of[stay], self.terms + len(previous._hashes)]),
            np.concatenate([rows[stay], new[self.rows]]),
            np.concatenate([previous._times[stay], self.times]),
            lengths,
        )


# A file of numpy's that holds no element has a header alone, which cannot be mapped.
_EMPTY = 128


def indexed_terms(text: str) -> Iterator[str]:
    """Yield the terms that a text is found by, as often as it says them."""
    for word in terms.words(text):
        yield from word.terms
        for part in word.parts:
            yield from part.terms
    yield from terms.pairs(text)


def _singles_out(word: Word) -> bool:
    """Whether a word is written alike in all languages and means one thing: a product, a version, a long number."""
    return word.numbered or (word.terms[0].isdigit() and len(word.terms[0]) > terms.YEAR)


def _common(few: NDArray[np.int32], many: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return those of some rows that are among others, both rising."""
    # Past its end stands what is no row.
    common: NDArray[np.int32] = few[np.append(many, -1)[np.searchsorted(many, few)] == few]
    return common


def _as_asked(part: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 0 for a small part of a question, 1 for most of it."""
    strength: NDArray[np.float32] = np.clip((part - _NAMES_FROM) / (_NAMES_FULL - _NAMES_FROM), 0, 1)
    return strength


def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _weights(times: NDArray[np.float32], lengths: NDArray[np.float32], rows: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return BM25's part without the rarity, of 1 for endless repetition, in steps of 1/255 and at least one."""
    norm = K1 * (1 - B + B * lengths / max(float(lengths.mean()) if len(lengths) else 1.0, 1.0))
    return np.maximum(np.rint(times / (times + norm[rows]) * _STEPS), 1).astype(np.uint8)
