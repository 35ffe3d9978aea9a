"""The address at which clients reach a server behind a proxy: in feeds, permalinks and files."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from search_api.app import create_app
from search_api.configuration import load
from search_api.errors import SettingsError
from search_api.settings import Settings

PUBLIC = "https://news.example.org/veille"
PERMALINK = f"{PUBLIC}/?read=musk"


@pytest.fixture(scope="module")
def client(tiny_index: Path) -> Iterator[TestClient]:
    """Return what asks a server as a proxy does: over HTTP, by its inner name, with headers that nobody vouches for."""
    headers = {"X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "evil.example"}
    settings = Settings(index=tiny_index, public_url=PUBLIC)
    with TestClient(create_app(settings), base_url="http://inner:8000", headers=headers) as opened:
        yield opened


def test_the_links_of_a_feed(client: TestClient) -> None:
    for query, said in (("?q=qui+menace+Microsoft", "?q=qui+menace+Microsoft"), ("", "")):
        root = etree.fromstring(client.get(f"/feed{query}").content)
        links = {link.get("rel"): link.get("href") for link in root.iterfind("{*}link")}
        assert links == {"self": f"{PUBLIC}/feed{said}", "alternate": f"{PUBLIC}/{said}"}


def test_permalinks(client: TestClient) -> None:
    asked = {"q": "qui menace Microsoft", "k": 1}
    hit = client.get("/search", params=asked).json()["hits"][0]
    assert hit["citation"]["permalink"] == PERMALINK
    batch = client.post("/search/batch", json={"queries": [asked]}).json()["results"]
    assert batch[0]["hits"][0]["citation"]["permalink"] == PERMALINK
    similar = client.get("/articles/debian/similar", params={"k": 1}).json()["hits"][0]
    assert similar["citation"]["permalink"] == PERMALINK
    table = client.get("/search", params={**asked, "format": "csv"}).content.decode("utf-8-sig")
    assert [row["permalink"] for row in csv.DictReader(io.StringIO(table))] == [PERMALINK]
    assert f"url = {{{PERMALINK}}}" in client.get("/search", params={**asked, "format": "bibtex"}).text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (PUBLIC, f"{PUBLIC}/"),
        (f"{PUBLIC}//", f"{PUBLIC}/"),
        ("http://[::1]:8000", "http://[::1]:8000/"),
        ("HTTPS://news.example.org/%C3%A9/", "HTTPS://news.example.org/%C3%A9/"),
    ],
)
def test_an_address_ends_with_a_slash(given: str, kept: str) -> None:
    assert load({"index": "x", "public_url": given}, environment={}).settings.public_url == kept


@pytest.mark.parametrize(
    "given",
    ["", "news.example.org", "//news.example.org", "ftp://news.example.org", "javascript:alert(1)", "https://",
     "https:///veille", "https://a.example/?x=1", "https://a.example/?", "https://a.example/#x", "https://u:p@a.example/",
     "https://a.example:http/", "https://a.example:99999/", "https://a.example/a b", 'https://a.example/"', "https://é.example/",
     "https://a.example/\n"],
)  # fmt: skip
def test_what_is_none_is_refused(given: str) -> None:
    with pytest.raises(SettingsError, match="public_url"):
        load({"index": "x", "public_url": given}, environment={})


def test_it_is_shown(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "search_api", "serve", "--index", str(tmp_path), "--show-settings"]
    shown = subprocess.run([*command, "--public-url", PUBLIC], capture_output=True, text=True, check=True).stdout
    assert ["public_url", f"{PUBLIC}/", "flag"] in [line.split() for line in shown.splitlines()]
    refused = subprocess.run([*command, "--public-url", "there"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("veille: --public-url: public_url: it is no address of http or https")
