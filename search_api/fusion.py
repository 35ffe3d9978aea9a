"""What a passage is worth to a question: how near its meaning is, and how much of the question's words it has.

Cosines of language-neutral vectors compare across languages; words do not: a question shares its ordinary
words with passages of its own language alone. So what words add is counted against the best of the
passage's language: in every language the passage that matches best gains about as much, and words settle which
of a language's passages comes first rather than which language does. A rare name is the same word in many
languages; where it is most of what was asked, the passages that hold it come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import QueryTokens
from indexer.filter import Allowed
from indexer.generation import Generation
from indexer.nearest import Neighbours
from indexer.words import WordMatch

# Measured on xquad and debian_headlines (docs/choices.md): how much a question's words are worth when all are
# there, and how much of the best match of a language is taken off all of its passages. With all of it taken off,
# first hits are lost; with none, answers in other languages are.
WORDS = 0.2
EVENNESS = 0.8
# The difference between the nearest and the farthest vector is seldom as large.
NAMES = 0.5
# About what lies between the first and the tenth hit: preferred languages come first among equals.
PREFERENCE = 0.08
# float32 sums differ in the seventh digit from machine to machine; what is equal to six is a tie.
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Question:
    """A question as it is searched for: unit vector float32 (dimension,), words, tokens, languages to prefer.

    `languages`: how much the question looks like each, of sum 1. `near`: the nearest passages of all where they were
    looked for already, `retrieval.NEAREST` or all there are.
    """

    vector: NDArray[np.float32]
    match: WordMatch | None = None
    preferred: frozenset[str] = frozenset()
    tokens: QueryTokens | None = None
    languages: Mapping[str, float] = field(default_factory=dict)
    near: Neighbours | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the scores of some passages are the sums of, float64 (rows,) each."""

    cosine: NDArray[np.float64]
    words: NDArray[np.float64]
    names: NDArray[np.float64]
    evenness: NDArray[np.float64]
    preference: NDArray[np.float64]

    @property
    def sum(self) -> NDArray[np.float64]:
        """Return the scores, which differ from those of a `Scorer` by what rounding takes."""
        return self.cosine + self.words + self.names + self.evenness + self.preference


class Scorer:
    """Scores passages of a generation for one question."""

    def __init__(self, generation: Generation, question: Question, allowed: Allowed | None) -> None:
        """Look for the best match of each language among what is `allowed` (None: all)."""
        self._generation = generation
        self._vector = question.vector
        places = generation.places
        self._preference = np.array(
            [PREFERENCE if language in question.preferred else 0.0 for language in places.languages]
        )
        self._by_language = self._preference
        self._match = question.match
        if question.match is None:
            return
        coverage = question.match.coverage
        # Where numbers are compared first numpy is several times as fast.
        matched = np.flatnonzero(coverage > 0) if allowed is None else allowed.rows[coverage[allowed.rows] > 0]
        best = np.zeros(len(places.languages), np.float32)
        # Where types agree numpy is several times as fast.
        np.maximum.at(best, places.language[matched].astype(np.intp), coverage[matched])
        self._by_language = self._preference - WORDS * EVENNESS * best
        self._matched = matched

    def __call__(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the scores of passages, float64 (len(rows),), rounded so that machines agree."""
        return self._scores(rows, self._cosines(rows))

    def around(self, near: Neighbours, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the rows in `near` with at most so many that match the words best, and what each is worth.

        Int64 and float64 (n,), in no order. Cosines are taken as they are, in float32: close enough to choose by.
        """
        cosines, rows = near
        known = np.zeros(self._generation.vectors.count, bool)
        known[rows] = True
        matching = self._matching(most)
        others = matching[~known[matching]]
        rows = np.concatenate([rows, others])
        cosines = np.concatenate([cosines, self._generation.vectors.scores(self._vector, others)])
        return rows, self._scores(rows, cosines.astype(np.float64))

    def _scores(self, rows: NDArray[np.int64], cosines: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = cosines + self._by_language[self._generation.places.language[rows]]
        if self._match is not None:
            scores += _worth(self._match.at(rows))
        rounded: NDArray[np.float64] = scores.round(DIGITS)
        return rounded

    def parts(self, rows: NDArray[np.int64]) -> Parts:
        """Return what the scores of passages are made of."""
        languages = self._generation.places.language[rows]
        nothing = np.zeros(len(rows))
        match = None if self._match is None else self._match.at(rows)
        return Parts(
            cosine=self._cosines(rows).round(DIGITS),
            words=nothing if match is None else (WORDS * match.coverage).astype(np.float64).round(DIGITS),
            names=nothing if match is None else (NAMES * match.strength).astype(np.float64).round(DIGITS),
            evenness=(self._by_language - self._preference)[languages].round(DIGITS),
            preference=self._preference[languages],
        )

    def _cosines(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        # Row by row in float64, unlike a BLAS product, gives equal vectors equal scores wherever they stand.
        cosines: NDArray[np.float64] = np.einsum(
            "ij,j->i", self._generation.vectors.vectors(rows), self._vector, dtype=np.float64
        )
        return cosines

    def _matching(self, most: int) -> NDArray[np.int64]:
        """Return the rows that match the question's words best, at most so many."""
        if self._match is None:
            return np.empty(0, np.int64)
        if len(self._matched) <= most:
            return self._matched
        best = np.argpartition(-_worth(self._match.at(self._matched)), most - 1)[:most]
        return self._matched[best]


def _worth(match: WordMatch) -> NDArray[np.float32]:
    """Return what words and names add to the scores of passages, float32 (rows,)."""
    worth: NDArray[np.float32] = (WORDS * match.coverage + NAMES * match.strength).astype(np.float32)
    return worth
