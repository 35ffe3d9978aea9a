"""One vector for each article, from those of its passages."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from indexer.generation import Generation
from indexer.vectors import mean_direction


def vectors_of(generation: Generation, rows: Iterable[int], *, neutral: bool) -> NDArray[np.float32]:
    """Return unit vectors float32 (len(rows), dimension) of the articles at `rows`.

    `neutral` False gives those that the encoder made, before the languages were taken out. No text is embedded.
    """
    places = generation.places
    found = [np.empty((0, generation.vectors.dimension), np.float32)]
    for row in rows:
        own = places.rows_of(row)
        passages = generation.vectors.vectors(own)
        if not neutral:
            languages = [places.languages[code] for code in places.language[own]]
            passages = generation.neutral.encoded(passages, languages)
        found.append(mean_direction(passages)[np.newaxis])
    return np.concatenate(found)
