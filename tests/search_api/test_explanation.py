"""Why a hit stands where it stands: the parts add up, and say what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.app import create_app
from search_api.printing.hits import results_lines
from search_api.reranking import Reranker

QUESTIONS = ["qui menace Microsoft", "Debian 9", "安全更新", "security advisory for OpenSSL", "x"]


@pytest.mark.parametrize("query", QUESTIONS)
@pytest.mark.parametrize("filters", [{}, {"lang": ["fr", "de"], "prefer": "de"}, {"group": False, "k": 30}])
def test_the_parts_add_up_to_the_score(engine: SearchEngine, query: str, filters: Mapping[str, object]) -> None:
    found = engine.search(query, **filters, explain=True)  # type: ignore[arg-type]
    assert found.hits
    for hit in found:
        why = hit.explanation
        assert why is not None
        assert why.cosine + why.words + why.names + why.evenness + why.prefer == pytest.approx(why.fused, abs=3e-6)
        assert why.fused + why.tokens == pytest.approx(hit.score, abs=3e-6)
        assert (why.score, why.reranker) == (hit.score, None)
        assert why.group.articles >= 1 + len(hit.copies)
        assert why.transform is not None
        assert why.transform.passage == hit.lang


def test_it_changes_nothing_else(engine: SearchEngine) -> None:
    plain, explained = engine.search("qui menace Microsoft"), engine.search("qui menace Microsoft", explain=True)
    assert [hit.article_id for hit in plain] == [hit.article_id for hit in explained]
    assert all(hit.explanation is None for hit in plain)


def test_words_in_common_and_the_language_that_was_preferred(engine: SearchEngine) -> None:
    first = engine.search("qui menace Microsoft", 1, lang="fr", prefer="fr", explain=True)[0].explanation
    assert first is not None
    assert "microsoft" in first.matched
    assert first.prefer == pytest.approx(0.08)
    assert first.evidence is not None
    assert first.evidence > 0
    assert first.filters["lang"] == ("fr",)
    assert 0 < first.filters["passages"] < engine.info().passages  # type: ignore[operator]
    dated = engine.search("Microsoft", 1, since="2001-01-01", until="2030-01-01", explain=True)[0].explanation
    assert dated is not None
    assert (dated.filters["since"], dated.filters["until"]) == ("2001-01-01", "2030-01-01")
    far = engine.search("zzzzqqqq", 1, explain=True)[0].explanation
    assert far is not None
    assert (far.words, far.matched) == (0.0, ())


def test_where_only_cosines_count_there_is_nothing_else(sample_index: Path) -> None:
    with SearchEngine.open(sample_index, dense_only=True) as dense:
        for hit in dense.search("qui menace Microsoft", 3, explain=True):
            why = hit.explanation
            assert why is not None
            assert (why.words, why.names, why.evenness, why.tokens, why.matched) == (0, 0, 0, 0, ())
            assert why.cosine == pytest.approx(hit.score, abs=2e-6)


class ByLength(Reranker):
    """Likes short texts."""

    def __init__(self) -> None:
        pass

    def scores(self, query: str, texts: Sequence[str]) -> NDArray[np.float64]:
        return np.array([1 / len(text) for text in texts])


def test_a_reranker_has_the_last_word(sample_index: Path, encoder: Encoder) -> None:
    generation = Generation.open(sample_index)
    with SearchEngine(generation, encoder, reranker=ByLength(), rerank_top=5) as reranking:
        for hit in reranking.search("qui menace Microsoft", 3, explain=True):
            why = hit.explanation
            assert why is not None
            assert why.reranker == why.score == hit.score
            assert why.cosine + why.words + why.names + why.evenness == pytest.approx(why.fused, abs=3e-6)


def test_over_http_and_on_a_terminal(engine: SearchEngine) -> None:
    with TestClient(create_app(engine)) as client:
        question = {"q": "qui menace Microsoft", "k": 1}
        assert client.get("/search", params=question).json()["hits"][0]["explanation"] is None
        for answer in (
            client.get("/search", params={**question, "explain": True}),
            client.post("/search", json={**question, "explain": True}),
        ):
            why = answer.json()["hits"][0]["explanation"]
            assert why["fused"] + why["tokens"] == pytest.approx(answer.json()["hits"][0]["score"], abs=3e-6)
            assert "microsoft" in why["matched"]
    lines = "\n".join(results_lines(engine.search("qui menace Microsoft", 1, explain=True), 80))
    assert "cosine" in lines
    assert "words in common: " in lines
    assert "of its story" in lines
