"""Each kind of vector index against an exact one: what it finds, with filters, in little memory, and damaged."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from indexer import breadth, by_language, ladder, sketch, whole
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


@pytest.fixture(scope="module", params=["flat", "cells", "cells in bytes", "cells and disk"])
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("rung")
    vectors = clustered(ladder.LEAST)
    memory = 0
    kept = {"cells in bytes": "SQfp16", "cells and disk": "SQ8"}.get(request.param)
    if kept:
        memory = ladder.size(ladder.LEAST, DIMENSION, kept) + by_language.size(ladder.LEAST, DIMENSION)
    with pytest.MonkeyPatch.context() as patch:
        if kept == "SQ8":
            # More than a byte a dimension tells apart.
            patch.setattr(breadth, "RECALL", 0.995)
        if request.param != "flat":
            # A quarter of a million take minutes.
            patch.setattr(sketch, "CELLS_FROM", ladder.LEAST)
        return Written(folder, vectors, ladder.write(folder, vectors, asked(vectors)[:50], memory, LANGUAGES))


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
        assert scores == pytest.approx(index.scores(query, rows), abs=0.04 if written.rung.kept == ON_DISK else 1e-5)
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


def test_languages_have_sketches_where_those_of_all_lie_in_cells(written: Written) -> None:
    file, found = written.folder / by_language.NAME, written.rung.breadth
    assert found is not None
    if not written.rung.cells:
        assert (found.languages, found.by_language, file.exists()) == ((), 0, False)
        return
    assert found.languages == ("en", "ja", "ko")
    assert found.by_language >= 200
    held = by_language.size(ladder.LEAST, DIMENSION)
    assert held <= file.stat().st_size < held + 8_192


@pytest.mark.parametrize("written", ["cells"], indirect=True)
def test_sketches_of_other_languages_are_damage(written: Written, tmp_path: Path) -> None:
    assert written.rung.breadth is not None
    named = replace(written.rung.breadth, languages=("en", "ja"))
    with pytest.raises(IndexDamaged, match="of 3 languages, the manifest names 2"):
        replace(written, rung=replace(written.rung, breadth=named)).open()
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
    assert recall(written, len(written.vectors) // 2, questions=3) >= 0.99


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
    rung = ladder.write(tmp_path, spiked, questions, ladder.size(len(spiked), DIMENSION, "SQ8"))
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
