"""What says which vectors are worth comparing, where they are too many: sketches, and how far to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import by_language, sketch
from indexer.breadth import Breadth
from indexer.by_language import LanguageSketches
from indexer.nearest import Rows, Vectors
from indexer.sketch import Sketch


@dataclass(frozen=True, slots=True)
class LanguageCells:
    """The cells that hold what a filter leaves, of `count` rows."""

    sketches: LanguageSketches
    cells: Rows
    count: int

    def candidates(self, queries: Vectors, count: int, allowed: NDArray[np.uint8] | None) -> Rows:
        """Return those that seem nearest, as `LanguageSketches.candidates` does."""
        return self.sketches.candidates(queries, count, self.cells, allowed)


@dataclass(frozen=True, slots=True)
class Guide:
    """Sketches of vectors, all and by language, and how far to look with them."""

    sketch: Sketch
    breadth: Breadth
    languages: LanguageSketches | None = None

    @classmethod
    def open(cls, folder: Path, opened: Mapping[str, int], breadth: Breadth) -> Guide:
        """Read those of `folder`; `opened` are descriptors of its files. Raises IndexDamaged."""
        languages = None
        if breadth.languages:
            file = folder / by_language.NAME
            languages = LanguageSketches.open(file, opened[by_language.NAME])
        return cls(Sketch.open(folder / sketch.NAME, opened[sketch.NAME]), breadth, languages)

    def fits(self, rows: int, dimension: int) -> bool:
        """Say whether they may be of so many vectors."""
        ours = self.languages
        return self.sketch.shape == (rows, dimension) and (ours is None or ours.dimension == dimension)

    def cells(self, rows: Rows) -> LanguageCells | None:
        """Return those that hold `rows`, where there are some for all of them and looking there is quickest."""
        if self.languages is None or len(rows) > by_language.MOST:
            return None
        cells = self.languages.holding(rows)
        if cells is None:
            return None
        count = self.languages.count(cells)
        return LanguageCells(self.languages, cells, count) if count <= by_language.MOST else None
