"""Any sentence-transformers model: a small real one is made, saved, loaded, indexed with and asked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.build import build
from indexer.encoder import EncoderError
from indexer.encoders import load_encoder
from indexer.errors import EncoderMismatch
from search_api import SearchEngine

WORDS = [
    "query",
    ":",
    "passage",
    "menace",
    "microsoft",
    "musk",
    "twitter",
    "action",
    "justice",
    "la",
    "le",
    "qui",
    "contre",
    "en",
]
PROMPTS = {"query": "query: ", "document": "passage: "}


@pytest.fixture(scope="module")
def model_folder(
    tmp_path_factory: pytest.TempPathFactory, small_model: Callable[[Path, Sequence[str], Mapping[str, str]], Path]
) -> Path:
    """Return a saved sentence-transformers model with random weights."""
    return small_model(tmp_path_factory.mktemp("model"), WORDS, PROMPTS)


def test_prompts_and_sizes_come_from_the_model(model_folder: Path) -> None:
    spec = load_encoder(str(model_folder)).spec
    assert (spec.query_prompt, spec.passage_prompt) == ("query: ", "passage: ")
    assert (spec.dimension, spec.max_tokens) == (32, 64)


def test_vectors_are_unit_and_depend_on_the_prompt(model_folder: Path) -> None:
    encoder = load_encoder(str(model_folder))
    seen: list[int] = []
    passages = encoder.encode_passages(["musk menace microsoft", "la justice"], progress=seen.append)
    assert passages.shape == (2, 32)
    assert passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)
    assert not np.allclose(passages[0], encoder.encode_queries(["musk menace microsoft"])[0])
    assert sum(seen) == 2
    assert encoder.count_tokens(["musk menace", "", "la"]) == [2, 0, 1]


def test_the_fingerprint_follows_the_files_not_the_place(model_folder: Path, tmp_path: Path) -> None:
    here = load_encoder(str(model_folder)).spec
    moved = tmp_path / "elsewhere"
    shutil.copytree(model_folder, moved)
    assert load_encoder(str(moved)).spec.fingerprint == here.fingerprint
    config = moved / "config_sentence_transformers.json"
    config.write_text(config.read_text().replace("passage: ", "text: "))
    assert load_encoder(str(moved)).spec.fingerprint != here.fingerprint


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="holds no modules.json"):
        load_encoder(str(tmp_path))


def test_a_name_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="without access to the hub"):
        load_encoder("nobody/no-such-model-at-all")


@pytest.mark.parametrize("device", ["cuda:99", "abacus", "meta"])
def test_a_device_that_is_not_there(model_folder: Path, device: str) -> None:
    with pytest.raises(EncoderError, match=f"no device '{device}'"):
        load_encoder(str(model_folder), device=device)


def test_the_bundled_encoder_has_no_choice_of_device() -> None:
    with pytest.raises(EncoderError, match="computes on the CPU"):
        load_encoder("bundled", device="cuda")


def test_a_truncated_model(model_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(model_folder, broken)
    (weights,) = broken.rglob("model.safetensors")
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderError, match="cannot be loaded"):
        load_encoder(str(broken))


def test_an_index_built_with_it_is_asked_with_it(model_folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"id": "a", "text": "musk menace microsoft"}\n{"id": "b", "text": "la justice twitter"}\n')
    moved = tmp_path / "model"
    shutil.copytree(model_folder, moved)
    build([source], tmp_path / "index", encoder=load_encoder(str(moved)), quiet=True)
    with SearchEngine.open(tmp_path / "index") as engine:
        assert engine.search("musk menace microsoft", k=1).hits[0].article_id == "a"
    with pytest.raises(EncoderMismatch, match="bundled"):
        SearchEngine.open(tmp_path / "index", model="bundled")
    moved.rename(tmp_path / "elsewhere")
    with pytest.raises(EncoderError, match="cannot be loaded"):
        SearchEngine.open(tmp_path / "index")
    with SearchEngine.open(tmp_path / "index", model=str(tmp_path / "elsewhere")) as engine:
        assert len(engine.search("twitter", k=5)) == 2
    report = build([source], tmp_path / "index", encoder=load_encoder("bundled"), quiet=True)
    assert (report.articles, report.embedded) == (2, 2)
