"""Vectors of articles: those that `similar` compares, and those that the encoder made."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from indexer.embedded import embedded_text
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.vectors import mean_direction
from search_api import SearchEngine
from search_api.errors import ArticleMissing

ID = "musk-menace-microsoft"


def test_all_articles_have_a_unit_vector(engine: SearchEngine) -> None:
    ids, vectors = engine.vectors()
    assert len(ids) == len(set(ids)) == engine.info().articles
    assert set(ids) == set(engine.languages())
    assert vectors.shape == (len(ids), engine.info().dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_some_articles_come_in_the_order_asked_for(engine: SearchEngine) -> None:
    ids, vectors = engine.vectors()
    asked = [ids[7], ID, ids[2], ID]
    found, some = engine.vectors(asked)
    assert found == tuple(asked)
    assert np.array_equal(some, vectors[[ids.index(article_id) for article_id in asked]])


def test_none_asked_for_is_none(engine: SearchEngine) -> None:
    ids, vectors = engine.vectors([])
    assert ids == ()
    assert vectors.shape == (0, engine.info().dimension)
    assert vectors.dtype == np.float32


def test_an_unknown_article_is_said(engine: SearchEngine) -> None:
    with pytest.raises(ArticleMissing, match="nowhere"):
        engine.vectors([ID, "nowhere"])


def test_the_encoders_own_are_what_it_makes_of_the_passages(engine: SearchEngine, encoder: Encoder) -> None:
    """They are taken back out of the neutral ones; here they are made anew."""
    with closing(Generation.open(engine.folder)) as generation:
        row = generation.facts.article_row(ID)
        assert row is not None
        article = generation.facts.article(row)
        texts = [
            embedded_text(article.title, article.text[passage.start : passage.end])
            for passage in generation.facts.passages_of(row)
        ]
    made = mean_direction(encoder.encode_passages(texts))
    neutral, own = engine.vectors([ID])[1][0], engine.vectors([ID], neutral=False)[1][0]
    assert own @ made > 0.99999
    assert neutral @ made < 0.99


def test_the_language_shows_only_in_the_encoders_own(engine: SearchEngine) -> None:
    """Of the ten nearest articles more are in the same language, which says nothing of what they are about."""
    languages = engine.languages()

    def same(neutral: bool) -> float:
        ids, vectors = engine.vectors(neutral=neutral)
        codes = np.array([languages[article_id] for article_id in ids])
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -np.inf)
        nearest = np.argsort(-cosines, axis=1)[:, :10]
        return float((codes[nearest] == codes[:, None]).mean())

    assert same(neutral=False) > 0.2
    assert same(neutral=True) < 0.1
