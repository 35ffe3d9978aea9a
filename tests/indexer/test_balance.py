"""Channels brought to one size: what was measured, and what is made of it."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from indexer.encoders.adapter import Adapter
from indexer.encoders.balance import Channels, readers
from indexer.encoders.bundled import SHIPPED
from indexer.encoders.channels import measure, read_texts
from indexer.encoders.graph import make_graph
from indexer.encoders.precision import Precision
from indexer.encoders.weights import Weights, path


@pytest.fixture(scope="module")
def weights() -> Weights:
    return Weights(path(), Adapter.load(SHIPPED))


def constants(graph: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {constant.name: numpy_helper.to_array(constant) for constant in graph.graph.initializer}


def test_every_normalisation_but_the_last_is_read_by_products() -> None:
    found = readers(2)
    assert list(found) == ["emb.ln", "l0.aln", "l0.oln", "l1.aln"]
    assert found["l0.oln"] == ["l1.q", "l1.k", "l1.v"]
    assert found["l1.aln"] == ["l1.fi"]


def test_sizes_are_shares_of_the_usual_size(weights: Weights) -> None:
    balances = Channels.load().balances(weights)
    assert list(balances) == list(readers(weights.layers))
    for balance in balances.values():
        assert balance.middle.shape == balance.size.shape == (weights.hidden,)
        assert balance.size.min() > 0
        assert np.log(balance.size).mean() == pytest.approx(0, abs=1e-5)


def test_a_channel_that_is_always_zero_has_a_size(weights: Weights) -> None:
    kept = Channels.load()
    silent = Channels(np.zeros_like(kept.middles), np.zeros_like(kept.reaches), kept.inner)
    assert all(np.isfinite(balance.size).all() for balance in silent.balances(weights).values())


def test_what_a_normalisation_gives_away_its_matrix_takes(weights: Weights) -> None:
    ours, exact = constants(make_graph(weights)), constants(make_graph(weights, Precision.FP32))
    balance = Channels.load().balances(weights)["l3.aln"]
    assert ours["l3.aln.w"] * balance.size == pytest.approx(exact["l3.aln.w"], rel=1e-5)
    assert ours["l3.aln.b"] * balance.size + balance.middle == pytest.approx(exact["l3.aln.b"], abs=1e-4)
    step = ours["l3.fi.scale"]
    matrix = ours["l3.fi.weight"] * step / balance.size[:, None]
    assert np.abs(matrix - exact["l3.fi.weight"]).max() <= (step.max() / balance.size.min()) / 2
    assert ours["l3.fi.bias"] == pytest.approx(exact["l3.fi.bias"] + balance.middle @ exact["l3.fi.weight"], abs=1e-3)


def test_the_channels_are_what_would_be_measured() -> None:
    kept, found = Channels.load(), measure(list(read_texts())[::20])
    assert found.reaches.shape == kept.reaches.shape
    for name in ("middles", "reaches", "inner"):
        for ours, theirs in zip(getattr(kept, name), getattr(found, name), strict=True):
            assert np.corrcoef(ours.astype(np.float32), theirs.astype(np.float32))[0, 1] > 0.9, name
