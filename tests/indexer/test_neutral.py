"""The language-neutral transform: arithmetic, small and odd corpora, and what it does to a real pool."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from corpus.readers import read
from indexer import neutral
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged
from indexer.neutral import NeutralTransform, fit, parallel_questions


def fitted(encoder: Encoder, texts: list[str], languages: list[str]) -> tuple[NeutralTransform, np.ndarray]:
    vectors = encoder.encode_passages(texts)
    return fit(vectors, languages, encoder.encode_queries, encoder.encode_passages), vectors


def test_the_questions_are_parallel() -> None:
    questions = parallel_questions()
    assert len(questions) >= 30
    assert {len(texts) for texts in questions.values()} == {10}
    assert all(text == text.strip() != "" for texts in questions.values() for text in texts)


def test_offsets_by_hand() -> None:
    """Two languages two apart along the first axis, one subject along the second; enough passages to count alone."""
    rng = np.random.default_rng(3)
    count = 20_000
    subjects = rng.normal(size=(2 * count, 4)) * 0.1
    subjects[:, 1] += 3
    offsets = np.array([[1.0, 0, 0, 0]] * count + [[-1.0, 0, 0, 0]] * count)
    names = list(parallel_questions())
    prior = np.zeros((len(names), 10, 4))
    found = fit(
        (subjects + offsets).astype(np.float32),
        ["fr"] * count + ["de"] * count,
        lambda texts: prior.reshape(-1, 4)[: len(texts)],
        lambda texts: prior.reshape(-1, 4)[: len(texts)],
    )
    assert found.passage_languages == ("de", "fr")
    assert found.passage_offsets == pytest.approx(np.array([[-1, 0, 0, 0], [1, 0, 0, 0]]), abs=0.02)


def test_one_language_keeps_its_subject(encoder: Encoder) -> None:
    texts = ["Microsoft est poursuivi en justice.", "Microsoft paie une amende.", "Le procès de Microsoft commence."]
    transform, _ = fitted(encoder, texts, ["fr"] * 3)
    prior = encoder.encode_passages([t for q in parallel_questions().values() for t in q])
    means = prior.reshape(len(parallel_questions()), 10, -1).mean(axis=1)
    expected = means[list(parallel_questions()).index("fr")] - means.mean(axis=0)
    assert transform.passage_offsets[0] == pytest.approx(expected, abs=1e-6)


def test_unknown_languages_and_single_passages(encoder: Encoder) -> None:
    transform, vectors = fitted(encoder, ["Un texte.", "Tekstas.", "x"], ["fr", "lt", "und"])
    result = transform.passages(vectors, ["fr", "lt", "und"])
    assert np.linalg.norm(result, axis=1) == pytest.approx(1, abs=1e-5)
    # One passage says next to nothing about a language of which nothing else is known.
    assert (result[1] * vectors[1]).sum() > 0.95
    questions = transform.questions(encoder.encode_queries(["labas rytas", "?", "Ꮳ"]))
    assert np.isfinite(questions).all()


def test_saved_and_loaded(encoder: Encoder, tmp_path: Path) -> None:
    transform, vectors = fitted(encoder, ["Un texte.", "A text."], ["fr", "en"])
    transform.save(tmp_path)
    loaded = NeutralTransform.load(tmp_path)
    assert np.array_equal(loaded.passages(vectors, ["fr", "en"]), transform.passages(vectors, ["fr", "en"]))
    (tmp_path / neutral.NAME).write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(IndexDamaged, match=r"neutral\.npz"):
        NeutralTransform.load(tmp_path)


def test_translations_come_nearer_than_unrelated_articles_of_the_same_language(encoder: Encoder) -> None:
    articles = [a for a in read(sample.path()) if a.metadata.get("parallel_id") and a.lang in {"fr", "de", "ja", "ru"}]
    languages = [a.lang for a in articles]
    stories = np.array([a.metadata["parallel_id"] for a in articles])
    transform, vectors = fitted(encoder, [a.text[:400] for a in articles], languages)
    titles = encoder.encode_queries([a.title for a in articles])
    plain = average_precision(titles @ vectors.T, stories)
    fair = average_precision(transform.questions(titles) @ transform.passages(vectors, languages).T, stories)
    assert fair > plain + 0.05


def test_a_mixed_pool_becomes_fair(encoder: Encoder, shared_data: Path) -> None:
    folder = shared_data / "crosslingual" / "debian_headlines"
    bodies = [json.loads(line) for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    names = sorted({body["_id"].rsplit("-", 1)[0] for body in bodies})[::5]
    chosen = [body for body in bodies if body["_id"].rsplit("-", 1)[0] in names]
    stories = np.array([body["_id"].rsplit("-", 1)[0] for body in chosen])
    place = {name: number for number, name in enumerate(names)}
    lines = [json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = [q for q in lines if q["_id"].removeprefix("q-").rsplit("-", 1)[0] in place]
    wanted = np.array([q["_id"].removeprefix("q-").rsplit("-", 1)[0] for q in asked])
    languages = [body["lang"] for body in chosen]
    transform, vectors = fitted(encoder, [body["text"] for body in chosen], languages)
    questions = encoder.encode_queries([q["text"] for q in asked])
    plain = average_precision(questions @ vectors.T, stories, wanted)
    fair = average_precision(transform.questions(questions) @ transform.passages(vectors, languages).T, stories, wanted)
    # What is missing to 1 shrinks by at least three tenths.
    assert fair >= plain + 0.3 * (1 - plain)


def average_precision(scores: np.ndarray, stories: np.ndarray, wanted: np.ndarray | None = None) -> float:
    """Return mAP where a row's right columns are those of its story."""
    found = []
    for row, story in zip(scores, stories if wanted is None else wanted, strict=True):
        ranks = np.flatnonzero((stories == story)[np.argsort(-row, kind="stable")]) + 1
        found.append(np.mean(np.arange(1, len(ranks) + 1) / ranks))
    return float(np.mean(found))


def test_the_encoders_vectors_can_be_had_back(encoder: Encoder) -> None:
    texts = ["Microsoft est poursuivi en justice.", "Es regnet.", "A new version of Debian", "Un chat dort."]
    transform, vectors = fitted(encoder, texts, ["fr", "de", "en", "fr"])
    passages = transform.passages(vectors, ["fr", "de", "en", "fr"])
    assert np.abs(passages - vectors).max() > 0.01
    assert transform.encoded(passages, ["fr", "de", "en", "fr"]) == pytest.approx(vectors, abs=1e-6)


def test_what_was_left_as_it_was_comes_back_as_it_is(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(["Un texte."])
    transform = NeutralTransform.none(["fr"], vectors.shape[1])
    assert transform.encoded(vectors, ["fr"]) == pytest.approx(vectors, abs=1e-6)
