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
from search_api.late import compared, late_scores, nearness, ranking
from search_api.retrieval import retrieve


def test_the_question_s_language_pays_and_every_best_gives(sample_index: Path, encoder: Encoder) -> None:
    generation = Generation.open(sample_index)
    try:
        ((_, read),) = encoder.read_queries(["qui menace Microsoft"])  # type: ignore[attr-defined]
        question = Question(np.zeros(384, np.float32), tokens=read, languages={"fr": 1.0})
        french = generation.places.rows_of(generation.facts.article_row("musk-menace-microsoft") or 0)
        assert generation.codes is not None
        near = Compared.of(read, *generation.codes.of_each(french)).nearness()
        expected = 0.8 * (near - 0.06 - 0.4 * near.max())
        found = nearness(compared(generation, read, french))
        own = late_scores(generation, question, french, found)
        assert own == pytest.approx(expected, abs=1e-5)
        other = late_scores(generation, replace(question, languages={"de": 1.0}), french, found)
        assert other - own == pytest.approx(0.8 * 0.06, abs=1e-5)
        silent = replace(question, tokens=None)
        none = nearness(compared(generation, silent.tokens, french))
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


def test_passages_are_ranked_by_what_was_learnt_and_judged_by_tokens_as_they_are(
    sample_index: Path, encoder: Encoder
) -> None:
    generation = Generation.open(sample_index)
    try:
        ((vector, read),) = encoder.read_queries(["qui menace Microsoft"])  # type: ignore[attr-defined]
        assert ranking(read) is read.ranking is not None
        assert ranking(replace(read, ranking=None)) == replace(read, ranking=None)
        assert ranking(None) is None
        question = Question(vector, tokens=read)
        (best, *_) = retrieve(generation, question, 3, passages=2, allowed=None)
        rows = np.array([passage.passage.row for passage in best.passages])
        near = nearness(compared(generation, read, rows))
        ranked = nearness(compared(generation, read.ranking, rows))
        assert near is not None
        assert [passage.near for passage in best.passages] == pytest.approx(near)
        assert near != pytest.approx(ranked, abs=1e-3)
        # What the best of its language gives up is a part of what it has: all of its own language were compared.
        assert best.passages[0].tokens == late_scores(generation, question, rows[:1], ranked[:1])[0]
    finally:
        generation.close()


def test_deeper_articles_stay_behind_those_that_were_compared(engine: SearchEngine) -> None:
    shallow, deep = (next(iter(engine.rank(["Debian 9"], k))) for k in (50, 200))
    assert deep[:50] == shallow
    assert len({article for article, _ in deep}) == 200
