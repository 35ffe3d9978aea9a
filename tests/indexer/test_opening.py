"""What is no index, or is damaged, is not opened but named."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import generation, verification
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import (
    IndexDamaged,
    IndexMissing,
    SchemaMismatch,
)
from indexer.generation import Generation
from indexer.manifest import SCHEMA


def test_no_index_and_half_an_index(tmp_path: Path, index: Path) -> None:
    with pytest.raises(IndexMissing, match="there is no index"):
        Generation.open(tmp_path / "nowhere")
    (index / "current").unlink()
    with pytest.raises(IndexMissing, match="no build has been finished"):
        Generation.open(index)


@pytest.mark.parametrize(
    "name", ["passages.sqlite", "vectors.faiss", "neutral.npz", "tokens.codes", "tokens.starts.npy", "manifest.json"]
)
@pytest.mark.parametrize("harm", ["truncate", "remove", "flip"])
def test_damage_is_found_and_named(index: Path, name: str, harm: str) -> None:
    file = index / "generations" / generation.current_name(index) / name
    data = bytearray(file.read_bytes())
    if harm == "truncate":
        file.write_bytes(data[: len(data) // 2])
    elif harm == "remove":
        file.unlink()
    else:
        place = data.index(b'"schema"') + 2 if name == "manifest.json" else len(data) // 2
        data[place] ^= 1
        file.write_bytes(data)
    with pytest.raises(IndexDamaged, match=name):
        verification.verify(index)


def test_fresh_mends_a_damaged_index(index: Path, source: Path, encoder: Encoder) -> None:
    file = index / "generations" / generation.current_name(index) / "vectors.faiss"
    file.write_bytes(b"")
    with pytest.raises(IndexDamaged, match="--fresh"):
        build([source], index, encoder=encoder, quiet=True)
    build([source], index, encoder=encoder, quiet=True, fresh=True)
    assert verification.verify(index)


@pytest.mark.parametrize("content", ["../../etc", "", "20261123T201500Z-3f9a", "\0", "é"])
def test_current_that_names_nothing(index: Path, content: str) -> None:
    (index / "current").write_text(content, encoding="utf-8")
    with pytest.raises(IndexDamaged):
        Generation.open(index)


def test_another_layout(index: Path) -> None:
    file = index / "generations" / generation.current_name(index) / "manifest.json"
    file.write_text(file.read_text().replace(f'"schema": {SCHEMA}', '"schema": 99'))
    with pytest.raises(SchemaMismatch, match="99"):
        Generation.open(index)
