"""Titles and names that hold what was typed so far: every word of it whole, the last one as a beginning.

Words are those of the lexical index (corpus/terms.py): without case and accents, Chinese and the like in pairs of
characters. Nothing is encoded.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpus import terms

# Nobody types titles that are longer, or asks for more than a list can show.
LONGEST = 200
MOST = 10
# Names stand first, but leave room for titles where there are any.
_MOST_NAMES = 4
_END = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to ask for: `count` articles have the title, or the name in theirs."""

    text: str
    kind: Literal["title", "name"]
    count: int


class Suggestions:
    """Looks beginnings of words up in a list of suggestions. Threads may share it."""

    def __init__(self, known: Iterable[Suggestion]) -> None:
        """Take suggestions, those to be shown first in front; of names and titles that look alike, the first."""
        self._known: list[Suggestion] = []
        folded: dict[str, int] = {}
        pairs: list[tuple[str, int]] = []
        for suggestion in known:
            key = _folded(suggestion.text)
            place = len(self._known)
            if key and folded.setdefault(key, place) == place:
                self._known.append(suggestion)
                pairs += ((word, place) for word in dict.fromkeys(_words(suggestion.text)))
        pairs.sort()
        self._words = [word for word, _ in groupby(pairs, itemgetter(0))]
        sizes = np.fromiter(
            (len(list(group)) for _, group in groupby(pairs, itemgetter(0))), np.int64, len(self._words)
        )
        # The places of what holds word i stand from starts[i] to starts[i + 1].
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        self._places = np.fromiter((place for _, place in pairs), np.int32, len(pairs))
        self._names = np.fromiter((known.kind == "name" for known in self._known), bool, len(self._known))
        self._alphabet = sorted(folded)
        self._alphabetical = np.fromiter((folded[key] for key in self._alphabet), np.int32, len(folded))

    def __len__(self) -> int:
        return len(self._known)

    def for_typed(self, typed: str) -> list[Suggestion]:
        """Return at most ten suggestions: names, then titles; of each first those that begin as what was typed."""
        whole = typed[-1:].isspace()
        words = list(_words(typed)) if len(typed) <= LONGEST else []
        if not words:
            return []
        found = self._holding(words, whole=whole)
        key = _folded(typed) + " " * whole
        first, last = bisect_left(self._alphabet, key), bisect_left(self._alphabet, key + _END)
        begins = np.zeros(len(self._known), bool)
        begins[self._alphabetical[first:last]] = True
        # What begins in the same way is wanted even where its words are told apart otherwise.
        found |= begins
        names = self._first(found & self._names, begins, _MOST_NAMES if (found & ~self._names).any() else MOST)
        return names + self._first(found & ~self._names, begins, MOST - len(names))

    def _holding(self, words: Sequence[str], *, whole: bool) -> NDArray[np.bool_]:
        *before, last = words
        found = np.ones(len(self._known), bool)
        for word, end in [*((word, word + "\0") for word in before), (last, last + ("\0" if whole else _END))]:
            holding = np.zeros(len(self._known), bool)
            first, behind = bisect_left(self._words, word), bisect_left(self._words, end)
            holding[self._places[self._starts[first] : self._starts[behind]]] = True
            found &= holding
        return found

    def _first(self, found: NDArray[np.bool_], begins: NDArray[np.bool_], most: int) -> list[Suggestion]:
        places = [*np.flatnonzero(found & begins)[:most].tolist(), *np.flatnonzero(found & ~begins)[:most].tolist()]
        return [self._known[place] for place in places[:most]]


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text as they are looked up; of joined ones also the parts."""
    for word in terms.words(text):
        yield word.terms[0]
        for part in word.parts:
            yield part.terms[0]


def _folded(text: str) -> str:
    """Return a text without case, accents and superfluous spaces."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(plain.split())
