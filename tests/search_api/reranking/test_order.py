"""The order of the first hits is the CrossEncoder's, everything else as before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from indexer.embedded import embedded_text
from search_api import SearchEngine
from search_api.late import READ
from search_api.results import Hit
from tests.search_api.reranking.cross_encoder import LIKED, QUESTION, TOP

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


def _likes(text: str) -> bool:
    return LIKED in re.findall(r"\w+", text.lower())


def _judged(judge: CrossEncoder, engine: SearchEngine, hits: Sequence[Hit]) -> dict[str, float]:
    """Return what the library's own predict makes of each article's first passages."""
    return {
        hit.article_id: max(
            float(score)
            for score in judge.predict(
                [
                    (QUESTION, embedded_text(engine.article(hit.article_id).title, passage.text))
                    for passage in hit.passages
                ]
            )
        )
        for hit in hits
    }


def test_the_order_is_the_models(
    engine: SearchEngine, opened: Callable[[int], SearchEngine], judge: CrossEncoder
) -> None:
    before = engine.search(QUESTION, TOP, passages_per_article=READ).hits
    expected = _judged(judge, engine, before)
    found = opened(TOP).search(QUESTION, 10).hits
    assert [hit.article_id for hit in found] != [hit.article_id for hit in before[:10]]
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert scores == pytest.approx([expected[hit.article_id] for hit in found], rel=1e-5)
    assert scores == pytest.approx(sorted(expected.values(), reverse=True)[:10], rel=1e-5)
    for hit in found:
        assert hit.score == hit.passages[0].score == max(passage.score for passage in hit.passages)


def test_what_the_model_likes_comes_first(engine: SearchEngine, opened: Callable[[int], SearchEngine]) -> None:
    def liked(hits: Sequence[Hit]) -> list[bool]:
        return [any(_likes(f"{hit.title} {passage.text}") for passage in hit.passages) for hit in hits]

    before, after = (found.search(QUESTION, TOP, group=False).hits for found in (engine, opened(TOP)))
    assert 2 < sum(liked(before)) < TOP
    assert liked(before) != sorted(liked(before), reverse=True)
    assert liked(after) == sorted(liked(before), reverse=True)


def test_how_many_passages_are_shown_does_not_change_the_order(opened: Callable[[int], SearchEngine]) -> None:
    engine = opened(TOP)
    shown = {count: engine.search(QUESTION, 10, passages_per_article=count).hits for count in (1, 2, READ)}
    for count, hits in shown.items():
        assert max(len(hit.passages) for hit in hits) == count
        assert [(hit.article_id, hit.passages[0]) for hit in hits] == [
            (hit.article_id, hit.passages[0]) for hit in shown[READ]
        ]


def test_rank_has_the_order_of_search_and_what_lies_deeper_keeps_its_own(
    engine: SearchEngine, opened: Callable[[int], SearchEngine]
) -> None:
    reranked = opened(5)
    (before,) = engine.rank([QUESTION], 50)
    ((*after,), (*few,)) = next(reranked.rank([QUESTION], 50)), next(reranked.rank([QUESTION], 3))
    assert len(after) == 50
    assert after[:3] == few == [(hit.article_id, hit.score) for hit in reranked.search(QUESTION, 3, group=False)]
    assert {found for found, _ in after[:5]} == {found for found, _ in before[:5]}
    assert after[5:] == before[5:]


def test_all_hits_are_read_where_more_are_wanted_than_the_top(
    engine: SearchEngine, opened: Callable[[int], SearchEngine], judge: CrossEncoder
) -> None:
    before = engine.search(QUESTION, 20).hits
    after = opened(5).search(QUESTION, 20).hits
    expected = _judged(judge, engine, before)
    assert [hit.score for hit in after] == pytest.approx(sorted(expected.values(), reverse=True), rel=1e-5)


def test_filters_hold_and_similar_is_as_before(engine: SearchEngine, opened: Callable[[int], SearchEngine]) -> None:
    reranked = opened(TOP)
    filters = {"lang": ["fr", "en"], "since": "2012-01-01", "until": "2014-12-31"}
    hits = reranked.search(QUESTION, 20, **filters).hits  # type: ignore[arg-type]
    assert len(hits) == 20
    assert {hit.lang for hit in hits} == {"fr", "en"}
    assert all("2012" <= str(hit.published) < "2015" for hit in hits)
    first = hits[0].article_id
    assert reranked.similar(first, 5).hits == engine.similar(first, 5).hits
    assert len(reranked.search(QUESTION, lang="sw")) == 0


def test_threads_may_share_it(opened: Callable[[int], SearchEngine]) -> None:
    engine = opened(5)
    expected = engine.search(QUESTION, 5).hits
    with ThreadPoolExecutor(8) as pool:
        assert all(found.hits == expected for found in pool.map(lambda _: engine.search(QUESTION, 5), range(16)))
