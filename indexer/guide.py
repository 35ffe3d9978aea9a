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
from indexer.errors import IndexDamaged
from indexer.filter import Filter
from indexer.nearest import Rows, Vectors
from indexer.sketch import Sketch


@dataclass(frozen=True, slots=True)
class LanguageCells:
    """The cells of some languages, of `count` rows."""

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
            if languages.cells != len(breadth.languages):
                problem = f"it is of {languages.cells} languages, the manifest names {len(breadth.languages)}"
                raise IndexDamaged(problem, where=str(file))
        return cls(Sketch.open(folder / sketch.NAME, opened[sketch.NAME]), breadth, languages)

    def fits(self, rows: int, dimension: int) -> bool:
        """Say whether they may be of so many vectors."""
        ours = self.languages
        return self.sketch.shape == (rows, dimension) and (ours is None or ours.dimension == dimension)

    def cells(self, wanted: Filter | None) -> LanguageCells | None:
        """Return those of the languages that are asked for, where all have one and looking there is quickest."""
        known = self.breadth.languages
        if self.languages is None or wanted is None or not wanted.langs or not set(wanted.langs) <= set(known):
            return None
        cells = np.array([known.index(code) for code in dict.fromkeys(wanted.langs)], np.int64)
        count = self.languages.count(cells)
        return LanguageCells(self.languages, cells, count) if count <= by_language.MOST else None
