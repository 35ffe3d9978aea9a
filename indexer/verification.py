"""Is a generation what it says, and is what it holds found again? Asked before it is served, and by `veille verify`."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer import facts
from indexer.embedding import Embedding
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged, IndexProblem, VerificationFailed
from indexer.generation import Generation, current_name
from indexer.manifest import REBUILD
from indexer.naming import FOLDER
from indexer.vectors import ON_DISK

SAMPLE = 100
# A passage's own vector was computed with others beside it; what is nearer than this is as near.
_TIE = 1e-4
# How far a vector may be from what it is to be, by how it is kept.
_EXACT = {"Flat": 1e-3, "SQfp16": 2e-3, ON_DISK: 6e-2}
_BLOCK = 16_384
_TERMS_NAMED = 5
UNTOUCHED = "What was served so far still is, and what was embedded is kept for the next run"


class Canaries(Protocol):
    """Questions with the article that must answer each: a build that does not know it is not to be served."""

    def __len__(self) -> int:
        """Return how many are asked."""
        ...

    def ask(self, generation: Generation, encoder: Encoder) -> None:
        """Ask each. Raises VerificationFailed, saying which failed and what came instead."""
        ...


def verify(index_dir: Path) -> list[str]:
    """Read every byte of the served generation; return a line for each thing that is right.

    Raises what `Generation.open` does, and VerificationFailed.
    """
    name = current_name(index_dir)
    directory = index_dir / FOLDER / name
    with closing(Generation.open_directory(directory, whole=True)) as generation:
        described = generation.manifest
        lines = [f"manifest: generation {name}, layout {described.schema}"]
        lines += [
            f"{file}: sha256 and size ({expected.bytes:,} bytes) as published"
            for file, expected in sorted(described.files.items())
        ]
        found = check_content(generation)
        lines.append(f"{facts.NAME}: every page can be read")
        lines.append(
            f"counts: {described.articles:,} articles, {described.passages:,} passages, as many vectors "
            f"of {described.encoder.dimension} dimensions"
        )
        lines.append(f"sample: {found:,} passages are found by their own vectors and words")
    return lines


def check_staged(directory: Path, embedding: Embedding, encoder: Encoder, canaries: Canaries | None) -> None:
    """Read all of a generation that is to be served, and ask it for what it must find. Raises VerificationFailed."""
    try:
        with closing(Generation.open_directory(directory, whole=True)) as generation:
            check_content(generation, embedding)
            if canaries is not None:
                canaries.ask(generation, encoder)
    except IndexProblem as error:
        index_dir = directory.parent.parent
        problem = f"the new build is not served: {error.problem}"
        raise VerificationFailed(problem, UNTOUCHED, where=str(index_dir)) from error


def sample(passages: int) -> NDArray[np.int64]:
    """Return rows spread evenly over `passages`, at most a hundred: int64."""
    return np.unique(np.linspace(0, passages - 1, min(passages, SAMPLE)).astype(np.int64))


def check_content(generation: Generation, embedding: Embedding | None = None) -> int:
    """Check counts, vectors and a sample of an open generation; return how many passages were looked for.

    With `embedding` they are looked for by what was embedded, as the cache knows it, and not by what the generation
    itself says. Raises IndexDamaged or VerificationFailed.
    """
    generation.facts.check()
    _check_counts(generation)
    _check_vectors(generation)
    rows = sample(generation.manifest.passages)
    if embedding is not None:
        texts, raw = embedding.sample(generation.facts, rows)
        places = generation.places
        languages = [places.languages[code] for code in places.language[rows]]
        vectors = generation.neutral.passages(raw, languages)
    else:
        texts, vectors = generation.facts.texts(rows.tolist()), generation.vectors.vectors(rows)
    _check_found_by_vector(generation, rows, vectors)
    for row, text in zip(rows.tolist(), texts, strict=True):
        lacking = generation.words.lacking(text, row)
        if lacking:
            raise _lost(generation, row, f"its words ({', '.join(lacking[:_TERMS_NAMED])})")
    return len(rows)


def _check_counts(generation: Generation) -> None:
    """Count what opening does not: languages, sources and the sentences that had to be split."""
    described, held = generation.manifest, generation.facts
    for what, expected, found in (
        ("articles by language", described.languages, held.tally("lang")),
        ("articles by source", described.sources, held.tally("source")),
        ("split sentences", described.split_sentences, held.split_sentences()),
    ):
        if expected != found:
            where = str(generation.directory / facts.NAME)
            raise IndexDamaged(f"{what} are not as many as the manifest says", REBUILD, where=where)


def _check_vectors(generation: Generation) -> None:
    unit = _EXACT[generation.manifest.vectors_kept]
    for start in range(0, generation.vectors.count, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, generation.vectors.count), dtype=np.int64)
        lengths = np.linalg.norm(generation.vectors.vectors(rows), axis=1)
        # Written so that what is no number fails, too.
        wrong = np.flatnonzero(~(np.abs(lengths - 1) <= unit))
        if len(wrong):
            row, length = int(rows[wrong[0]]), lengths[wrong[0]]
            raise VerificationFailed(
                f"the vector of passage {row} has length {length:.3f} instead of 1",
                REBUILD,
                where=str(generation.directory),
            )


def _check_found_by_vector(generation: Generation, rows: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
    kept = generation.manifest.vectors_kept
    unit = _EXACT[kept]
    tie = _TIE if kept == "Flat" else unit
    stored = generation.vectors.vectors(rows)
    best = generation.vectors.search(vectors, 1)
    for row, vector, own, (scores, _) in zip(rows.tolist(), vectors, stored, best, strict=True):
        score = float(vector @ own)
        if not (len(scores) and score >= max(1 - unit, float(scores[0]) - tie)):
            raise _lost(generation, row, "the vector of its text")


def _lost(generation: Generation, row: int, by: str) -> VerificationFailed:
    passage = generation.facts.passages([row])[0]
    article = generation.places.ids[passage.article_row]
    return VerificationFailed(
        f"passage {passage.ordinal} of the article {article!r} is not found by {by}",
        REBUILD,
        where=str(generation.directory),
    )
