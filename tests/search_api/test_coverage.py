"""How many stories match, by day or month, language and source: over real articles, and by hand."""

from __future__ import annotations

from search_api import SearchEngine


def test_of_the_whole_corpus(engine: SearchEngine) -> None:
    info, found = engine.info(), engine.coverage(group=False)
    assert (found.query, found.build, found.complete) == (None, info.build, True)
    assert found.stories == found.articles == info.articles
    assert found.languages == info.languages
    assert found.sources == info.sources
    assert sum(bucket.total for bucket in found.buckets) + found.undated == info.articles
