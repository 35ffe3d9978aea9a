"""Which articles match: all whose evidence is above the threshold, found without looking at everything.

And those with the most evidence are compared token by token.
"""

from __future__ import annotations

import numpy as np
import pytest

from search_api import SearchEngine, matching
from search_api.confidence import confidence

QUESTIONS = ("qui menace Microsoft", "Debian 7.0 wheezy", "failles de sécurité", "patents", "最高法院", "de la")


def by_brute_force(engine: SearchEngine, query: str) -> set[int]:
    generation, reading = engine._generation, engine.read([query])[0]
    question = engine._questions.question(query, reading.read)
    rows = np.arange(generation.vectors.count)
    evidence = engine._judge.evidence_at(query, question, rows)
    first = np.argsort(-evidence, kind="stable")[: matching.MOST_COMPARED]
    evidence[first] = engine._judge.evidence_by_tokens(query, question, rows)[first]
    return set(generation.places.article[evidence > 0].tolist())


def found_by(engine: SearchEngine, query: str) -> matching.Matching:
    question = engine._questions.question(query, engine.read([query])[0].read)
    return matching.matching(engine._generation, engine._judge, query, question)


@pytest.mark.parametrize("query", QUESTIONS)
def test_no_article_is_missed(engine: SearchEngine, query: str) -> None:
    found = found_by(engine, query)
    assert found.complete
    assert found.articles.tolist() == sorted(by_brute_force(engine, query))


@pytest.mark.parametrize("query", QUESTIONS)
def test_not_even_where_few_passages_are_looked_at(
    engine: SearchEngine, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "_NEAR", 4)
    found = matching.matching(
        engine._generation, engine._judge, query, engine._questions.question(query, engine.read([query])[0].read)
    )
    assert found.complete
    assert found.articles.tolist() == sorted(by_brute_force(engine, query))


def test_it_says_where_it_did_not_look_at_all(engine: SearchEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "Debian"
    every = by_brute_force(engine, query)
    for name, most in (("_NEAR", 2), ("MOST_NEAR", 8), ("MOST_WORDED", 10)):
        monkeypatch.setattr(matching, name, most)
    found = matching.matching(
        engine._generation, engine._judge, query, engine._questions.question(query, engine.read([query])[0].read)
    )
    assert not found.complete
    assert 0 < len(found.articles) < len(every)
    assert set(found.articles.tolist()) < every


@pytest.mark.parametrize("query", QUESTIONS)
def test_every_hit_that_answers_matches(engine: SearchEngine, query: str) -> None:
    least = float(confidence(np.array([0.01]))[0])
    rows = set(found_by(engine, query).articles.tolist())
    for hit in engine.search(query, 100, group=False):
        if hit.confidence is not None and hit.confidence > least:
            assert engine._row(hit.article_id) in rows


@pytest.mark.parametrize("query", ["?", "🚀"])
def test_marks_alone_match_nothing(engine: SearchEngine, query: str) -> None:
    assert not len(found_by(engine, query).articles)
