"""The HTTP contract: in process for its many cases, and once over a real port."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient

from search_api import SearchEngine
from search_api.app import create_app

MUSK = "musk-menace-microsoft"


@pytest.fixture(scope="module")
def client(sample_index: Path) -> Iterator[TestClient]:
    """Return a client of an app over the sample index."""
    with TestClient(create_app(sample_index), raise_server_exceptions=False) as opened:
        yield opened


def test_get_and_post_answer_as_the_engine_does(client: TestClient, engine: SearchEngine) -> None:
    filters = {"lang": ["fr", "en"], "since": "2012-05-01", "until": "2023-12-31"}
    expected = engine.search("qui menace Microsoft", 4, **filters).to_json()["hits"]
    got = client.get("/search", params={"q": "qui menace Microsoft", "k": 4, **filters}).json()
    posted = client.post("/search", json={"q": "qui menace Microsoft", "k": 4, **filters}).json()
    for answer in (got, posted):
        assert [hit["article_id"] for hit in answer["hits"]] == [hit["article_id"] for hit in expected]
        assert answer["hits"][0]["passages"] == [
            {**passage, "score": pytest.approx(passage["score"], abs=1e-6)} for passage in expected[0]["passages"]
        ]
        for hit, wanted in zip(answer["hits"], expected, strict=True):
            assert hit["highlight"] == wanted["highlight"]
    assert got["hits"][0]["article_id"] == MUSK
    assert got["hits"][0]["highlight"]["text"].startswith("Elon Musk menace")
    assert got["hits"][0]["highlight"]["start"] == 0


def test_articles_and_their_neighbours(client: TestClient) -> None:
    article = client.get(f"/articles/{MUSK}").json()
    assert article["text"].startswith("Elon Musk")
    similar = client.get(f"/articles/{MUSK}/similar", params={"k": 3, "lang": "fr"}).json()
    assert len(similar["hits"]) == 3
    assert {hit["lang"] for hit in similar["hits"]} == {"fr"}
    assert [hit["highlight"] for hit in similar["hits"]] == [None] * 3


def test_health_and_contract(client: TestClient) -> None:
    assert client.get("/health/live").json()["status"] == "live"
    assert client.get("/health/ready").json()["build"]
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {
        "/search",
        "/search/batch",
        "/articles/{article_id}",
        "/articles/{article_id}/copies",
        "/articles/{article_id}/similar",
        "/coverage",
        "/feed",
        "/stats",
        "/suggest",
        "/health/live",
        "/health/ready",
        "/metrics",
    }
    assert client.get("/docs").status_code == 200


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({}, 400),
        ({"q": ""}, 400),
        ({"q": " \t\u200b"}, 400),
        ({"q": "\0"}, 400),
        ({"q": "a" * 5_000}, 400),
        ({"q": "x", "k": 0}, 400),
        ({"q": "x", "k": -1}, 400),
        ({"q": "x", "k": 10_000}, 400),
        ({"q": "x", "k": "many"}, 400),
        ({"q": "x", "lang": "xx"}, 400),
        ({"q": "x", "since": "2024-01-02", "until": "2024-01-01"}, 400),
        ({"q": "x", "since": "never"}, 400),
    ],
)
def test_bad_questions_get_a_reason(client: TestClient, params: dict[str, str], status: int) -> None:
    answer = client.get("/search", params=params)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "query", ["a\0b", "\ufdfa" * 1000, "\u202eمرحبا\u202c بالعالم", "🚀🔥", "%00%ff", "' OR 1=1 --"]
)
def test_hostile_questions_get_an_answer(client: TestClient, query: str) -> None:
    assert client.get("/search", params={"q": query, "k": 1}).status_code == 200
    assert client.post("/search", json={"q": query, "k": 1}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"q": "\\ud800 alone"}', 200),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"q": 3}', 400),
        (b'{"q": "x", "limit": 3}', 400),
        (b'{"q": "' + b"a" * 20_000 + b'"}', 400),
        (b'{"q": "' + b"a" * 100_000 + b'"}', 413),
        (b"[" * 60_000, 400),
    ],
)
def test_bodies(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post("/search", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/articles/none", "/articles/none/similar", "/nowhere", "/articles/..%2f..%2fetc", "/articles/%00"]
)
def test_what_does_not_exist(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_an_index_it_lives_but_is_not_ready(tmp_path: Path) -> None:
    with TestClient(create_app(tmp_path)) as client:
        assert client.get("/health/live").status_code == 200
        for path in ("/health/ready", "/search?q=x"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert str(tmp_path) not in answer.text


def test_over_a_real_port(sample_index: Path) -> None:
    command = [sys.executable, "-m", "search_api", "serve", "--index", str(sample_index), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            assert found, line
            with httpx.Client(base_url=found[0], timeout=60) as client:
                answer = client.get(f"/search?q={quote('wer droht Microsoft')}&k=1").json()
                assert answer["hits"][0]["article_id"] == MUSK
                port = found[1]
                again = subprocess.run([*command[:-1], port], capture_output=True, text=True, check=False)
                assert again.returncode == 2
                assert "cannot listen" in again.stderr
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode in (0, 130)
