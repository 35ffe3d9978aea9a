"""What is learnt in torch is what the package computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from indexer.encoders.adapter import FIRST_LAYER, Adapter
from indexer.encoders.bundled import BundledEncoder
from training.student import Student

TEXTS = ["Arm sued Nvidia.", "Qui menace Microsoft ?", "高通起诉了安谋。"]


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load(rank=4)


def test_before_it_learns_it_is_the_bundled_encoder(student: Student) -> None:
    with torch.no_grad():
        ours = student.passages(TEXTS).vectors.numpy()
    bundled = BundledEncoder.load(adapter=None).encode_passages(TEXTS)
    # The one computes in bfloat16, the other in eight bits.
    assert (ours * bundled).sum(axis=1).min() > 0.98


def test_padding_changes_nothing(student: Student) -> None:
    with torch.no_grad():
        together = student.queries([*TEXTS, " ".join(TEXTS)]).vectors[:3]
        alone = torch.cat([student.queries([text]).vectors for text in TEXTS])
    assert float((together * alone).sum(dim=1).min()) > 0.999


def test_what_it_was_is_read_beside_what_it_is(student: Student) -> None:
    with torch.no_grad():
        for name, value in student.parameters().items():
            if ".lora_B." in name:
                value.normal_(std=0.05)
    before, now = student.before_and_now_passages(TEXTS)
    assert not before.vectors.requires_grad
    assert now.vectors.requires_grad
    assert float((before.vectors * now.vectors.detach()).sum(dim=1).max()) < 0.9995


def test_the_saved_adapter_adds_what_torch_adds(student: Student, tmp_path: Path) -> None:
    file = tmp_path / "adapter.npz"
    student.save(file)
    adapter = Adapter.load(file)
    assert len(adapter.factors) == 6 * 6
    query = student.model.base_model.model.encoder.layer[FIRST_LAYER].attention.self.query
    expected = query.get_delta_weight("default").detach().float().numpy()
    found = adapter.added(f"l{FIRST_LAYER}.q")
    assert found is not None
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert adapter.added("l0.q") is None


def test_what_was_learnt_is_gone_on_from(student: Student, tmp_path: Path) -> None:
    student.save(tmp_path / "learnt.npz")
    learnt = Adapter.load(tmp_path / "learnt.npz")
    fresh = Student.load(rank=4)
    fresh.go_on_from(learnt)
    fresh.save(tmp_path / "again.npz")
    again = Adapter.load(tmp_path / "again.npz")
    assert set(again.factors) == set(learnt.factors)
    for part, factors in learnt.factors.items():
        for one, other in zip(factors, again.factors[part], strict=True):
            assert (one == other).all()
    with pytest.raises(ValueError, match=r"holds no l6\.q\.down of shape \(8, 384\)"):
        Student.load(rank=8).go_on_from(learnt)
