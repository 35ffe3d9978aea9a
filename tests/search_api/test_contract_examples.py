"""The examples of the OpenAPI document: none is missing, each is as its schema says, and what they quote is true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator

from corpus import sample
from corpus.article import Article
from corpus.readers import read
from search_api import SearchEngine
from search_api.app import create_app
from search_api.errors import MEDIA_TYPE
from search_api.schemas import examples
from search_api.settings import Settings

JSON = "application/json"


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the document, which needs no index."""
    return create_app(Settings(index=tmp_path_factory.mktemp("none"))).openapi()


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    """Return the sample corpus by id."""
    return {article.id: article for article in read(sample.path())}


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def contents(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every body that is sent or answered: where it is, its media type, and what is said of it."""
    for name, operation in operations(document):
        for media_type, said in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{name} takes {media_type}", media_type, said
        for status, response in operation["responses"].items():
            for media_type, said in response.get("content", {}).items():
                yield f"{name} gives {status} {media_type}", media_type, said


def schema_of(document: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, the one that it refers to if it does, with all others beside it."""
    schema = said.get("schema", {})
    if "$ref" in schema:
        referred = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        schema = {**referred, **{name: value for name, value in schema.items() if name != "$ref"}}
    return {**schema, "components": document["components"]}


def examples_of(document: dict[str, Any], said: dict[str, Any]) -> list[Any]:
    named = [example["value"] for example in said.get("examples", {}).values()]
    alone = [said["example"]] if "example" in said else []
    return named + alone or schema_of(document, said).get("examples", [])


def mistakes(document: dict[str, Any], said: dict[str, Any], example: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema_of(document, said)).iter_errors(example)]


def test_every_parameter_has_an_example_that_it_takes(document: dict[str, Any]) -> None:
    seen = set()
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            given = examples_of(document, {"schema": parameter["schema"]})
            assert given, f"{name}: {parameter['name']}"
            for example in given:
                assert not mistakes(document, parameter, example), f"{name}: {parameter['name']}"
            seen.add(parameter["name"])
    assert {"q", "k", "lang", "source", "category", "since", "format", "by", "article_id"} <= seen


def test_every_body_and_answer_has_an_example_as_its_schema_says(document: dict[str, Any]) -> None:
    seen = 0
    for place, media_type, said in contents(document):
        given = examples_of(document, said)
        assert given, place
        for example in given:
            assert not mistakes(document, said, example), place
            assert media_type in (JSON, MEDIA_TYPE) or isinstance(example, str), place
            seen += 1
    assert seen > 60


def test_problems_are_told_by_status(document: dict[str, Any]) -> None:
    statuses = {name: set(operation["responses"]) for name, operation in operations(document)}
    assert statuses["POST /search"] == {"200", "400", "401", "413", "429", "4XX", "503"}
    assert {"400", "401", "404", "429", "503"} <= statuses["GET /articles/{article_id}"]
    assert not any("422" in found for found in statuses.values())
    for place, media_type, said in contents(document):
        if media_type == MEDIA_TYPE:
            status = place.split()[3]
            for example in examples_of(document, said):
                assert str(example["status"]) == status or (status == "4XX" and 400 <= example["status"] < 500), place


def test_what_the_examples_quote_is_in_the_sample_corpus(articles: dict[str, Article]) -> None:
    for hit in (*examples.RESULTS, *examples.LIKES):
        article = articles[hit.article_id]
        for quoted in (*hit.passages, *([hit.highlight] if hit.highlight else [])):
            assert article.text[quoted.start : quoted.end] == quoted.text
        assert (hit.title, hit.source, hit.url) == (article.title, article.source, article.url)
        assert hit.citation.content_hash == article.content_hash
    for copy in examples.COPIES:
        assert copy.title == articles[copy.article_id].title


def test_examples_of_answers_have_what_answers_have(tiny_engine: SearchEngine, document: dict[str, Any]) -> None:
    with TestClient(create_app(tiny_engine)) as client:
        first = client.get("/search", params={"q": "Musk"}).json()["hits"][0]["article_id"]
        for path in (
            "/search?q=Musk&explain=true",
            f"/articles/{first}",
            f"/articles/{first}/similar",
            "/coverage?q=Musk",
            "/stats",
            "/suggest?q=m",
            "/health/live",
            "/health/ready",
        ):
            route = path.partition("?")[0].replace(first, "{article_id}")
            said = document["paths"][route]["get"]["responses"]["200"]["content"][JSON]
            assert set(client.get(path).json()) == set(examples_of(document, said)[0]), path
        answered = client.get("/search?q=Musk&explain=true").json()["hits"][0]
        shown = document["components"]["schemas"]["SearchAnswer"]["examples"][0]["hits"][0]
        assert set(answered) == set(shown)
        assert set(answered["explanation"]) == set(shown["explanation"])


def test_the_page_of_the_contract_shows_them(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(index=tmp_path))) as client:
        page = client.get("/docs").text
    assert 'href="#Problem"' in page
    assert "&quot;confidence&quot;: 0.994" in page
    assert "@online{veille-2023-93ac967634" in page
    assert "&quot;reranker&quot;: null" in page
