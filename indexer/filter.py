"""What may answer a question: the wish, and the passages that it leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may answer; an empty one lets all through.

    Dates are ISO 8601 and compared as text: `since` <= published < `before`. What has no category is found under an
    empty one, as what has no source is.
    """

    langs: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str | None = None
    before: str | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The passages that may be found: their `rows`, rising, int64 (n,).

    They are those that pass `wanted`, but for those of the articles at the rows `without`: what is not in this process
    is told so instead of by its rows. `wanted` is None where nothing but the rows says which they are.
    """

    rows: NDArray[np.int64]
    wanted: Filter | None = None
    without: tuple[int, ...] = ()

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.rows)
