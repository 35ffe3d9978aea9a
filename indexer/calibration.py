"""When has a question been answered? What a corpus says to questions that are not about it.

Cosines have no scale of their own: between which values they move depends on the model, on the question (short ones
are near everything) and on how many passages there are to be near to. So each build asks its corpus the same general
questions in 32 languages (`indexer/questions.json`), which few corpora answer, and keeps in the manifest where the
best of the evidence for them lies: by vectors and words, and with tokens, which tell more. A question with more is
taken as answered. What a question is usually near, a spread of passages says (the test normalisation of Auckenthaler
et al. 2000, "Score Normalization for Text-Independent Speaker Verification Systems").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.words import WordMatch

# Raise this when the calibration changes: it is then made anew.
VERSION = 4
COHORT = 1_000
# How much of what a question is usually near is taken off.
_USUAL = 0.5


@dataclass(frozen=True, slots=True)
class Worth:
    """What speaks for an answer, in spreads of cosines: words, names, and how near tokens are.

    `absent`: what a name that is nowhere speaks against all passages: another CVE's number is no answer, however near
    it is. `above`: so much above the middle of what is not answered lies what is, in units of the scale.
    """

    words: float
    names: float
    absent: float
    tokens: float
    above: float


# Chosen on debian_headlines, confirmed on xquad (docs/choices.md).
BY_WORDS = Worth(words=6, names=6, absent=6, tokens=0, above=0.6)
# Tokens say more than words whether what was asked stands there: much of a question's words are its names, and who is
# named in an article need not have done what was asked. Chosen on both, and on technews.
BY_TOKENS = Worth(words=3, names=10, absent=12, tokens=30, above=1.3)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Evidence is counted from `middle` in units of `scale`: above 0, a question has been answered.

    `spread`: the standard deviation of a question's cosines over the cohort, on average over questions. Where tokens
    are compared, middle and scale are others; None where the index has none.
    """

    middle: float
    scale: float
    spread: float
    tokens_middle: float | None = None
    tokens_scale: float | None = None

    def evidence(
        self,
        cosines: NDArray[np.floating],
        usual: float,
        match: WordMatch | None,
        near: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Return how much speaks for each of some passages as an answer, float64 (n,).

        `cosines` (n,) are those of the neutral vectors, `usual` the question's mean over the cohort; `match` holds the
        words of the same passages; `near` (n,) says how near their tokens are, where these were compared.
        """
        if near is None or self.tokens_middle is None or self.tokens_scale is None:
            found = raw(BY_WORDS, cosines, usual, self.spread, match).astype(np.float64)
            return (found - self.middle) / self.scale
        found = raw(BY_TOKENS, cosines, usual, self.spread, match, near).astype(np.float64)
        return (found - self.tokens_middle) / self.tokens_scale


def cohort(count: int) -> NDArray[np.int64]:
    """Return rows spread evenly over `count` passages, at most a thousand: int64."""
    return np.unique(np.linspace(0, count - 1, min(count, COHORT)).astype(np.int64)) if count else np.empty(0, np.int64)


def raw(
    worth: Worth,
    cosines: NDArray[np.floating],
    usual: float,
    spread: float,
    match: WordMatch | None,
    near: NDArray[np.float64] | None = None,
) -> NDArray[np.floating]:
    """Return the evidence for some passages before it is calibrated, (n,)."""
    found = cosines - _USUAL * usual
    if match is not None:
        names = worth.names * match.strength - worth.absent * match.absence
        found = found + spread * (worth.words * match.coverage + names)
    return found if near is None else found + spread * worth.tokens * near
