"""POST /search/batch: what each question finds alone, and problems that stay with the question that has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from search_api import SearchEngine
from search_api.app import create_app
from search_api.settings import Settings

QUESTIONS: list[dict[str, Any]] = [
    {"q": "qui menace Microsoft", "k": 3},
    {"q": "security holes", "lang": ["fr", "de"], "k": 5, "group": False},
    {"q": "安全更新", "k": 2, "prefer": ["zh"], "explain": True},
    {"q": "qui menace Microsoft", "k": 3},
]


@pytest.fixture
def client(engine: SearchEngine) -> Iterator[TestClient]:
    with TestClient(create_app(engine), raise_server_exceptions=False) as opened:
        yield opened


def timeless(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "seconds"}


def test_each_question_finds_what_it_finds_alone(client: TestClient, engine: SearchEngine) -> None:
    answer = client.post("/search/batch", json={"queries": QUESTIONS})
    assert answer.status_code == 200
    assert answer.headers["x-veille-build"] == answer.json()["build"] == engine.build
    assert answer.headers["x-veille-cache"] == "miss"
    alone = [client.post("/search", json=question).json() for question in QUESTIONS]
    assert [timeless(found) for found in answer.json()["results"]] == [timeless(found) for found in alone]


def test_one_that_cannot_be_answered_leaves_the_others_be(client: TestClient) -> None:
    queries = [{"q": " "}, {"q": "Debian", "k": 1}, {"q": "Debian", "lang": ["klingon"]}, {"q": "a" * 2_001}]
    blank, found, klingon, long = client.post("/search/batch", json={"queries": queries}).json()["results"]
    assert len(found["hits"]) == 1
    for problem in (blank, klingon, long):
        assert problem["type"] == "urn:veille:problem:invalid-request"
        assert problem["status"] == 400
    assert "klingon" in klingon["detail"]


def test_what_was_asked_before_is_kept_for_both(client: TestClient) -> None:
    one = {"q": "failles de sécurité", "k": 2}
    client.post("/search/batch", json={"queries": [one, {"q": "Ubuntu"}]})
    assert client.post("/search", json=one).headers["x-veille-cache"] == "hit"
    assert client.post("/search/batch", json={"queries": [one]}).headers["x-veille-cache"] == "hit"
    assert client.post("/search/batch", json={"queries": [one, {"q": "new"}]}).headers["x-veille-cache"] == "miss"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"queries": []}, "queries"),
        ({"queries": [{"q": "a"}] * 65}, "queries"),
        ({"queries": [{"q": "a"}, {"q": "b", "k": 0}]}, "queries.1.k"),
        ({"queries": [{"q": "a", "langs": ["fr"]}]}, "queries.0.langs"),
        ({"queries": {"q": "a"}}, "queries"),
        ({}, "queries"),
    ],
)
def test_what_the_contract_does_not_allow(client: TestClient, body: dict[str, Any], named: str) -> None:
    answer = client.post("/search/batch", json=body)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(f"{named}: ")


def test_as_many_questions_as_are_allowed(client: TestClient) -> None:
    queries = [{"q": f"Debian {number}", "k": 1, "passages": 1} for number in range(64)]
    results = client.post("/search/batch", json={"queries": queries}).json()["results"]
    assert [found["query"] for found in results] == [query["q"] for query in queries]


def test_a_batch_counts_as_many_requests(tiny_index: Path) -> None:
    with TestClient(create_app(Settings(index=tiny_index, rate_limit="5/day"))) as limited:
        three = {"queries": [{"q": "Microsoft"}] * 3}
        first = limited.post("/search/batch", json=three)
        assert first.status_code == 200
        assert "r=2" in first.headers["ratelimit"]
        refused = limited.post("/search/batch", json=three)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0


def test_a_server_may_take_fewer_questions_at_once(tiny_index: Path) -> None:
    with TestClient(create_app(Settings(index=tiny_index, most_batched=1))) as client:
        assert client.post("/search/batch", json={"queries": QUESTIONS[:1]}).status_code == 200
        refused = client.post("/search/batch", json={"queries": QUESTIONS[:2]})
    assert refused.status_code == 400
    assert refused.json()["detail"] == "there are 2 questions, the limit is 1"
