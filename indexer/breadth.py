"""How far a search with sketches must look to find what an exact one finds: measured on each corpus, not assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indexer.by_language import LanguageSketches
from indexer.nearest import Neighbours, Rows, Vectors
from indexer.sketch import BLOCK, Sketch

RECALL = 0.99
# Where a filter leaves a part of the rows, which no build can foresee.
FILTERED_RECALL = 0.98
# So few rows that a filter leaves are all compared; so few where sketches by language and time lie in few cells.
FEW, FEW_APART = 10_000, 3_000
# What a filter is supposed to leave: all rows, a tenth, a hundredth.
PARTS = (1, 10, 100)
# How many candidates are compared by vectors, at least: the first of these that finds enough of the ten nearest.
_CANDIDATES = (200, 400, 800, 1_600, 3_200)
_NEAREST = 10
_QUESTIONS = 1_000
_AT_ONCE = 100
_SEED = 11
# With a filter every fifth question is asked.
_FEWER = 5
# Scores nearer than rounding are the same.
_TIE = 1e-6

# The best of some rows for one query (dimension,), so many, with scores: by the vectors as they are kept.
Best = Callable[[Vectors, Rows, int], Neighbours]


@dataclass(frozen=True, slots=True)
class Breadth:
    """How many candidates are compared at least, and the part of the ten nearest that was found so.

    `probes`: how many cells are looked into where a filter leaves all rows, a tenth, a hundredth; empty without cells.
    `languages` are those that have sketches apart, by language and time, of which `by_language` candidates are compared
    at least where what a filter leaves lies in few of their cells.
    """

    candidates: int
    recall: float
    probes: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    by_language: int = 0

    def probes_for(self, part: float) -> int:
        """Return how many cells are looked into where so large a part of the rows is allowed."""
        if not self.probes:
            return 0
        for one_in, probes in zip(PARTS, self.probes, strict=True):
            if part * one_in >= 1:
                return probes
        return self.probes[-1]


def measured(sketch: Sketch, vectors: Vectors, questions: Vectors, best: Best) -> Breadth | None:
    """Return how far to look so that 99% of the ten nearest to `questions` are found, float32 (m, dimension).

    None where nothing that is worth it does. `vectors` float32 (rows, dimension) are those that were sketched; what is
    compared is what `best` knows. A thousand questions are asked: those given, and passages spread over the corpus,
    which do not count as found by themselves.
    """
    trial = _Trial.of(vectors, questions, best)
    least = tenth_best(vectors, trial.questions, but=trial.own)
    # What is not found in all cells is in no fewer, of which most would be tried.
    if sketch.cells and trial.recall(_found(sketch, trial.questions, sketch.cells), least) < RECALL:
        return None
    for probes in _steps(sketch.cells):
        found = _found(sketch, trial.questions, probes)
        # Most of what is tried fails with however many candidates, and need not be tried with fewer.
        if trial.recall(found, least) < RECALL:
            continue
        recalls = ((candidates, trial.recall(found[:, :candidates], least)) for candidates in _CANDIDATES)
        candidates, recall = next(pair for pair in recalls if pair[1] >= RECALL)
        filtered = trial.probes_with_filters(sketch, candidates, probes) if probes else ()
        return Breadth(candidates, round(recall, 4), (probes, *filtered) if probes else ())
    return None


def measured_by_language(
    sketches: LanguageSketches, vectors: Vectors, parts: Sequence[Rows], questions: Vectors, best: Best
) -> int:
    """Return how many candidates find 98% of the ten nearest of each of `parts`, 0 where nothing worth it does.

    `parts` are rows, rising, that cells hold: those of a language or of a span; the rest is as for `measured`. Of parts
    with so few rows that all are compared nothing is asked.
    """
    trial = _Trial.of(vectors, questions, best).fewer()
    most = _CANDIDATES[0]
    for rows in parts:
        cells = sketches.holding(rows)
        if cells is None or len(rows) <= few(len(vectors), apart=True):
            continue
        tenth = tenth_best(vectors, trial.questions, rows, trial.own)
        found = sketches.candidates(trial.questions, _CANDIDATES[-1], cells)
        enough = (count for count in _CANDIDATES if trial.recall(found[:, :count], tenth) >= FILTERED_RECALL)
        needed = next(enough, 0)
        if not needed:
            return 0
        most = max(most, needed)
    return most


def few(total: int, *, apart: bool = False) -> int:
    """Return how many rows that a filter leaves, of so many, are all compared, as that is quickest.

    `apart`: where they lie in few cells by language and time.
    """
    return min(FEW_APART if apart else FEW, total // 8)


def tenth_best(vectors: Vectors, questions: Vectors, allowed: Rows | None = None, but: Rows | None = None) -> Vectors:
    """Return the tenth best score of each question, float32 (m,), over all rows of `vectors`, or those `allowed`.

    `but` int64 (m,): a row that does not count for each of them, or -1.
    """
    best = np.empty((len(questions), 0), np.float32)
    rows = np.arange(len(vectors)) if allowed is None else allowed
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        found = questions @ (vectors[start : start + BLOCK] if allowed is None else vectors[block]).T
        if but is not None:
            place = np.minimum(np.searchsorted(block, but), len(block) - 1)
            (own,) = np.nonzero(block[place] == but)
            found[own, place[own]] = -np.inf
        best = np.concatenate([best, found], axis=1)
        best = np.partition(best, -_NEAREST, axis=1)[:, -_NEAREST:]
    tenth: Vectors = best.min(axis=1)
    return tenth


def among_nearest(vectors: Vectors, question: Vectors, rows: Rows, tenth: float) -> int:
    """Return how many of `rows` are among the ten nearest to a question, of which the last scores `tenth`."""
    return int((vectors[rows] @ question >= tenth - _TIE).sum())


class _Trial:
    """Questions float32 (m, dimension), and how well what is found for them is."""

    def __init__(self, vectors: Vectors, questions: Vectors, own: Rows, best: Best) -> None:
        """`own` int64 (m,): the row that each question is itself, or -1."""
        self._vectors, self.questions, self.own, self._best = vectors, questions, own, best

    @classmethod
    def of(cls, vectors: Vectors, questions: Vectors, best: Best) -> _Trial:
        """Take `questions`, and passages spread over the corpus until there are a thousand."""
        own = np.linspace(0, len(vectors) - 1, max(_QUESTIONS - len(questions), 0)).astype(np.int64)
        asked = np.concatenate([questions, vectors[own]])[:_QUESTIONS]
        return cls(vectors, asked, np.append(np.full(len(questions), -1), own)[:_QUESTIONS], best)

    def fewer(self) -> _Trial:
        """Return what asks every fifth question."""
        return _Trial(self._vectors, self.questions[::_FEWER], self.own[::_FEWER], self._best)

    def recall(self, found: Rows, least: Vectors) -> float:
        """Return the part of the ten nearest among the ten best of those `found` (m, n). Equal scores are as good."""
        hits = 0
        asked = zip(self.questions, self.own.tolist(), found, least.tolist(), strict=True)
        for question, own, candidates, tenth in asked:
            rows = candidates[(candidates >= 0) & (candidates != own)]
            best = self._best(question, rows, _NEAREST)[1]
            hits += among_nearest(self._vectors, question, best, tenth)
        return hits / (_NEAREST * len(found))

    def probes_with_filters(self, sketch: Sketch, candidates: int, probes: int) -> Iterator[int]:
        """Yield how many cells must be looked into where nine of ten rows, 99 of 100 are left out at random."""
        random = np.random.default_rng(_SEED)
        some = self.fewer()
        for one_in in PARTS[1:]:
            mask = np.zeros(len(self._vectors), bool)
            mask[random.choice(len(mask), len(mask) // one_in, replace=False)] = True
            bits = np.packbits(mask, bitorder="little")
            least = tenth_best(self._vectors, some.questions, np.flatnonzero(mask), some.own)
            found = (
                (wider, sketch.candidates(some.questions, candidates, wider, bits))
                for wider in _steps(sketch.cells, probes)
            )
            # A filter that leaves less needs no fewer: the next one begins where this one ends.
            probes = next((wider for wider, rows in found if some.recall(rows, least) >= FILTERED_RECALL), sketch.cells)
            yield probes


def _steps(cells: int, least: int = 0) -> Iterator[int]:
    """Yield numbers of cells to try, each a quarter more, up to all of them; 0 alone where there are none."""
    probes = least or cells // 64
    while probes < cells:
        yield probes
        probes += max(probes // 4, 1)
    yield cells


def _found(sketch: Sketch, questions: Vectors, probes: int) -> Rows:
    return np.concatenate([sketch.candidates(block, _CANDIDATES[-1], probes) for block in _blocks(questions)])


def _blocks(asked: Vectors) -> Iterator[Vectors]:
    for start in range(0, len(asked), _AT_ONCE):
        yield asked[start : start + _AT_ONCE]
