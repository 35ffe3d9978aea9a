"""How good a ranking is, from where in it the right ones stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

AT = 10


@dataclass(frozen=True, slots=True)
class Ranked:
    """Means over all questions: average precision, and reciprocal rank of the first that answers among ten."""

    average_precision: float
    reciprocal_rank: float


def means(right: NDArray[np.bool_]) -> Ranked:
    """Return them for rankings, bool (questions, documents), the best document first."""
    precision = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
    average = (precision * right).sum(axis=1) / right.sum(axis=1)
    first = right[:, :AT].argmax(axis=1)
    reciprocal = right[:, :AT].any(axis=1) / (first + 1)
    return Ranked(float(average.mean()), float(reciprocal.mean()))
