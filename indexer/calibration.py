"""When has a question been answered? What a corpus says to questions that are not about it.

Cosines have no scale of their own: between which values they move depends on the model, on the question (short ones
are near everything) and on how many passages there are to be near to. So each build asks its corpus the same general
questions in 32 languages (`indexer/questions.json`), which few corpora answer, and keeps in the manifest where the
best of the evidence for them lies. A question with more is taken as answered. What a question is usually near, a
spread of passages says (the test normalisation of Auckenthaler et al. 2000, "Score Normalization for
Text-Independent Speaker Verification Systems").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.neutral import NeutralTransform, Vectors, every_question
from indexer.words import WordIndex, WordMatch

# Raise this when the calibration changes: it is then made anew.
VERSION = 3
COHORT = 1_000
# How much of what a question is usually near is taken off, and what its words and its names are worth, in spreads of
# cosines. Chosen on debian_headlines, confirmed on xquad (docs/choices.md). A name that is nowhere speaks against all
# passages as much as it would for the one that had it: another CVE's number is no answer, however near it is.
_USUAL = 0.5
_WORDS = 6.0
_NAMES = 6.0
# A median absolute deviation as a standard deviation.
_MAD = 1.4826
# So much above the middle of what is not answered lies what is, in units of the scale.
_ABOVE = 0.6
# So many questions at once, so that the passages are read ten times and not three hundred.
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evidence is counted from `middle` in units of `scale`: above 0, a question has been answered.

    `spread`: the standard deviation of a question's cosines over the cohort, on average over questions.
    """

    middle: float
    scale: float
    spread: float

    def evidence(self, cosines: NDArray[np.floating], usual: float, match: WordMatch | None) -> NDArray[np.float64]:
        """Return how much speaks for each of some passages as an answer, float64 (n,).

        `cosines` (n,) are those of the neutral vectors, `usual` the question's mean over the cohort; `match` holds the
        words of the same passages.
        """
        raw = _raw(cosines, usual, self.spread, match).astype(np.float64)
        return (raw - self.middle) / self.scale


def cohort(count: int) -> NDArray[np.int64]:
    """Return rows spread evenly over `count` passages, at most a thousand: int64."""
    return np.unique(np.linspace(0, count - 1, min(count, COHORT)).astype(np.int64)) if count else np.empty(0, np.int64)


def calibrate(vectors: Vectors, questions: Vectors, transform: NeutralTransform, words: WordIndex) -> Calibration:
    """Measure neutral passages float32 (n, dimension) with the raw vectors of the parallel questions.

    `questions` float32 (questions, dimension), in the order of `every_question`.
    """
    texts = every_question()
    if not len(vectors):
        return Calibration(0.0, 1.0, 1.0)
    asked = transform.questions(questions)
    background = asked @ vectors[cohort(len(vectors))].T
    spread = max(float(background.std(axis=1).mean()), 1e-6)
    usual = background.mean(axis=1).tolist()
    best = []
    for start in range(0, len(texts), _BLOCK):
        block = slice(start, start + _BLOCK)
        for own, near, text in zip(asked[block] @ vectors.T, usual[block], texts[block], strict=True):
            best.append(float(_raw(own, near, spread, words.match(text)).max()))
    middle = float(np.median(best))
    scale = max(_MAD * float(np.median(np.abs(np.array(best) - middle))), 1e-6)
    return Calibration(round(middle + _ABOVE * scale, 6), round(scale, 6), round(spread, 6))


def _raw(cosines: NDArray[np.floating], usual: float, spread: float, match: WordMatch | None) -> NDArray[np.floating]:
    found = cosines - _USUAL * usual
    if match is not None:
        found = found + spread * (_WORDS * match.coverage + _NAMES * (match.strength - match.absence))
    return found
