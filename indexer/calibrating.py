"""Asks a corpus what it says to questions that are not about it: what its calibration is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.calibration import BY_TOKENS, BY_WORDS, Calibration, cohort, raw
from indexer.codes import TokenCodes
from indexer.compared import Compared
from indexer.encoder import QueryTokens
from indexer.neutral import NeutralTransform, Vectors, every_question
from indexer.words import WordIndex

# A median absolute deviation as a standard deviation.
_MAD = 1.4826
# So many questions at once, so that the passages are read ten times and not three hundred.
_BLOCK = 32
# Of so many passages, those with the most evidence by all else, tokens are compared.
_COMPARED = 50


def calibrate(
    vectors: Vectors,
    questions: Vectors,
    transform: NeutralTransform,
    words: WordIndex,
    tokens: Sequence[QueryTokens] = (),
    codes: TokenCodes | None = None,
) -> Calibration:
    """Measure neutral passages float32 (n, dimension) with the raw vectors of the parallel questions.

    `questions` float32 (questions, dimension), in the order of `every_question`, and so are their `tokens`, which are
    compared with the `codes` of the passages, where there are any. Raises IndexDamaged.
    """
    texts = every_question()
    if not len(vectors):
        return Calibration(0.0, 1.0, 1.0)
    asked = transform.questions(questions)
    background = asked @ vectors[cohort(len(vectors))].T
    spread = max(float(background.std(axis=1).mean()), 1e-6)
    usual = background.mean(axis=1).tolist()
    best, nearest = [], []
    for start in range(0, len(texts), _BLOCK):
        for place, cosines in enumerate(asked[start : start + _BLOCK] @ vectors.T, start):
            match = words.match(texts[place])
            best.append(float(raw(BY_WORDS, cosines, usual[place], spread, match).max()))
            if codes is not None:
                found = raw(BY_TOKENS, cosines, usual[place], spread, match)
                first = np.argpartition(-found, min(_COMPARED, len(found)) - 1)[:_COMPARED]
                near = Compared.of(tokens[place], *codes.of_each(first)).nearness()
                nearest.append(float(raw(BY_TOKENS, cosines[first], usual[place], spread, match.at(first), near).max()))
    middles = _middle(best, BY_WORDS.above)
    return Calibration(*middles, round(spread, 6), *(_middle(nearest, BY_TOKENS.above) if nearest else ()))


def _middle(best: Sequence[float], above: float) -> tuple[float, float]:
    """Return from where on evidence speaks for an answer, and its scale, by the best for what is not answered."""
    middle = float(np.median(best))
    scale = max(_MAD * float(np.median(np.abs(np.array(best) - middle))), 1e-6)
    return round(middle + above * scale, 6), round(scale, 6)
