"""Builds with other kinds of vectors than few passages have: verified like all others, answering, and staying so."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from corpus import sample
from indexer import breadth, by_language, ladder, sketch
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged
from indexer.generation import Generation
from indexer.vectors import ON_DISK
from indexer.verification import verify
from search_api import SearchEngine

FEW = 50
# More than there is need of: the index is made anew, and nothing is left out.
ROOM = 1 << 30


@pytest.mark.parametrize("kept", ["SQfp16", ON_DISK])
def test_an_index_in_little_memory(
    sample_index: Path,
    encoder: Encoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kept: str,
) -> None:
    # An index of 20,000 passages would take minutes to embed.
    monkeypatch.setattr(ladder, "LEAST", FEW)
    index = tmp_path / "index"
    shutil.copytree(sample_index, index)
    with closing(Generation.open(index)) as before:
        rows, dimension = before.vectors.count, before.vectors.dimension
        large = before.manifest.vectors_bytes
    memory = ladder.size(rows, dimension, kept)
    report = build([sample.path()], index, encoder=encoder, quiet=True, memory=memory)
    assert report.published
    assert report.embedded == 0
    assert report.memory == memory
    assert report.vectors_bytes <= memory
    with closing(Generation.open(index)) as generation:
        described = generation.manifest
        assert described.vectors_kept == kept
        assert described.vector_kind == f"RaBitQfs,Refine({kept})"
        assert described.vector_breadth is not None
        assert described.vector_breadth.recall >= breadth.RECALL
        assert described.vectors_bytes < large
    assert verify(index)
    with SearchEngine.open(index) as engine:
        for question in ("qui menace Microsoft", "wer droht Microsoft"):
            assert engine.search(question, k=1).hits[0].article_id == "musk-menace-microsoft"
        assert len(engine.search("Debian", k=10, lang=["fr"])) == 10


def test_an_index_with_sketches_by_language(
    sample_index: Path, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As for a quarter of a million passages.
    monkeypatch.setattr(ladder, "LEAST", FEW)
    monkeypatch.setattr(sketch, "CELLS_FROM", FEW)
    monkeypatch.setattr(breadth, "FEW_APART", 10)
    index = tmp_path / "index"
    shutil.copytree(sample_index, index)
    build([sample.path()], index, encoder=encoder, quiet=True, memory=ROOM)
    with closing(Generation.open(index)) as generation:
        described, folder = generation.manifest, generation.directory
    assert described.vector_breadth is not None
    assert set(described.languages) == set(described.vector_breadth.languages)
    assert verify(index)
    with SearchEngine.open(index) as engine, SearchEngine.open(sample_index) as exact:
        for langs in (["fr"], ["de", "fr"], ["ja"]):
            for question in ("qui menace Microsoft", "Which version of Debian was released?"):
                found = engine.search(question, k=5, lang=langs).hits
                assert {hit.lang for hit in found} <= set(langs)
                assert found[0].article_id == exact.search(question, k=5, lang=langs).hits[0].article_id
    (folder / by_language.NAME).unlink()
    with pytest.raises(IndexDamaged, match=by_language.NAME):
        Generation.open(index)
