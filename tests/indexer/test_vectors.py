"""Search: against arithmetic, with filters, ties, and files that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from indexer.errors import IndexDamaged
from indexer.filter import Allowed
from indexer.six_bits import SixBits
from indexer.vectors import ON_DISK, VectorIndex


@pytest.fixture
def vectors() -> np.ndarray:
    """Return 200 random unit vectors of 16 dimensions."""
    drawn = np.random.default_rng(5).normal(size=(200, 16)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def test_search_is_exact(vectors: np.ndarray) -> None:
    ((scores, rows),) = VectorIndex.build(vectors).search(vectors[3:4], 10)
    expected = vectors @ vectors[3]
    assert rows.tolist() == np.argsort(-expected)[:10].tolist()
    assert scores == pytest.approx(expected[rows], abs=1e-6)


def test_only_allowed_rows_and_all_of_them(vectors: np.ndarray) -> None:
    allowed = np.array([7, 50, 199], np.int64)
    ((_, rows),) = VectorIndex.build(vectors).search(vectors[:1], 10, Allowed(allowed))
    assert sorted(rows) == [7, 50, 199]


def test_nothing_allowed(vectors: np.ndarray) -> None:
    ((scores, rows),) = VectorIndex.build(vectors).search(vectors[:1], 10, Allowed(np.empty(0, np.int64)))
    assert len(scores) == len(rows) == 0


def test_equal_scores_come_by_row() -> None:
    ((_, rows),) = VectorIndex.build(np.ones((6, 4), np.float32)).search(np.ones((1, 4), np.float32), 6)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5]


def test_an_opened_file_answers_as_before(vectors: np.ndarray, tmp_path: Path) -> None:
    index = VectorIndex.build(vectors)
    index.save(tmp_path / "v")
    opened = VectorIndex.open(tmp_path / "v")
    assert (opened.count, opened.dimension) == (200, 16)
    assert opened.search(vectors[:1], 5)[0][1].tolist() == index.search(vectors[:1], 5)[0][1].tolist()
    assert np.array_equal(opened.vectors(np.array([5, 2])), vectors[[5, 2]])


def test_files_of_another_kind(vectors: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not an index")
    with pytest.raises(IndexDamaged, match="cannot read"):
        VectorIndex.open(tmp_path / "text")
    other = faiss.IndexFlatL2(16)
    other.add(vectors)
    faiss.write_index(other, str(tmp_path / "l2"))
    with pytest.raises(IndexDamaged, match="not one of kind Flat"):
        VectorIndex.open(tmp_path / "l2")
    VectorIndex.build(vectors, "SQfp16").save(tmp_path / "bytes")
    with pytest.raises(IndexDamaged, match="not one of kind Flat"):
        VectorIndex.open(tmp_path / "bytes")


@pytest.mark.parametrize(("kind", "within"), [("SQfp16", 1e-3), (ON_DISK, 0.06)])
def test_vectors_in_fewer_bytes_score_nearly_the_same(
    vectors: np.ndarray, tmp_path: Path, kind: str, within: float
) -> None:
    VectorIndex.build(vectors, kind).save(tmp_path / "v")
    index = VectorIndex.open(tmp_path / "v", kind=kind)
    assert np.abs(index.vectors(np.arange(200)) - vectors).max() < within
    ((scores, rows),) = index.search(vectors[:1], 5)
    assert scores == pytest.approx(vectors[rows] @ vectors[0], abs=4 * within)
    # What is said about a row is the same whichever way it is asked.
    assert scores == pytest.approx(index.scores(vectors[0], rows), abs=1e-6)
    assert rows[0] == 0


@pytest.mark.parametrize("dimension", [16, 17, 18, 19])
def test_six_bits_score_as_faiss_reads_them(dimension: int) -> None:
    vectors = np.random.default_rng(dimension).normal(size=(1_300, dimension)).astype(np.float32)
    index = faiss.index_factory(dimension, "SQ6", faiss.METRIC_INNER_PRODUCT)
    index.train(vectors)
    assert SixBits.of(index) is None
    index.add(vectors)
    rows = np.random.default_rng(1).permutation(1_300)
    codes = SixBits.of(index)
    assert codes is not None
    assert codes.scores(vectors[3], rows) == pytest.approx(index.reconstruct_batch(rows) @ vectors[3], abs=1e-4)
    assert codes.scores(vectors[3], rows[:0]).shape == (0,)
