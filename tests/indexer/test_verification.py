"""What a build must pass before it is served, and what `verify` finds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from indexer import generation, verification
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged, IndexProblem, VerificationFailed
from indexer.generation import Generation
from indexer.manifest import FileSum
from indexer.vectors import VectorIndex
from indexer.verification import check_content, sample
from indexer.words import WordIndex


class Refusing:
    """Canaries that are never content, and say what they saw."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def __len__(self) -> int:
        return 7

    def ask(self, generation: Generation, encoder: Encoder) -> None:
        self.seen = set(generation.places.ids)
        raise VerificationFailed("the canary is silent")


def folder_of(index: Path) -> Path:
    return index / "generations" / generation.current_name(index)


def admit(folder: Path, name: str) -> None:
    """Let the manifest say of a file what it is now: what a build that goes wrong would write."""
    file = folder / "manifest.json"
    described = json.loads(file.read_text())
    now = FileSum.of(folder / name)
    described["files"][name] = {"sha256": now.sha256, "bytes": now.bytes}
    file.write_text(json.dumps(described))


def test_all_is_right(own_index: Path) -> None:
    lines = verification.verify(own_index)
    with closing(Generation.open(own_index)) as opened:
        passages = opened.manifest.passages
        assert opened.manifest.verified.sample == min(passages, 100)
        assert opened.manifest.verified.canaries == 0
    assert lines[-1] == f"sample: {passages} passages are found by their own vectors and words"


def test_the_sample_is_spread_over_all() -> None:
    assert sample(0).tolist() == []
    assert sample(3).tolist() == [0, 1, 2]
    rows = sample(100_000)
    assert (len(rows), rows[0], rows[-1]) == (100, 0, 99_999)
    assert np.diff(rows).max() <= 1_011


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda v: v[::-1], "the vector of its text|its words"),
        (lambda v: v * 2, "length 2.000"),
        (lambda v: v * np.nan, "length nan"),
        (lambda v: np.vstack([v[:-1], np.zeros_like(v[:1])]), "length 0.000"),
    ],
)
def test_vectors_that_are_not_of_their_passages(own_index: Path, encoder: Encoder, harm, message) -> None:  # noqa: ANN001
    folder = folder_of(own_index)
    with closing(Generation.open(own_index)) as opened:
        vectors = opened.vectors.vectors(np.arange(opened.vectors.count)).copy()
    file = folder / "vectors.faiss"
    file.unlink()
    VectorIndex.build(harm(vectors)).save(file)
    admit(folder, "vectors.faiss")
    with (
        closing(Generation.open_directory(folder, whole=True)) as opened,
        pytest.raises(VerificationFailed, match=message),
    ):
        check_content(opened, embedding_of(own_index, encoder))


def embedding_of(index: Path, encoder: Encoder):  # noqa: ANN201
    from indexer.cache import EmbeddingCache
    from indexer.embedding import Embedding

    cache = EmbeddingCache(index / "cache", encoder.spec.fingerprint, encoder.spec.dimension)
    return Embedding(encoder, cache, with_title=True, quiet=True)


def test_words_that_are_not_of_their_passages(own_index: Path) -> None:
    folder = folder_of(own_index)
    with closing(Generation.open(own_index)) as opened:
        count = opened.manifest.passages
    WordIndex.build(["Other words altogether"] * count).save(folder)
    for file in folder.glob("words.*"):
        admit(folder, file.name)
    with pytest.raises(VerificationFailed, match="is not found by its words"):
        verification.verify(own_index)


@pytest.mark.parametrize("column", ["lang", "source", "split_sentences"])
def test_counts_that_the_manifest_does_not_know(own_index: Path, column: str) -> None:
    folder = folder_of(own_index)
    with closing(sqlite3.connect(folder / "passages.sqlite")) as connection:
        connection.execute(f"UPDATE articles SET {column} = 99 WHERE row = 0")  # noqa: S608
        connection.commit()
    admit(folder, "passages.sqlite")
    with pytest.raises(IndexDamaged, match="not as many as the manifest says"):
        verification.verify(own_index)


def test_a_build_that_canaries_refuse_is_not_served(own_index: Path, encoder: Encoder, tmp_path: Path) -> None:
    before = generation.current_name(own_index)
    (tmp_path / "a.jsonl").write_text('{"id": "new", "text": "Une toute nouvelle phrase.", "lang": "fr"}\n')
    canaries = Refusing()
    with pytest.raises(VerificationFailed, match="not served: the canary is silent") as caught:
        build([tmp_path / "a.jsonl"], own_index, encoder=encoder, quiet=True, canaries=canaries)
    assert isinstance(caught.value, IndexProblem)
    assert "what was embedded is kept" in caught.value.remedy
    assert "new" in canaries.seen
    assert generation.current_name(own_index) == before
    assert len(list((own_index / "generations").iterdir())) == 2
    again = build([tmp_path / "a.jsonl"], own_index, encoder=encoder, quiet=True)
    assert (again.published, again.embedded) == (True, 0)
