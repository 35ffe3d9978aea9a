"""An adapter is part of the weights: in the graph, in torch, and in the fingerprint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.build import build
from indexer.encoder import EncoderError
from indexer.encoders import load_encoder
from indexer.encoders.adapter import Adapter, save
from indexer.encoders.bundled import SHIPPED, BundledEncoder
from indexer.encoders.precision import Precision
from indexer.encoders.weights import Weights, path
from indexer.errors import EncoderMismatch
from search_api import SearchEngine

TEXTS = ["Arm sued Nvidia.", "高通起诉了安谋。"]


@pytest.fixture
def adapter(tmp_path: Path) -> Adapter:
    draw = np.random.default_rng(0)
    factors = {
        "l6.q.down": draw.normal(0, 0.05, (2, 384)).astype(np.float16),
        "l6.q.up": draw.normal(0, 1.5, (384, 2)).astype(np.float16),
        "l11.fo.down": draw.normal(0, 0.05, (2, 1536)).astype(np.float16),
        "l11.fo.up": draw.normal(0, 1.5, (384, 2)).astype(np.float16),
    }
    save(tmp_path / "adapter.npz", factors)
    return Adapter.load(tmp_path / "adapter.npz")


def test_it_is_added_to_its_matrices_alone(adapter: Adapter) -> None:
    plain, adapted = Weights(path()), Weights(path(), adapter)
    down, up = adapter.factors["l6.q"]
    added = up.astype(np.float32) @ down.astype(np.float32)
    np.testing.assert_allclose(adapted.matrix("l6.q.w", 384) - plain.matrix("l6.q.w", 384), added, atol=1e-5)
    assert (adapted.matrix("l6.k.w", 384) == plain.matrix("l6.k.w", 384)).all()


def test_the_graph_computes_what_torch_does(adapter: Adapter, tmp_path: Path) -> None:
    import torch

    from benchmarks.torch_twin import bert

    encoder = BundledEncoder.load(precision=Precision.FP32, folder=tmp_path, adapter=tmp_path / "adapter.npz")
    plain = BundledEncoder.load(precision=Precision.FP32, folder=tmp_path, adapter=None)
    assert encoder.spec.fingerprint != plain.spec.fingerprint
    assert len(list(tmp_path.glob("*.onnx"))) == 2
    model = bert(Weights(path(), adapter)).eval()
    for text in TEXTS:
        ids = torch.tensor([encoder._tokenizer.encode("passage: " + text).ids])
        with torch.no_grad():
            mean = model(input_ids=ids).last_hidden_state.mean(dim=1)[0].numpy()
        vector = encoder.encode_passages([text])[0]
        assert vector @ mean / np.linalg.norm(mean) > 0.9999
        assert vector @ plain.encode_passages([text])[0] < 0.998


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\x80\x04]."])
def test_a_file_that_is_none_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "adapter.npz"
    file.write_bytes(content)
    with pytest.raises(EncoderError, match="adapter.npz cannot be read"):
        Adapter.load(file)
    with pytest.raises(EncoderError, match="cannot be read"):
        Adapter.load(tmp_path / "nowhere.npz")


def test_an_index_made_without_it_is_asked_without_it(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"id": "a", "text": "Arm sued Nvidia."}\n{"id": "b", "text": "Debian 9 is released."}\n')
    index = tmp_path / "index"
    build([source], index, encoder=load_encoder("bundled-plain"), quiet=True)
    with SearchEngine.open(index) as engine:
        assert engine.info().model == "bundled-plain"
        assert engine.search("Nvidia", k=1).hits[0].article_id == "a"
    with pytest.raises(EncoderMismatch, match="bundled-plain"):
        SearchEngine.open(index, model="bundled")
    assert build([source], index, encoder=load_encoder(), quiet=True).embedded == 2


def test_what_the_package_holds_is_small_and_of_the_upper_layers() -> None:
    assert SHIPPED.stat().st_size < 6_000_000
    assert {name.partition(".")[0] for name in Adapter.load(SHIPPED).factors} == {f"l{layer}" for layer in range(6, 12)}
