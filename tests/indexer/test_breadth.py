"""How far to look: what is counted as found, and in which steps."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from indexer import breadth
from indexer.breadth import _steps, _Trial, tenth_best
from indexer.vectors import VectorIndex


@pytest.fixture(autouse=True)
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(breadth, "BLOCK", 12)


@pytest.fixture
def vectors() -> np.ndarray:
    drawn = np.random.default_rng(2).normal(size=(40, 16)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def by_hand(vectors: np.ndarray, question: np.ndarray, rows: np.ndarray) -> float:
    return float(np.sort(vectors[rows] @ question)[-10])


@pytest.mark.parametrize("allowed", [None, np.arange(1, 40, 2)])
def test_the_tenth_best_of_all_or_of_some(vectors: np.ndarray, allowed: np.ndarray | None) -> None:
    rows = np.arange(40) if allowed is None else allowed
    expected = [by_hand(vectors, question, rows) for question in vectors[:5]]
    assert tenth_best(vectors, vectors[:5], allowed) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("allowed", [None, np.arange(1, 40, 2)])
def test_a_passage_does_not_find_itself(vectors: np.ndarray, allowed: np.ndarray | None) -> None:
    own = np.array([0, 39, -1, 6, 7])
    questions = vectors[own]
    rows = np.arange(40) if allowed is None else allowed
    expected = [by_hand(vectors, question, rows[rows != row]) for question, row in zip(questions, own, strict=True)]
    assert tenth_best(vectors, questions, allowed, own) == pytest.approx(expected, abs=1e-6)


def test_what_is_found_by_itself_does_not_count(vectors: np.ndarray) -> None:
    own = np.array([4, -1])
    questions = vectors[[4, 5]]
    trial = _Trial(vectors, questions, own, VectorIndex.build(vectors).best)
    order = np.argsort(-(questions @ vectors.T), axis=1)
    # The first question finds itself, and half of the ten nearest to it; the second finds all.
    found = np.full((2, 10), -1)
    found[0, :6], found[1] = order[0, :6], order[1, :10]
    assert trial.recall(found, tenth_best(vectors, questions, but=own)) == pytest.approx(0.75)


def test_steps_rise_to_all_cells() -> None:
    assert list(_steps(0)) == [0]
    steps = list(_steps(512))
    assert steps[:3] == [8, 10, 12]
    assert steps[-1] == 512
    assert all(0 < after - before <= 512 // 4 for before, after in pairwise(steps))
