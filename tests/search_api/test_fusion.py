"""Meaning and words together: exact terms first, languages even, preferences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.words import WordMatch
from search_api import SearchEngine
from search_api.errors import QueryError
from search_api.fusion import EVENNESS, NAMES, PREFERENCE, WORDS, Question, Scorer


def test_scores_by_hand(sample_index: Path) -> None:
    generation = Generation.open(sample_index)
    places = generation.places
    count = len(places.article)
    rows = np.array([5, 6, 7, 300])
    coverage, names = np.zeros(count, np.float32), np.zeros(count, np.float32)
    coverage[rows] = [0.5, 0.25, 0, 0.4]
    names[6] = 1
    vector = generation.vectors.vectors(np.array([5]))[0]
    preferred = places.languages[places.language[300]]
    scorer = Scorer(generation, Question(vector, WordMatch(coverage, names), frozenset({preferred})), None)
    best = {code: max(coverage[r] for r in rows if places.language[r] == code) for code in set(places.language[rows])}
    cosines = generation.vectors.vectors(rows) @ vector
    expected = [
        cosine
        + WORDS * (coverage[row] - EVENNESS * best[places.language[row]])
        + NAMES * (names[row] > 0)
        + PREFERENCE * (places.languages[places.language[row]] == preferred)
        for cosine, row in zip(cosines, rows, strict=True)
    ]
    assert scorer(rows) == pytest.approx(expected, abs=1e-5)

    near = (vector @ generation.vectors.vectors(rows[2:]).T, rows[2:])
    found, worth = scorer.around(near, 2)
    assert sorted(found.tolist()) == [5, 6, 7, 300]
    assert worth == pytest.approx(scorer(found), abs=1e-5)
    one = (near[0][:1], rows[2:3])
    assert sorted(scorer.around(one, 1)[0].tolist()) == [6, 7]
    assert sorted(scorer.around(one, 2)[0].tolist()) == [5, 6, 7]
    assert sorted(scorer.around(one, 10)[0].tolist()) == [5, 6, 7, 300]


def test_a_rare_name_comes_first(engine: SearchEngine) -> None:
    texts = {hit.article_id: engine.article(hit.article_id).text for hit in engine.search("@ElonJet", 3)}
    assert "ElonJet" in next(iter(texts.values()))


def test_words_can_be_left_out(sample_index: Path, encoder: Encoder) -> None:
    with SearchEngine.open(sample_index, dense_only=True) as dense:
        hit = dense.search("qui menace Microsoft", 1)[0]
        vector = dense._generation.neutral.questions(encoder.encode_queries(["qui menace Microsoft"]))[0]
        row = dense._generation.facts.article_row(hit.article_id)
        assert row is not None
        rows = dense._generation.places.rows_of(row)
        assert hit.score == pytest.approx(float((dense._generation.vectors.vectors(rows) @ vector).max()), abs=1e-5)


def test_preferences(engine: SearchEngine) -> None:
    def share(prefer: str | list[str], lang: str) -> float:
        hits = engine.search("Quelle est la nouvelle version de Debian ?", 20, prefer=prefer)
        return float(np.mean([hit.lang == lang for hit in hits]))

    assert share("fr", "fr") > share("any", "fr")
    assert share("query", "fr") == share("fr", "fr")
    assert share("de,ja", "de") + share("de,ja", "ja") > share("any", "de") + share("any", "ja")
    for wrong in ("xx", ["any", "fr"], "query,de", [7]):
        with pytest.raises(QueryError):
            engine.search("x", prefer=wrong)  # type: ignore[arg-type]


def test_ranks_as_search_does(engine: SearchEngine) -> None:
    queries = ["qui menace Microsoft", "security update for OpenSSL"]
    for query, ranking in zip(queries, engine.rank(queries, 10), strict=True):
        assert [article for article, _ in ranking] == [hit.article_id for hit in engine.search(query, 10, group=False)]


def test_plain_leaves_the_encoder_alone(encoder: Encoder, tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text("Microsoft est poursuivi en justice.")
    build([source], tmp_path / "i", encoder=encoder, quiet=True, plain=True)
    with SearchEngine.open(tmp_path / "i", dense_only=True) as engine:
        expected = (
            encoder.encode_passages(["Microsoft est poursuivi en justice."]) @ encoder.encode_queries(["procès"])[0]
        )
        assert engine.search("procès")[0].score == pytest.approx(float(expected[0]), abs=1e-5)
    assert build([source], tmp_path / "i", encoder=encoder, quiet=True).published
