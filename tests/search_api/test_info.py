"""What `veille info` says of vectors, from the manifest of a build."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.breadth import Breadth
from indexer.generation import Generation
from search_api.info import IndexInfo
from search_api.printing.facts import info_lines


@pytest.fixture(scope="module")
def info(tiny_index: Path) -> IndexInfo:
    """Return the facts of an index over two passages."""
    with closing(Generation.open(tiny_index)) as generation:
        assert generation.manifest.vector_breadth is None
        return IndexInfo.of(generation)


def test_few_vectors_are_all_compared(info: IndexInfo) -> None:
    assert "vectors    2, of 384 dimensions; all compared for each question" in info_lines(info)
    assert info.to_json()["breadth"] is None


def test_of_many_vectors_it_says_how_many_are_compared_and_what_that_finds(info: IndexInfo) -> None:
    found = Breadth(candidates=1_600, recall=0.9974, probes=(384, 700, 900))
    many = replace(info, passages=62_978, breadth=found)
    said = (
        "vectors    62,978, of 384 dimensions; 1,600 or more from 384 cells compared for each question (recall 0.997)"
    )
    assert said in info_lines(many)
    assert many.to_json()["breadth"] == {
        "candidates": 1_600,
        "recall": 0.9974,
        "probes": (384, 700, 900),
        "languages": (),
        "by_language": 0,
    }
    apart = replace(many, breadth=replace(found, languages=("fr", "ja"), by_language=400))
    assert f"{said}, of a language or time asked for 400" in info_lines(apart)


def test_what_memory_vectors_take(info: IndexInfo) -> None:
    assert "memory     3.0 KiB for vectors" in info_lines(info)
    held = replace(info, vectors_bytes=460 << 20, memory=500 << 20)
    assert "memory     460.0 MiB for vectors, of 500.0 MiB allowed" in info_lines(held)
    said = (
        "memory     460.0 MiB for vectors, more than the 400.0 MiB allowed: in fewer bytes each too few would be found"
    )
    assert said in info_lines(replace(held, memory=400 << 20))
