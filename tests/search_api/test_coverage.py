"""Coverage as the engine, HTTP and the command line give it."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from search_api import SearchEngine
from search_api.app import create_app
from search_api.errors import QueryError


def test_of_the_whole_corpus(engine: SearchEngine) -> None:
    info, found = engine.info(), engine.coverage(group=False)
    assert (found.query, found.build, found.by, found.complete) == (None, info.build, "month", True)
    assert found.stories == found.articles == info.articles
    assert found.languages == info.languages
    assert found.sources == info.sources
    assert sum(bucket.total for bucket in found.buckets) + found.undated == info.articles
    assert [bucket.start for bucket in found.buckets] == sorted({bucket.start for bucket in found.buckets})


def test_of_a_question(engine: SearchEngine) -> None:
    found = engine.coverage("Qui menace Microsoft ? ")
    assert found.query == "Qui menace Microsoft ?"
    assert 1 <= found.stories <= 5
    assert "fr" in found.languages
    assert "2023-04" in {bucket.start[:7] for bucket in found.buckets}


def test_a_translated_story_is_one_with_all_its_languages(engine: SearchEngine) -> None:
    grouped, alone = (
        engine.coverage("When was Debian 7.0 released?"),
        engine.coverage("When was Debian 7.0 released?", group=False),
    )
    assert grouped.stories < grouped.articles == alone.stories == alone.articles
    assert sum(grouped.languages.values()) > grouped.stories
    assert sum(alone.languages.values()) == alone.stories


def test_filters_hold_but_for_the_facet_they_are_of(engine: SearchEngine) -> None:
    query = "When was Debian 7.0 released?"
    every, french = engine.coverage(query), engine.coverage(query, lang="fr", since="2012-01-01", until="2014-12-31")
    assert set(french.languages) == {"fr"}
    assert all("2012" <= bucket.start < "2015" for bucket in french.buckets)
    assert set(french.facets.languages) > {"fr"}
    assert french.stories <= every.stories
    assert engine.coverage(query, category="").stories == 0
    assert engine.coverage(query, category="").facets.categories == every.categories


def test_what_nothing_answers_has_no_coverage(engine: SearchEngine) -> None:
    found = engine.coverage("最高法院")
    assert (found.stories, found.buckets, found.languages) == (0, (), {})
    assert engine.coverage("Debian", lang="xh").notes


def test_what_cannot_be_asked(engine: SearchEngine) -> None:
    with pytest.raises(QueryError, match="by is 'year'"):
        engine.coverage("Debian", by="year")  # type: ignore[arg-type]
    with pytest.raises(QueryError, match="empty"):
        engine.coverage(" ")


def test_over_http(tiny_engine: SearchEngine) -> None:
    with TestClient(create_app(tiny_engine)) as client:
        first = client.get("/coverage", params={"q": "qui menace Microsoft", "lang": ["fr", "en"]})
        assert first.status_code == 200
        assert first.headers["X-Veille-Cache"] == "miss"
        again = client.get("/coverage", params={"q": "qui menace Microsoft", "lang": ["fr", "en"]})
        assert (again.headers["X-Veille-Cache"], again.content) == ("hit", first.content)
        same = tiny_engine.coverage("qui menace Microsoft", lang=["fr", "en"]).to_json()
        assert first.json() | {"seconds": 0} == same | {"seconds": 0}
        everything = client.get("/coverage").json()
        assert (everything["query"], everything["stories"], everything["by"]) == (None, 2, "day")
        assert client.get("/coverage?by=year").status_code == 400
        assert client.get("/coverage?langs=fr").status_code == 400
        assert client.get("/coverage?q=%20").json()["type"] == "urn:veille:problem:invalid-request"


def test_what_the_index_holds(tiny_engine: SearchEngine) -> None:
    with TestClient(create_app(tiny_engine)) as client:
        answer = client.get("/stats")
    told = answer.json()
    assert answer.status_code == 200
    assert (told["articles"], told["stories"], told["groups"], told["undated"]) == (2, 2, 0, 0)
    assert (told["languages"], told["sources"]) == ({"en": 1, "fr": 1}, {"Deux": 1, "Un": 1})
    assert told["categories"] == {"": 2}
    assert told["dates"] == {"first": "2023-04-20", "last": "2023-06-10"}
    assert told["by_month"] == {"2023-04": 1, "2023-06": 1}
    assert (told["build"], told["model"]) == (tiny_engine.build, tiny_engine.info().model)
