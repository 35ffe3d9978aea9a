"""How sure it is that a hit answers, and whether anything does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.calibration import cohort
from indexer.generation import Generation
from search_api.fusion import Question
from search_api.late import compared, nearness
from search_api.retrieval import Candidate

# From evidence (indexer/calibration.py) to probability: fitted to the first ten hits for the questions of
# debian_headlines and of xquad in the indexes of both (python -m benchmarks.answered).
_SLOPE = 1.05
_OFFSET = -1.1
_DIGITS = 3
# As good as certain of either: logistic functions of more would overflow.
_FARTHEST = 30.0


class Judge:
    """Says how much speaks for hits of one generation. Threads may share it."""

    def __init__(self, generation: Generation) -> None:
        """Read the vectors of passages that a question is compared with in general; their mean says as much."""
        self._generation = generation
        compared = generation.vectors.vectors(cohort(generation.vectors.count))
        self._usually = compared.mean(axis=0) if len(compared) else np.zeros(compared.shape[1], np.float32)

    def evidence(self, query: str, question: Question, found: Sequence[Candidate]) -> NDArray[np.float64]:
        """Return the evidence for each article by its best passage, float64 (articles,). Above 0 it answers.

        `query` is the text of `question`: where it has no letter and no digit nothing can answer it.
        """
        rows = np.array([candidate.passages[0].passage.row for candidate in found], np.int64)
        near = [candidate.passages[0].near for candidate in found]
        known = None if None in near else np.array(near, np.float64)
        return self.evidence_at(query, question, rows, known)

    def evidence_by_tokens(self, query: str, question: Question, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the evidence for each of the passages at `rows`, whose tokens are compared where there are any."""
        near = nearness(compared(self._generation, question.tokens, rows))
        return self.evidence_at(query, question, rows, near)

    def evidence_at(
        self, query: str, question: Question, rows: NDArray[np.int64], near: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """Return the evidence for each of the passages at `rows`, float64 (len(rows),).

        `near`: how near their tokens come to those of the question, float64 (len(rows),); None: not compared.
        """
        if not len(rows) or not any(map(str.isalnum, query)):
            return np.full(len(rows), -np.inf)
        cosines = (self._generation.vectors.vectors(rows) @ question.vector).astype(np.float64)
        match = question.match and question.match.at(rows)
        return self._generation.manifest.calibration.evidence(cosines, self._usual(question), match, near)

    def reach(self, question: Question, cosine: float) -> NDArray[np.float64]:
        """Return the evidence that each passage of all would have if it were as near as `cosine`: float64 (passages,).

        No passage that is farther away has more, as long as tokens are not compared.
        """
        cosines = np.full(self._generation.vectors.count, cosine)
        return self._generation.manifest.calibration.evidence(cosines, self._usual(question), question.match)

    def _usual(self, question: Question) -> float:
        return float(self._usually @ question.vector)


def confidence(evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability that each hit answers, float64, 0 to 1."""
    odds = np.clip(_SLOPE * evidence + _OFFSET, -_FARTHEST, _FARTHEST)
    rounded: NDArray[np.float64] = (1 / (1 + np.exp(-odds))).round(_DIGITS)
    return rounded
