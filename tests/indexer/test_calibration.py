"""The calibration of evidence: by hand on small vectors, and sane for corpora of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.calibrating import calibrate
from indexer.calibration import COHORT, Calibration, cohort
from indexer.encoder import Encoder
from indexer.neutral import NeutralTransform, every_question
from indexer.words import WordIndex, WordMatch


def match(coverage: list[float], names: list[float], unknown: float = 0) -> WordMatch:
    return WordMatch(np.array(coverage, np.float32), np.array(names, np.float32), unknown)


def test_evidence_by_hand() -> None:
    found = Calibration(middle=0.45, scale=0.05, spread=0.01)
    # 0.8 - 0.5 * 0.6 = 0.5; 6 spreads for half of the words, 6 for names that make up 0.6 of the question and more.
    evidence = found.evidence(np.array([0.8, 0.8, 0.8]), 0.6, match([0, 0.5, 0.5], [0, 0.3, 0.6]))
    assert evidence == pytest.approx([1.0, 1.6, 2.8], abs=1e-5)
    assert found.evidence(np.array([0.8]), 0.6, None) == pytest.approx([1.0])
    # Half of all that names count is taken off where 0.45 of the question is a name that stands nowhere.
    evidence = found.evidence(np.array([0.8, 0.8]), 0.6, match([0, 0.5], [0, 0], 0.45))
    assert evidence == pytest.approx([0.4, 1.0], abs=1e-5)


def test_evidence_by_tokens_by_hand() -> None:
    found = Calibration(middle=0.45, scale=0.05, spread=0.01, tokens_middle=0.55, tokens_scale=0.1)
    cosines, near = np.array([0.8, 0.8, 0.8]), np.array([0.4, 0.6, 0.6])
    # 0.8 - 0.5 * 0.6 = 0.5, and 30 spreads for tokens; 3 for half of the words, 10 for names.
    assert found.evidence(cosines, 0.6, None, near) == pytest.approx([0.7, 1.3, 1.3])
    evidence = found.evidence(cosines, 0.6, match([0, 0.5, 0.5], [0, 0, 0.6]), near)
    assert evidence == pytest.approx([0.7, 1.45, 2.45], abs=1e-5)
    # A name that stands nowhere takes off more than it could add.
    evidence = found.evidence(cosines, 0.6, match([0, 0, 0], [0, 0, 0], 0.6), near)
    assert evidence == pytest.approx([-0.5, 0.1, 0.1], abs=1e-5)
    # Where the tokens of nothing were compared, words have to do: not compared, or an index without codes.
    by_words = found.evidence(cosines, 0.6, None)
    assert by_words == pytest.approx([1.0, 1.0, 1.0])
    without = Calibration(middle=0.45, scale=0.05, spread=0.01)
    assert without.evidence(cosines, 0.6, None, near) == pytest.approx(by_words)


def test_the_cohort_is_spread_evenly_and_bounded() -> None:
    assert cohort(0).tolist() == []
    assert cohort(3).tolist() == [0, 1, 2]
    assert cohort(5_000)[[0, -1]].tolist() == [0, 4_999]
    assert len(cohort(5_000)) == COHORT


def unit(rng: np.random.Generator, count: int) -> np.ndarray:
    vectors = rng.standard_normal((count, 16)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("count", [1, 2, 30, 3_000])
def test_sane_for_corpora_of_any_size(count: int) -> None:
    rng = np.random.default_rng(7)
    questions = unit(rng, len(every_question()))
    words = WordIndex.build(["nothing of the kind"] * count)
    found = calibrate(unit(rng, count), questions, NeutralTransform.none(["en"], 16), words)
    assert np.isfinite([found.middle, found.scale, found.spread]).all()
    assert found.scale > 0
    assert found.spread > 0


def test_the_middle_is_the_median_and_part_of_a_deviation_above_it() -> None:
    rng = np.random.default_rng(3)
    vectors, questions = unit(rng, 400), unit(rng, len(every_question()))
    found = calibrate(vectors, questions, NeutralTransform.none(["en"], 16), WordIndex.build(["-"] * 400))
    cosines = questions @ vectors.T
    best = cosines.max(axis=1) - 0.5 * cosines.mean(axis=1)
    scale = 1.4826 * np.median(np.abs(best - np.median(best)))
    assert found.scale == pytest.approx(scale, abs=1e-5)
    assert found.middle == pytest.approx(np.median(best) + 0.6 * scale, abs=1e-5)


def test_questions_in_all_languages_are_near_each_other_in_a_corpus(encoder: Encoder, sample_index: Path) -> None:
    from indexer.generation import Generation

    generation = Generation.open(sample_index)
    try:
        calibration = generation.manifest.calibration
    finally:
        generation.close()
    # What the encoder's cosines are like: a change of encoder, prompt or transform shows here.
    assert calibration.middle == pytest.approx(0.43, abs=0.01)
    assert calibration.scale == pytest.approx(0.02, abs=0.003)
    assert calibration.tokens_middle == pytest.approx(0.71, abs=0.02)
    assert calibration.tokens_scale == pytest.approx(0.044, abs=0.006)
