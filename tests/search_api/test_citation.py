"""Citations: what they say of a hit, and where their links lead."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, unquote

import pytest
from fastapi.testclient import TestClient

from corpus.article import Article
from indexer.build import build
from indexer.encoder import Encoder
from search_api import SearchEngine
from search_api.app import create_app
from search_api.citation import absolute, own_address, web_address, with_quotation


def test_every_hit_says_how_to_cite_it(engine: SearchEngine) -> None:
    info = engine.info()
    for results in (engine.search("security update", 20), engine.similar("musk-menace-microsoft", 5)):
        assert results.hits
        for hit in results:
            told, article = hit.highlight or hit.passages[0], engine.article(hit.article_id)
            cited = hit.citation
            assert (cited.build, cited.model, cited.revision) == (info.build, info.model, info.revision)
            assert cited.content_hash == article.content_hash
            assert article.text[cited.start : cited.end] == told.text
            assert cited.permalink.startswith("?read=" if article.url is None else f"{article.url}#:~:text=")


def test_the_hash_changes_with_what_the_article_says_alone(tmp_path: Path, encoder: Encoder) -> None:
    article = {"id": "a", "text": "Elon Musk menace Microsoft.", "lang": "fr", "url": "https://e.org/a"}
    hashes = []
    for text in (article["text"], article["text"], "Elon Musk menace Google."):
        (tmp_path / "a.jsonl").write_text(json.dumps({**article, "text": text}), encoding="utf-8")
        build([tmp_path / "a.jsonl"], tmp_path / "i", encoder=encoder, quiet=True, fresh=True)
        with SearchEngine.open(tmp_path / "i") as engine:
            hashes.append(engine.search("Musk")[0].citation.content_hash)
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_link_leads_to_the_words() -> None:
    assert with_quotation("https://e.org/a", "Musk, the well-known\nman & co.") == (
        "https://e.org/a#:~:text=Musk%2C%20the%20well%2Dknown%20man%20%26%20co."
    )
    assert with_quotation("https://e.org/a#top", "b") == "https://e.org/a#top:~:text=b"
    assert with_quotation("https://e.org/a#x:~:text=old", "b") == "https://e.org/a#x:~:text=b"
    assert with_quotation("https://e.org/a", " \n") == "https://e.org/a"


def test_long_quotations_are_given_by_their_ends() -> None:
    long = " ".join(f"word{number}" for number in range(200))
    assert with_quotation("https://e.org/", long).endswith(
        ":~:text=word0%20word1%20word2%20word3%20word4,word195%20word196%20word197%20word198%20word199"
    )
    start, _, end = unquote(with_quotation("https://e.org/", "微软" * 500)).partition("text=")[2].partition(",")
    assert (start, end) == ("微软" * 15, "微软" * 15)


@pytest.mark.parametrize(
    "url",
    [None, "", "javascript:alert(1)", "data:text/html,x", "//e.org/a", "e.org", "https://", "https://e.org/a b",
     "https://e.org/\n", 'https://e.org/"onload=', "ftp://e.org/", "http:\\\\e.org"],
)  # fmt: skip
def test_what_is_no_address_becomes_no_link(url: str | None) -> None:
    assert web_address(url) is None


@pytest.mark.parametrize("article_id", ["a", "a/../b?c=d#e&f", "https://e.org/ü", "é 中", "%2e"])
def test_an_article_without_a_page_is_shown_by_the_service(article_id: str) -> None:
    link = absolute(own_address(article_id), "http://localhost:8000/")
    assert link.startswith("http://localhost:8000/?read=")
    assert parse_qs(link.partition("?")[2]) == {"read": [article_id]}
    assert absolute(own_address(article_id), "") == ""


def test_over_http(engine: SearchEngine) -> None:
    with TestClient(create_app(engine)) as client:
        hit = client.get("/search", params={"q": "qui menace Microsoft", "k": 1}).json()["hits"][0]
        assert hit["citation"]["permalink"] == "?read=musk-menace-microsoft"
        assert hit["citation"]["start"] == hit["highlight"]["start"]
        assert len(hit["citation"]["content_hash"]) == 64
        shown = client.get("/" + hit["citation"]["permalink"])
        assert shown.status_code == 200
        assert "Elon Musk" in shown.text


def test_articles_hash_what_they_show() -> None:
    one = Article(id="a", text="b", url="https://e.org/?utm_source=x")
    assert one.content_hash == Article(id="other", text="b", url="https://e.org/").content_hash
