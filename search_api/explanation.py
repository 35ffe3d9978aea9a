"""Why a hit stands where it stands: what each part of its score is, and what was searched for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.filter import Allowed, Filter
from indexer.generation import Generation
from search_api.filters import given
from search_api.fusion import DIGITS, Question, Scorer
from search_api.retrieval import Candidate

_LIKELIEST = 3
_LEAST_LIKELY = 0.01


@dataclass(frozen=True, slots=True)
class Transform:
    """What was taken out of the vectors, so that languages count alike.

    `question`: the languages that the question looks like, and how much, the likeliest first; `passage`: the one that
    the passage is in.
    """

    name: str
    version: int
    question: Mapping[str, float]
    passage: str


@dataclass(frozen=True, slots=True)
class Place:
    """How many articles stand behind a hit: it is the one of its story that scores best and passes the filters."""

    grouped: bool
    articles: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """The parts of the score of a hit's best passage.

    `cosine`: of the question and the passage, languages taken out. `words`: what the question's words add, `matched`
    those that the passage has; `names`: what its rare names add; `evenness`: what the best match of the passage's
    language takes off all of them. `prefer`: what the language adds because it was asked for. `fused`: their sum, by
    which articles are found. `tokens`: what comparing token by token adds. `score` is the sum of both or, where there
    is a `reranker`, its score. `evidence`: how much speaks for an answer; above 0, the question counts as answered.
    """

    cosine: float
    words: float
    matched: tuple[str, ...]
    names: float
    evenness: float
    prefer: float
    fused: float
    tokens: float
    reranker: float | None
    score: float
    evidence: float | None
    transform: Transform | None
    filters: Mapping[str, object]
    group: Place


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the hits of one search."""

    generation: Generation
    query: str
    question: Question
    wanted: Filter
    allowed: Allowed | None
    reranked: bool
    grouped: bool

    def explain(self, found: Sequence[Candidate], evidence: NDArray[np.float64]) -> list[Explanation]:
        """Return why each hit scores what it does; `evidence` float64 (hits,)."""
        if not found:
            return []
        best = [candidate.passages[0] for candidate in found]
        rows = np.array([scored.passage.row for scored in best], np.int64)
        parts = Scorer(self.generation, self.question, self.allowed).parts(rows)
        stories = np.bincount(self.generation.groups.stories)
        return [
            Explanation(
                cosine=float(parts.cosine[place]),
                words=float(parts.words[place]),
                matched=tuple(self._matched(scored.passage.row)),
                names=float(parts.names[place]),
                evenness=float(parts.evenness[place]),
                prefer=float(parts.preference[place]),
                fused=round(float(parts.sum[place]), DIGITS),
                tokens=scored.tokens,
                reranker=scored.score if self.reranked else None,
                score=scored.score,
                evidence=round(float(evidence[place]), 3) if np.isfinite(evidence[place]) else None,
                transform=self._transform(scored.passage.row),
                filters=self._filters(),
                group=Place(self.grouped, int(stories[self.generation.groups.stories[candidate.article_row]])),
            )
            for place, (candidate, scored) in enumerate(zip(found, best, strict=True))
        ]

    def _matched(self, row: int) -> list[str]:
        return [] if self.question.match is None else self.generation.words.shared(self.query, row)

    def _transform(self, row: int) -> Transform | None:
        version = self.generation.manifest.neutral_version
        if not version:
            return None
        likely = sorted(self.question.languages.items(), key=lambda found: -found[1])[:_LIKELIEST]
        places = self.generation.places
        return Transform(
            name="neutral",
            version=version,
            question={lang: round(share, 3) for lang, share in likely if share >= _LEAST_LIKELY},
            passage=places.languages[places.language[row]],
        )

    def _filters(self) -> dict[str, object]:
        """Return the filters that were given, and how many passages pass them."""
        count = self.generation.vectors.count if self.allowed is None else len(self.allowed)
        return {**given(self.wanted), "passages": count}
