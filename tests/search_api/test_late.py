"""Late interaction on the sample corpus: what it adds, to which passages, in which order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.compared import Compared
from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.fusion import Question
from search_api.late import compared, late_scores, nearness


def test_the_question_s_language_pays_and_every_best_gives(sample_index: Path, encoder: Encoder) -> None:
    generation = Generation.open(sample_index)
    try:
        ((_, read),) = encoder.read_queries(["qui menace Microsoft"])  # type: ignore[attr-defined]
        question = Question(np.zeros(384, np.float32), tokens=read, languages={"fr": 1.0})
        french = generation.places.rows_of(generation.facts.article_row("musk-menace-microsoft") or 0)
        assert generation.codes is not None
        near = Compared.of(read, *generation.codes.of_each(french)).nearness(read.weights)
        expected = 0.6 * (near - 0.06 - 0.4 * near.max())
        found = nearness(question, compared(generation, question, french))
        own = late_scores(generation, question, french, found)
        assert own == pytest.approx(expected, abs=1e-5)
        other = late_scores(generation, replace(question, languages={"de": 1.0}), french, found)
        assert other - own == pytest.approx(0.6 * 0.06, abs=1e-5)
        silent = replace(question, tokens=None)
        none = nearness(silent, compared(generation, silent, french))
        assert none is None
        assert not late_scores(generation, silent, french, none).any()
    finally:
        generation.close()


@pytest.mark.parametrize("query", ["qui menace Microsoft", "Debian 9", "安全更新", "brevets logiciels"])
def test_what_is_ranked_is_what_is_found(engine: SearchEngine, query: str) -> None:
    ranked = next(iter(engine.rank([query], 30)))
    found = [(hit.article_id, hit.score) for hit in engine.search(query, 30, group=False)]
    assert ranked == found
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_deeper_articles_stay_behind_those_that_were_compared(engine: SearchEngine) -> None:
    shallow, deep = (next(iter(engine.rank(["Debian 9"], k))) for k in (50, 200))
    assert deep[:50] == shallow
    assert len({article for article, _ in deep}) == 200
