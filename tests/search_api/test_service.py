"""What stands around the routes: keys, limits, headers, ids, the cache, metrics, documents of problems."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from search_api import SearchEngine
from search_api.app import create_app
from search_api.errors import kinds
from search_api.service.exchange import HEADERS
from search_api.service.keys import create_key, revoke_key
from search_api.settings import Settings
from tests.search_api.serving import refused

Opened = Callable[..., AbstractContextManager[TestClient]]
QUESTION = "/search?q=qui+menace+Microsoft&k=1"


@pytest.fixture
def opened(tiny_index: Path) -> Opened:
    """Return what opens a client of an app with some settings."""

    @contextmanager
    def made(**settings: Any) -> Iterator[TestClient]:
        app = create_app(Settings(index=tiny_index, **settings))
        with TestClient(app, raise_server_exceptions=False) as client:
            yield client

    return made


def test_a_key_is_needed_where_others_can_ask(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search_api.service.keyring._LOOK", 0.0)
    file = tmp_path / "keys.json"
    token = create_key(file, "desk")
    with opened(require_key=True, keys=file, api_key="e" * 32) as client:
        for headers in ({}, {"Authorization": "Bearer no"}, {"X-API-Key": "no"}, {"Authorization": f"Basic {token}"}):
            answer = client.get(QUESTION, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.json()["type"] == "urn:veille:problem:key-wanted"
            assert "content-security-policy" in answer.headers
        for headers in (
            {"Authorization": f"Bearer {token}"},
            {"authorization": f"bearer {token}"},
            {"X-API-Key": token},
            {"X-API-Key": "e" * 32},
        ):
            assert client.get(QUESTION, headers=headers).status_code == 200
        for path in ("/docs", "/openapi.json", "/metrics", "/nowhere", "/articles/musk"):
            assert client.get(path).status_code == 401
        for path in ("/health/live", "/health/ready"):
            assert client.get(path).status_code == 200
        revoke_key(file, "desk")
        assert client.get(QUESTION, headers={"X-API-Key": token}).status_code == 401
        assert client.get(QUESTION, headers={"X-API-Key": create_key(file, "new")}).status_code == 200


def test_a_server_that_others_can_reach_does_not_start_without_a_key(tiny_index: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    said = refused("--index", tiny_index, "--host", "0.0.0.0", "--keys", keys)  # noqa: S104  # it does not start
    assert "veille keys create" in said
    assert "--open" in said
    keys.write_text("{")
    assert "cannot be read" in refused("--index", tiny_index, "--require-key", "--keys", keys)


def test_too_many_requests(opened: Opened, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    tokens = [create_key(file, "one"), create_key(file, "two")]
    # Windows follow the clock, and what fell into the last one counts less and less: a minute may end on the way.
    with opened(rate_limit="3/day", require_key=True, keys=file) as client:
        one, two = ({"X-API-Key": token} for token in tokens)
        answers = [client.get(QUESTION, headers=one) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert answers[0].headers["ratelimit-policy"] == '"default";q=3;w=86400'
        assert re.fullmatch(r'"default";r=2;t=\d+', answers[0].headers["ratelimit"])
        assert 1 <= int(answers[3].headers["retry-after"]) <= 2 * 86400
        assert answers[3].json()["type"] == "urn:veille:problem:too-many-requests"
        # Another key has its own count, and so have those that guess.
        assert client.get(QUESTION, headers=two).status_code == 200
        guesses = [client.get(QUESTION, headers={"X-API-Key": f"guess {n}"}).status_code for n in range(5)]
        assert guesses == [401, 401, 401, 429, 429]
        assert client.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    ("proxies", "forwarded", "same"),
    [
        ("", ("1.1.1.1", "2.2.2.2"), True),  # anybody can write that header
        ("10.9.9.9", ("1.1.1.1", "2.2.2.2"), True),
        ("10.0.0.1", ("1.1.1.1", "2.2.2.2"), False),
        ("10.0.0.1", ("9.9.9.9, 1.1.1.1", "8.8.8.8, 1.1.1.1"), True),  # only the last was written by the proxy
        ("10.0.0.0/8", ("1.1.1.1, 10.0.0.7", "2.2.2.2, 10.0.0.7"), False),
        ("10.0.0.1", ("2001:db8::1", "2001:db8::2"), True),
        ("10.0.0.1", ("2001:db8::1", "2001:db8:0:1::1"), False),
        ("10.0.0.1", ("nonsense", "1.1.1.1"), False),
    ],
)
def test_whose_requests_are_counted(
    tiny_engine: SearchEngine, proxies: str, forwarded: tuple[str, str], same: bool
) -> None:
    from search_api.service.service import Service

    settings = Settings(index=tiny_engine.folder, rate_limit="1/hour", trusted_proxies=tuple(proxies.split()))
    app = create_app(Service(settings, tiny_engine))
    with TestClient(app, client=("10.0.0.1", 5)) as client:
        statuses = [client.get("/nowhere", headers={"X-Forwarded-For": value}).status_code for value in forwarded]
    assert statuses == [404, 429 if same else 404]


def test_headers_and_ids(opened: Opened) -> None:
    with opened() as client:
        for path in (QUESTION, "/nowhere", "/search", "/health/live", "/openapi.json", "/articles/none"):
            headers = client.get(path).headers
            assert {name: headers.get(name) for name in HEADERS} == HEADERS
            assert re.fullmatch("[0-9a-f]{16}", headers["x-request-id"])
        assert client.get(QUESTION, headers={"X-Request-ID": "a-1.b"}).headers["x-request-id"] == "a-1.b"
        for bad in ("", "a b", "x" * 129, "a\tb", 'a"', "<script>"):
            assert client.get(QUESTION, headers={"X-Request-ID": bad}).headers["x-request-id"] != bad


def test_pages_of_elsewhere_may_ask_only_where_they_are_named(opened: Opened) -> None:
    origin = {"Origin": "https://a.example"}
    with opened() as client:
        assert "access-control-allow-origin" not in client.get(QUESTION, headers=origin).headers
    with opened(cors_origins=("https://a.example",), require_key=True, api_key="e" * 32) as client:
        preflight = {**origin, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
        assert client.options("/search", headers=preflight).headers["access-control-allow-origin"] == origin["Origin"]
        refused_one = client.get(QUESTION, headers=origin)
        assert refused_one.status_code == 401
        assert refused_one.headers["access-control-allow-origin"] == origin["Origin"]
        other = client.get(QUESTION, headers={"Origin": "https://b.example"})
        assert "access-control-allow-origin" not in other.headers


def test_the_page_of_the_contract_loads_nothing(opened: Opened) -> None:
    with opened() as client:
        page = client.get("/docs")
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in page.text
        assert not re.search(r"(src|href)=\"?https?:", page.text)
        for path in client.get("/openapi.json").json()["paths"]:
            assert path in page.text


def test_an_answer_that_was_given_is_given_again(opened: Opened) -> None:
    with opened() as client:
        answers = [
            client.get(QUESTION),
            client.get(QUESTION),
            client.post("/search", json={"q": "qui menace Microsoft", "k": 1}),
        ]
        assert [answer.headers["x-veille-cache"] for answer in answers] == ["miss", "hit", "hit"]
        assert len({answer.content for answer in answers}) == 1
        for other in ("&lang=fr", "&passages=2", "&prefer=fr", "&since=2020-01-01"):
            assert client.get(f"{QUESTION}{other}").headers["x-veille-cache"] == "miss"
        text = client.get("/metrics").text
        assert 'veille_cache_total{outcome="hit"} 2.0' in text
        assert "veille_cache_entries 5.0" in text
    with opened(cache_entries=0) as client:
        assert [client.get(QUESTION).headers["x-veille-cache"] for _ in range(2)] == ["miss", "miss"]


def test_metrics(opened: Opened) -> None:
    with opened() as client:
        client.get(QUESTION)
        client.get("/articles/none")
        client.get("/x/../../etc")
        client.request("BREW", "/search")
        text = client.get("/metrics").text
    for line in (
        'veille_requests_total{method="GET",route="/search",status="200"} 1.0',
        'veille_requests_total{method="GET",route="/articles/{article_id:path}",status="404"} 1.0',
        'veille_requests_total{method="OTHER",route="/search",status="405"} 1.0',
        'veille_step_seconds_count{step="encode"} 1.0',
        'veille_step_seconds_count{step="retrieve"} 1.0',
        "veille_group_size_count 1.0",
        "veille_embeddings_total 1.0",
        "veille_waiting 0.0",
        "veille_reload_failing 0.0",
    ):
        assert line in text.splitlines()
    assert float(re.search(r"^veille_build_age_seconds (\S+)$", text, re.M)[1]) >= 0  # type: ignore[index]


def test_questions_are_not_logged_unless_debugging(opened: Opened, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "veille")
    with opened() as client:
        client.get("/search?q=secretly", headers={"X-Request-ID": "mine"})
        client.get("/search?q=secretly&k=0")
        client.post("/search", json={"q": "secretly"})
        records = [record for record in caplog.records if record.name == "veille.access"]
        assert [record.status for record in records] == [200, 400, 200]  # type: ignore[attr-defined]
        assert all(record.path == "/search" for record in records)  # type: ignore[attr-defined]
        assert "secretly" not in "".join(str(vars(record)) for record in caplog.records)
        caplog.set_level(logging.DEBUG, "veille.access")
        client.get("/search?q=secretly")
        assert "secretly" in caplog.records[-1].query_string  # type: ignore[attr-defined]


def test_lines_of_the_log_are_json_whatever_is_in_them() -> None:
    from search_api.service.logs import _Json, _Text, request_id

    named = request_id.set("mine")
    try:
        record = logging.makeLogRecord({"msg": "a\nb \u2028", "levelname": "INFO", "path": "/\x1b[0m\n"})
        line = _Json().format(record)
        assert json.loads(line)["request_id"] == "mine"
        assert json.loads(line)["path"] == "/\x1b[0m\n"
        assert line.isprintable()
        assert line.isascii()
        assert _Text().format(record).isprintable()
    finally:
        request_id.reset(named)


def test_longer_questions_where_they_are_wanted(opened: Opened) -> None:
    with opened(longest_query=10) as client:
        assert client.get("/search", params={"q": "a" * 10}).status_code == 200
        assert client.get("/search", params={"q": "a" * 11}).status_code == 400
    with opened(longest_query=3_000) as client:
        assert client.get("/search", params={"q": "a" * 2_500}).status_code == 200


def test_what_takes_too_long_is_given_up(opened: Opened) -> None:
    with opened(request_seconds=0.000001) as client:
        answer = client.get(QUESTION)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["type"] == "urn:veille:problem:timed-out"


def test_every_kind_of_problem_is_documented() -> None:
    text = Path("docs/http.md").read_text(encoding="utf-8")
    for name, _, status in kinds():
        assert f"| `{name}` | {status} |" in text


def test_every_setting_is_documented() -> None:
    text = Path("docs/http.md").read_text(encoding="utf-8")
    for name in Settings.model_fields:
        assert f"| `{name}` |" in text
