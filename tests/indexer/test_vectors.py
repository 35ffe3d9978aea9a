"""Search: against arithmetic, with filters, ties, sketches, and files that are not what they should be."""

from __future__ import annotations

from pathlib import Path

import faiss
import numpy as np
import pytest

from indexer import sketch
from indexer.errors import IndexDamaged
from indexer.sketch import Breadth, Sketch
from indexer.vectors import VectorIndex


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
    ((_, rows),) = VectorIndex.build(vectors).search(vectors[:1], 10, allowed)
    assert sorted(rows) == [7, 50, 199]


def test_nothing_allowed(vectors: np.ndarray) -> None:
    ((scores, rows),) = VectorIndex.build(vectors).search(vectors[:1], 10, np.empty(0, np.int64))
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
    with pytest.raises(IndexDamaged, match="not a flat"):
        VectorIndex.open(tmp_path / "l2")


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    """Return as many clustered unit vectors of 64 dimensions as are sketched."""
    random = np.random.default_rng(5)
    centres = random.normal(size=(200, 64))
    drawn = (centres[random.integers(0, 200, sketch.LEAST)] + random.normal(size=(sketch.LEAST, 64))).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def breadth(many: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Breadth]:
    folder = tmp_path_factory.mktemp("sketched")
    found = sketch.write(folder, many, many[:50])
    assert found is not None
    VectorIndex.build(many).save(folder / "v")
    return folder, found


def sketched(folder: Path, found: Breadth) -> VectorIndex:
    with (folder / sketch.NAME).open("rb") as stream:
        return VectorIndex.open(folder / "v", None, Sketch.open(folder / sketch.NAME, stream.fileno()), found)


def test_a_sketch_finds_the_nearest_and_its_scores_are_exact(many: np.ndarray, breadth: tuple[Path, Breadth]) -> None:
    folder, found = breadth
    assert 0.99 <= found.recall <= 1
    index = sketched(folder, found)
    queries = many[7:2_000:20] + np.random.default_rng(8).normal(scale=0.02, size=(100, 64)).astype(np.float32)
    met = 0
    for query, (scores, rows), (_, exact) in zip(
        queries, index.search(queries, 10), index.search(queries, 10, exactly=True), strict=True
    ):
        assert len(rows) == 10
        assert scores == pytest.approx(many[rows] @ query, abs=1e-5)
        assert (np.diff(scores) <= 0).all()
        met += len(np.intersect1d(rows, exact))
    assert met >= 0.97 * 10 * len(queries)


def test_with_a_filter_or_for_most_of_all_everything_is_compared(
    many: np.ndarray, breadth: tuple[Path, Breadth]
) -> None:
    index, plain = sketched(*breadth), VectorIndex.build(many)
    allowed = np.arange(3, len(many), 3)
    for arguments in ((many[:3], 50, allowed), (many[:3], len(many) // 2)):
        for (_, rows), (_, expected) in zip(index.search(*arguments), plain.search(*arguments), strict=True):
            assert rows.tolist() == expected.tolist()


def test_few_vectors_are_not_sketched(vectors: np.ndarray, tmp_path: Path) -> None:
    assert sketch.write(tmp_path, vectors, vectors[:3]) is None
    assert not list(tmp_path.iterdir())


def test_vectors_that_sketches_cannot_tell_apart_are_compared_exactly(tmp_path: Path) -> None:
    random = np.random.default_rng(6)
    # One or two large numbers each: which sign the others have says nothing.
    spiked = (random.normal(size=(sketch.LEAST, 64)) ** 9).astype(np.float32)
    spiked /= np.linalg.norm(spiked, axis=1, keepdims=True)
    assert sketch.write(tmp_path, spiked, random.normal(size=(500, 64)).astype(np.float32)) is None
    assert not list(tmp_path.iterdir())


def test_a_sketch_of_other_vectors(many: np.ndarray, breadth: tuple[Path, Breadth], tmp_path: Path) -> None:
    folder, found = breadth
    VectorIndex.build(many[:-1]).save(tmp_path / "v")
    with (folder / sketch.NAME).open("rb") as stream:
        other = Sketch.open(folder / sketch.NAME, stream.fileno())
    with pytest.raises(IndexDamaged, match="not of as many"):
        VectorIndex.open(tmp_path / "v", None, other, found)


@pytest.mark.parametrize("content", [b"", b"not FAISS's"])
def test_a_file_that_is_no_sketch(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s").write_bytes(content)
    with (tmp_path / "s").open("rb") as stream, pytest.raises(IndexDamaged, match="FAISS cannot read"):
        Sketch.open(tmp_path / "s", stream.fileno())


def test_a_sketch_file_with_something_else(vectors: np.ndarray, tmp_path: Path) -> None:
    VectorIndex.build(vectors).save(tmp_path / "s")
    with (tmp_path / "s").open("rb") as stream, pytest.raises(IndexDamaged, match="not sketches"):
        Sketch.open(tmp_path / "s", stream.fileno())
