"""HEAD wherever GET is, and what a path allows, from a real server on a real port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.search_api.serving import Server, running

FRAMING = ("content-type", "content-length")


@pytest.fixture(scope="module")
def server(tiny_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tiny_index, tmp_path_factory.mktemp("methods") / "log") as started:
        yield started


@pytest.mark.parametrize("path", ["/", "/health/live", "/openapi.json", "/articles/musk", "/nowhere", "/search?q="])
def test_head_is_get_without_its_content(server: Server, path: str) -> None:
    # On one connection: what would be left of an answer would stand where the next one begins.
    with httpx.Client(base_url=server.url) as client:
        head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code
    assert [head.headers[name] for name in FRAMING] == [get.headers[name] for name in FRAMING]
    assert not head.content
    assert get.content


def test_a_head_is_logged_and_counted_as_one(server: Server) -> None:
    assert httpx.head(f"{server.url}/stats").status_code == 200
    # The server comes to the second request when it is done with the first, its line in the log among it.
    assert 'method="HEAD",route="/stats",status="200"} 1.0' in httpx.get(f"{server.url}/metrics").text
    assert ("HEAD", "/stats", 200) in [(one.get("method"), one.get("path"), one.get("status")) for one in server.log()]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/search", "GET, HEAD, POST"),
        ("DELETE", "/articles/musk", "GET, HEAD"),
        ("GET", "/search/batch", "POST"),
        ("HEAD", "/search/batch", "POST"),
    ],
)
def test_what_a_path_allows_is_said(server: Server, method: str, path: str, allowed: str) -> None:
    answer = httpx.request(method, server.url + path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allowed
