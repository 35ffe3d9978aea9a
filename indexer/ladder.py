"""Which kind of vector index fits: by how many vectors there are, what memory they may take, and what is measured.

Fewer than 20,000 are compared one by one. More have sketches that say which to compare, and from 250,000 on the
sketches lie in cells (docs/benchmarks.md has the times that decided this). Where they would take more than the memory
that they may, each dimension is kept in two bytes instead of four, or in six bits, with whole vectors on disk. Beside
sketches in cells there are some by language and time, where there is room for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import breadth, by_language, sketch, whole
from indexer.breadth import Breadth, few
from indexer.by_language import LanguageSketches
from indexer.errors import IndexDamaged, TooLittleMemory
from indexer.guide import Guide
from indexer.manifest import REBUILD
from indexer.nearest import Rows, Vectors
from indexer.sketch import Sketch, kind_of
from indexer.space import mebibytes
from indexer.vectors import BYTES, ON_DISK, VECTORS, VectorIndex
from indexer.whole import WholeVectors

# Below, comparing all exactly takes less than a millisecond or two.
LEAST = 20_000
# What a sketch takes beside its bits: two factors, its row, its share of the cells.
_SKETCH_EXTRA = 28


@dataclass(frozen=True, slots=True)
class Rung:
    """How the vectors of an index are kept (one of `BYTES`), and how they are searched; None: all are compared."""

    kept: str
    breadth: Breadth | None
    cells: int

    @property
    def kind(self) -> str:
        """FAISS's name for both."""
        return f"{kind_of(self.cells)},Refine({self.kept})" if self.breadth else self.kept


def size(rows: int, dimension: int, kept: str) -> int:
    """Return how many bytes vectors take while they are searched, with their sketches."""
    sketched = dimension // 8 + _SKETCH_EXTRA if rows >= LEAST else 0
    return rows * (ceil(BYTES[kept] * dimension) + sketched)


def write(
    folder: Path,
    vectors: Vectors,
    questions: Vectors,
    memory: int = 0,
    languages: Sequence[str] = (),
    dates: NDArray[np.int32] | None = None,
) -> Rung:
    """Write the vectors float32 (rows, dimension), and sketches of them where there are many, into `folder`.

    While they are searched they take at most `memory` bytes (0: whatever they need), unless in fewer bytes each they
    would no longer be found: then more, as the `Rung` says. Below `LEAST` rows nothing is left out. How far to look
    is measured with `questions` float32 (m, dimension). Where `languages` (rows,) are told there may be sketches by
    language, and by time where `dates` (rows,) are, as `Registry.dates` has them. Raises OSError, and TooLittleMemory
    where nothing fits.
    """
    rows, dimension = vectors.shape
    if rows < LEAST:
        VectorIndex.build(vectors).save(folder / VECTORS)
        return Rung("Flat", None, 0)
    sketches = Sketch.build(vectors)
    found = None
    for kept in reversed(_fitting(rows, dimension, memory)):
        index = VectorIndex.build(vectors, kept, _on_disk(folder, vectors) if kept == ON_DISK else None)
        found = breadth.measured(sketches, vectors, questions, index.best)
        if found:
            sketches.save(folder / sketch.NAME)
            break
        (folder / whole.NAME).unlink(missing_ok=True)
    # Where sketches find too little of whole vectors, the last that was tried, all of them are compared.
    index.save(folder / VECTORS)
    if found and found.probes:
        room = memory - size(rows, dimension, kept) if memory else None
        spans = by_language.spans_of(dates, rows)
        found = _by_language(folder, vectors, questions, index, found, by_language.rows_of(languages), spans, room)
    return Rung(kept, found, sketches.cells if found else 0)


def opened(
    folder: Path, files: Mapping[str, int], kept: str, breadth: Breadth | None, *, rows: int, dimension: int
) -> VectorIndex:
    """Map what `write` made of so many vectors into memory; `files` are descriptors of checked files.

    `kept` and `breadth` are those of the `Rung`. Raises IndexDamaged.
    """
    needed = [VECTORS, *((whole.NAME,) if kept == ON_DISK else ())]
    if breadth:
        needed += [sketch.NAME, *((by_language.NAME,) if breadth.languages else ())]
    for name in needed:
        if name not in files:
            raise IndexDamaged(f"the manifest does not list {name}", REBUILD, where=str(folder))
    guide = Guide.open(folder, files, breadth) if breadth else None
    read = None
    if kept == ON_DISK:
        read = WholeVectors.open(folder / whole.NAME, files[whole.NAME], rows, dimension)
    return VectorIndex.open(folder / VECTORS, files[VECTORS], guide, kept, read)


def _on_disk(folder: Path, vectors: Vectors) -> WholeVectors:
    file = folder / whole.NAME
    whole.write(vectors, file)
    with file.open("rb") as stream:
        return WholeVectors.open(file, stream.fileno(), *vectors.shape)


def _by_language(
    folder: Path,
    vectors: Vectors,
    questions: Vectors,
    index: VectorIndex,
    found: Breadth,
    spoken: Mapping[str, Rows],
    spans: NDArray[np.intp],
    room: int | None,
) -> Breadth:
    """Sketch by language and time what is worth it, and return how far to look; as it was where nothing is.

    So it is, too, where there is no room for it.
    """
    rows, dimension = vectors.shape
    spoken = {code: own for code, own in spoken.items() if len(own) <= min(by_language.MOST, rows - 1)}
    cells = by_language.cells_of(spoken, spans)
    taken = by_language.size(sum(map(len, spoken.values())), dimension, len(cells))
    if not any(len(own) > few(rows, apart=True) for own in spoken.values()) or (room is not None and taken > room):
        return found
    sketches = LanguageSketches.build(vectors, cells)
    known = np.unique(spans)
    # The newest is what is asked for most; what holds for it and the oldest holds for those between.
    parts = [*spoken.values(), *(np.flatnonzero(spans == span) for span in (known[[0, -1]] if len(known) > 1 else ()))]
    candidates = breadth.measured_by_language(sketches, vectors, parts, questions, index.best)
    if not candidates:
        return found
    sketches.save(folder / by_language.NAME)
    return replace(found, languages=tuple(spoken), by_language=candidates)


def _fitting(rows: int, dimension: int, memory: int) -> list[str]:
    """Return the kinds that are as large as the best one that fits, or larger: largest first."""
    fitting = [kept for kept in BYTES if not memory or size(rows, dimension, kept) <= memory]
    if fitting:
        return [kept for kept in BYTES if BYTES[kept] >= BYTES[fitting[0]]]
    least = min(size(rows, dimension, kept) for kept in BYTES)
    raise TooLittleMemory(
        f"the vectors of {rows:,} passages take {mebibytes(least)} at least, {mebibytes(memory)} are allowed",
        "Allow them more with --memory, or leave the option out",
    )
