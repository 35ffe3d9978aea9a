"""The plane in which vectors differ most, to draw them in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def principal_plane(vectors: NDArray[np.floating]) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return points float64 (n, 2) for `vectors` (n, dimension), and how much of all variance each axis shows, 0 to 1.

    The first two principal components: a straight look from one side, which the same vectors always give alike, but
    for what rounding does. Axes point where their farthest point is. Raises ValueError unless `vectors` has two axes
    and a dimension of 2 or more.
    """
    if vectors.ndim != 2 or vectors.shape[1] < 2:  # noqa: PLR2004  # a plane has two
        raise ValueError(f"vectors are (n, dimension) with a dimension of 2 or more, these are {vectors.shape}")
    if not len(vectors):
        return np.empty((0, 2)), (0.0, 0.0)
    centred = vectors - vectors.mean(axis=0, dtype=np.float64)
    # Of the dimension's size, however many vectors there are.
    variances, directions = np.linalg.eigh(centred.T @ centred)
    points = centred @ directions[:, [-1, -2]]
    farthest = points[np.abs(points).argmax(axis=0), [0, 1]]
    points *= np.where(farthest < 0, -1.0, 1.0)
    whole = max(float(variances.sum()), np.finfo(np.float64).tiny)
    return points, (float(variances[-1]) / whole, float(variances[-2]) / whole)
