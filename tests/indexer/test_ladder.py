"""Each kind of vector index against an exact one: what it finds, with filters, in little memory, and damaged."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from indexer import by_language, ladder, sketch, whole
from indexer.breadth import Breadth
from indexer.by_language import LanguageSketches
from indexer.errors import IndexDamaged, TooLittleMemory
from indexer.filter import Allowed, Filter
from indexer.guide import Guide
from indexer.ladder import Rung
from indexer.sketch import Sketch
from indexer.vectors import ON_DISK, VECTORS, VectorIndex
from indexer.whole import WholeVectors

DIMENSION = 64
# Rows of languages, unevenly spread: of the last there are so few that all are compared.
LANGUAGES = np.random.default_rng(9).choice(["en", "ja", "ko"], ladder.LEAST, p=[0.6, 0.35, 0.05]).tolist()
SPOKEN = by_language.rows_of(LANGUAGES)
# A third has no date.
DATES = np.maximum(np.random.default_rng(3).integers(-500, 1_000, ladder.LEAST), -1).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Written:
    """What `ladder.write` made of some vectors."""

    folder: Path
    vectors: np.ndarray
    rung: Rung

    def open(self) -> VectorIndex:
        """Open it as a generation does."""
        rows, dimension = self.vectors.shape
        with ExitStack() as files:
            opened = {f.name: files.enter_context(f.open("rb")).fileno() for f in self.folder.iterdir()}
            return ladder.opened(self.folder, opened, self.rung.kept, self.rung.breadth, rows=rows, dimension=dimension)


def clustered(count: int) -> np.ndarray:
    """Return unit vectors around two hundred centres."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(200, DIMENSION)).astype(np.float32)
    drawn = centres[random.integers(0, 200, count)] + random.normal(size=(count, DIMENSION)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture(scope="module", params=["flat", "cells", "cells in two bytes", "cells and disk"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("rung")
    vectors = clustered(ladder.LEAST)
    memory = 0
    kept = {"cells in two bytes": "SQfp16", "cells and disk": ON_DISK}.get(request.param)
    if kept:
        memory = ladder.size(ladder.LEAST, DIMENSION, kept) + by_language.size(ladder.LEAST, DIMENSION, 99)
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "flat":
            # A quarter of a million take minutes.
            patch.setattr(sketch, "CELLS_FROM", ladder.LEAST)
        return Written(folder, vectors, ladder.write(folder, vectors, asked(vectors)[:50], memory, LANGUAGES, DATES))


def asked(vectors: np.ndarray) -> np.ndarray:
    """Return 100 vectors near some that are there."""
    return vectors[7:2_000:20] + np.random.default_rng(8).normal(scale=0.02, size=(100, DIMENSION)).astype(np.float32)


def recall(
    written: Written, k: int, allowed: np.ndarray | None = None, questions: int = 100, wanted: Filter | None = None
) -> float:
    """Return the part of the k nearest that is found, having looked at scores and order."""
    index, queries, met = written.open(), asked(written.vectors)[:questions], 0
    exact = VectorIndex.build(written.vectors)
    among = None if allowed is None else Allowed(allowed, wanted)
    for query, (scores, rows), (_, nearest) in zip(
        queries, index.search(queries, k, among), exact.search(queries, k, among), strict=True
    ):
        assert len(rows) == len(set(rows.tolist())) == k
        assert allowed is None or np.isin(rows, allowed).all()
        # The first are compared by what is on disk, if anything is.
        assert scores == pytest.approx(index.scores(query, rows), abs=0.1 if written.rung.kept == ON_DISK else 1e-5)
        if written.rung.kept == ON_DISK:
            assert scores[:10] == pytest.approx(written.vectors[rows[:10]] @ query, abs=1e-3)
        assert (np.diff(scores) <= 0).all()
        met += len(np.intersect1d(rows, nearest))
    return met / (k * len(queries))


def test_what_was_measured_is_found(written: Written) -> None:
    found = written.rung.breadth
    assert found is not None
    assert 0.99 <= found.recall <= 1
    assert len(found.probes) == (3 if written.rung.cells else 0)
    assert sorted(found.probes) == list(found.probes)
    # Other questions than those that it was measured with.
    assert recall(written, 10) >= 0.97


@pytest.mark.parametrize("one_in", [2, 10, 100, 1_000])
def test_filtered_there_are_always_as_many_as_wanted(written: Written, one_in: int) -> None:
    kept = np.random.default_rng(one_in).random(len(written.vectors)) < 1 / one_in
    assert recall(written, 10, np.flatnonzero(kept)) >= 0.97


@pytest.mark.parametrize("langs", [("ja",), ("en",), ("ko", "ja"), ("ja", "ja"), ("ja", "xx")])
@pytest.mark.parametrize("one_in", [1, 2])
def test_languages_are_looked_for_among_their_own(written: Written, langs: tuple[str, ...], one_in: int) -> None:
    rows = np.unique(np.concatenate([SPOKEN.get(code, np.empty(0, np.int64)) for code in langs]))[::one_in]
    assert recall(written, 10, rows, wanted=Filter(langs=langs)) >= 0.97


@pytest.mark.parametrize(("first", "last"), [(900, 1_000), (0, 80), (-1, 0), (300, 900)])
def test_spans_are_looked_for_among_their_own(written: Written, first: int, last: int) -> None:
    assert recall(written, 10, np.flatnonzero((first <= DATES) & (last > DATES))) >= 0.97


def test_spans_hold_about_as_many_each_and_the_undated_are_apart() -> None:
    spans = by_language.spans_of(DATES, len(DATES))
    held = np.bincount(spans)
    assert len(held) == by_language.SPANS + 1
    assert (spans == 0).tolist() == (DATES < 0).tolist()
    assert held[1:].max() < 1.3 * held[1:].min()
    # Later dates are in later spans, and one date in one.
    dated = np.argsort(DATES, kind="stable")
    assert (np.diff(spans[dated]) >= 0).all()
    assert all(len(np.unique(spans[date == DATES])) == 1 for date in range(-1, 1_000, 50))
    assert by_language.spans_of(None, 3).tolist() == [0, 0, 0]
    assert by_language.spans_of(np.full(4, -1, np.int32), 4).tolist() == [0, 0, 0, 0]


def test_cells_are_those_that_hold_what_is_left() -> None:
    vectors = clustered(300)
    cells = [np.arange(0, 100), np.arange(100, 120), np.arange(150, 300)]
    sketches = LanguageSketches.build(vectors, cells)
    chosen = sketches.holding(np.array([3, 299]))
    assert chosen is not None
    assert (chosen.tolist(), sketches.count(chosen)) == ([0, 2], 250)
    # The last is in none, or not there, or there is nothing to look for.
    for rows in ([3, 130], [3, 300], []):
        assert sketches.holding(np.array(rows, np.int64)) is None


def test_languages_have_sketches_where_those_of_all_lie_in_cells(written: Written) -> None:
    file, found = written.folder / by_language.NAME, written.rung.breadth
    assert found is not None
    if not written.rung.cells:
        assert (found.languages, found.by_language, file.exists()) == ((), 0, False)
        return
    assert found.languages == ("en", "ja", "ko")
    assert found.by_language >= 200
    held = by_language.size(ladder.LEAST, DIMENSION)
    # Of each of the 99 cells FAISS keeps the middle, too.
    most = by_language.size(ladder.LEAST, DIMENSION, 2 * 99) + 99 * 4 * DIMENSION
    assert held <= file.stat().st_size < most + 8_192


@pytest.mark.parametrize("written", ["cells"], indirect=True)
def test_other_sketches_are_damage(written: Written, tmp_path: Path) -> None:
    (tmp_path / by_language.NAME).write_bytes((written.folder / VECTORS).read_bytes())
    with (tmp_path / by_language.NAME).open("rb") as stream, pytest.raises(IndexDamaged, match="not sketches by"):
        LanguageSketches.open(tmp_path / by_language.NAME, stream.fileno())


def test_where_there_is_no_room_languages_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketch, "CELLS_FROM", ladder.LEAST)
    vectors = clustered(ladder.LEAST)
    rung = ladder.write(tmp_path, vectors, asked(vectors)[:50], ladder.size(ladder.LEAST, DIMENSION, "Flat"), LANGUAGES)
    assert rung.breadth is not None
    assert rung.breadth.languages == ()
    assert not (tmp_path / by_language.NAME).exists()


def test_for_most_of_all_everything_is_compared(written: Written) -> None:
    # Which of two in the middle comes first, six bits do not always say.
    assert recall(written, len(written.vectors) // 2, questions=3) >= 0.98


def test_kinds_have_the_names_that_faiss_gives_them(written: Written) -> None:
    kept = written.rung.kept
    assert kept in ("Flat", "SQfp16", ON_DISK)
    assert (written.folder / whole.NAME).exists() == (kept == ON_DISK)
    sketches = "IVF512,RaBitQfs" if written.rung.cells else "RaBitQfs"
    assert written.rung.kind == f"{sketches},Refine({kept})"
    least = ladder.BYTES[kept] * DIMENSION * len(written.vectors)
    assert least < (written.folder / VECTORS).stat().st_size < least + 4_096


def test_few_vectors_are_not_sketched(tmp_path: Path) -> None:
    vectors = clustered(200)
    assert ladder.write(tmp_path, vectors, vectors[:3], memory=1) == Rung("Flat", None, 0)
    assert [file.name for file in tmp_path.iterdir()] == [VECTORS]


def test_vectors_that_sketches_cannot_tell_apart_are_all_compared(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    # One or two large numbers each: which sign the others have says nothing.
    spiked = (random.normal(size=(ladder.LEAST, DIMENSION)) ** 9).astype(np.float32)
    spiked /= np.linalg.norm(spiked, axis=1, keepdims=True)
    questions = random.normal(size=(500, DIMENSION)).astype(np.float32)
    # Not even where memory is short: what is not found is worse.
    rung = ladder.write(tmp_path, spiked, questions, ladder.size(len(spiked), DIMENSION, ON_DISK))
    assert rung == Rung("Flat", None, 0)
    assert [file.name for file in tmp_path.iterdir()] == [VECTORS]


def test_what_fits_nowhere_is_refused(tmp_path: Path) -> None:
    vectors = clustered(ladder.LEAST)
    with pytest.raises(TooLittleMemory, match="20,000 passages take 2 MiB at least, 1 MiB are allowed"):
        ladder.write(tmp_path, vectors, vectors[:3], 1 << 20)


def test_a_sketch_of_other_vectors(written: Written, tmp_path: Path) -> None:
    VectorIndex.build(written.vectors[:-1]).save(tmp_path / VECTORS)
    with (written.folder / sketch.NAME).open("rb") as stream:
        other = Sketch.open(written.folder / sketch.NAME, stream.fileno())
    with pytest.raises(IndexDamaged, match="not of as many"):
        VectorIndex.open(tmp_path / VECTORS, None, Guide(other, Breadth(200, 1.0)))


def test_whole_vectors_that_are_not_all_there(tmp_path: Path) -> None:
    vectors, file = clustered(30), tmp_path / whole.NAME
    whole.write(vectors, file)
    with file.open("rb") as stream:
        opened = WholeVectors.open(file, stream.fileno(), 30, DIMENSION)
        with pytest.raises(IndexDamaged, match="has 3,840 bytes, 31 vectors have 3,968"):
            WholeVectors.open(file, stream.fileno(), 31, DIMENSION)
    assert opened.vectors(np.array([29, 0, 29])) == pytest.approx(vectors[[29, 0, 29]], abs=1e-3)
    assert opened.vectors(np.empty(0, np.int64)).shape == (0, DIMENSION)
    os.truncate(file, 3_839)
    with pytest.raises(IndexDamaged, match="shorter"):
        opened.vectors(np.array([29]))


@pytest.mark.parametrize("content", [b"", b"not FAISS's"])
def test_a_file_that_is_no_sketch(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").write_bytes(content)
    with (tmp_path / "s").open("rb") as stream, pytest.raises(IndexDamaged, match="FAISS cannot read"):
        Sketch.open(tmp_path / "s", stream.fileno())


def test_a_sketch_file_with_something_else(tmp_path: Path) -> None:
    VectorIndex.build(clustered(200)).save(tmp_path / "s")
    with (tmp_path / "s").open("rb") as stream, pytest.raises(IndexDamaged, match="not sketches"):
        Sketch.open(tmp_path / "s", stream.fileno())
