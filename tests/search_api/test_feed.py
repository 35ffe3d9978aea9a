"""A standing question as an Atom feed: valid, stable, safe, and read again by Veille itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import etree

from corpus.article import Article
from corpus.readers import feed as feed_reader
from indexer.build import build
from indexer.encoder import Encoder
from search_api import SearchEngine
from search_api.app import create_app
from tests.search_api.serving import LINES, TEXTS, write_articles

ATOM = "{http://www.w3.org/2005/Atom}"
NAMES = {"atom": "http://www.w3.org/2005/Atom"}
# The Schematron rules of RFC 4287, appendix B: what must stand beside each of these.
RULES = {
    "//atom:feed": "atom:author or not(atom:entry[not(atom:author)])",
    "//atom:entry": "atom:link[@rel='alternate'] or atom:link[not(@rel)] or atom:content",
    "//atom:entry[1 = 1]": "atom:author or ../atom:author or atom:source/atom:author",
}
HOSTILE = {
    "id": "hostile]]>",
    "title": 'Microsoft <script>alert("1")</script> & \u0007co\ufffe',
    "text": "Elon Musk menace de poursuivre Microsoft en <b>justice</b>.",
    "lang": "fr",
    "source": "A & B",
    "category": "<i>",
    "url": "https://example.org/?a=1&b=2",
    "published": "2023-05-01T10:00:00Z",
}
MORE: tuple[dict[str, Any], ...] = (
    HOSTILE,
    {"id": "script", "text": "Musk menace encore Microsoft.", "lang": "fr", "published": "2023-05-02"},
    {"id": "undated", "text": "Musk menace toujours Microsoft.", "lang": "fr"},
)


def parsed(content: bytes) -> etree._Element:
    """Return a feed that is valid against the grammar of RFC 4287 and its rules."""
    root = etree.fromstring(content)
    etree.RelaxNG(etree.parse(Path("tests/data/atom/atom.rng"))).assertValid(root)
    for path, rule in RULES.items():
        assert all(
            element.xpath(f"boolean({rule})", namespaces=NAMES) for element in root.xpath(path, namespaces=NAMES)
        )
    return root


def ids(content: bytes) -> list[str]:
    return [str(entry.findtext(f"{ATOM}id")) for entry in parsed(content).iter(f"{ATOM}entry")]


@pytest.fixture(scope="module")
def client(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a server over five articles."""
    folder = tmp_path_factory.mktemp("feed")
    build([write_articles(folder / "a.jsonl", *MORE)], folder / "index", encoder=encoder, quiet=True)
    with TestClient(create_app(folder / "index"), base_url="http://news.example") as opened:
        yield opened


def test_newest_first_and_what_each_says(client: TestClient) -> None:
    answer = client.get("/feed", params={"q": "qui menace Microsoft"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml"
    root = parsed(answer.content)
    assert root.findtext(f"{ATOM}title") == "Veille: qui menace Microsoft"
    assert root.findtext(f"{ATOM}updated") == "2023-05-02T00:00:00Z"
    links = {link.get("rel"): link.get("href") for link in root.iterfind(f"{ATOM}link")}
    assert links == {
        "self": "http://news.example/feed?q=qui+menace+Microsoft",
        "alternate": "http://news.example/?q=qui+menace+Microsoft",
    }
    entries = root.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}published") for entry in entries] == [
        "2023-05-02T00:00:00Z",
        "2023-05-01T10:00:00Z",
        "2023-04-20T00:00:00Z",
    ]
    assert {entry.get("{http://www.w3.org/XML/1998/namespace}lang") for entry in entries} == {"fr"}
    assert entries[2].findtext(f"{ATOM}content") == TEXTS[0]
    assert entries[2].findtext(f"{ATOM}author/{ATOM}name") == LINES[0]["source"]


def test_hostile_text_is_text_and_only_web_addresses_are_links(client: TestClient) -> None:
    content = client.get("/feed", params={"q": "qui menace Microsoft", "source": "A & B"}).content
    assert b"<script" not in content
    assert b"<b>" not in content
    (entry,) = parsed(content).iterfind(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == 'Microsoft <script>alert("1")</script> & co'
    assert entry.findtext(f"{ATOM}summary") == HOSTILE["text"]
    assert entry.find(f"{ATOM}category").get("term") == "<i>"
    assert [link.get("href") for link in entry.iterfind(f"{ATOM}link")] == [HOSTILE["url"]]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "https://example.org/a b", "HTTP//x", None])
def test_what_is_no_web_address_is_not_linked(url: str | None) -> None:
    from indexer.filter import Filter
    from search_api.atom import feed
    from search_api.news import News, Story

    article = Article(id="x", text="Text.", url=url, published="2023-05-02")
    news = News("x\x00\ud800", Filter(), "b", (Story(article, "Text.", "2023-05-02T00:00:00Z"),))
    root = parsed(feed(news, itself='http://x/feed?q="<', page="http://x/"))
    (entry,) = root.iterfind(f"{ATOM}entry")
    assert entry.find(f"{ATOM}link") is None
    assert entry.findtext(f"{ATOM}content") == "Text."
    assert "{http://www.w3.org/XML/1998/namespace}lang" not in entry.attrib


def test_without_a_question_everything_with_a_date(client: TestClient) -> None:
    root = parsed(client.get("/feed").content)
    assert root.findtext(f"{ATOM}title") == "Veille"
    assert len(root.findall(f"{ATOM}entry")) == 4
    assert len(parsed(client.get("/feed?lang=en").content).findall(f"{ATOM}entry")) == 1


def test_an_empty_feed(client: TestClient) -> None:
    answer = client.get("/feed", params={"q": "wie kocht man Reis"})
    assert "Last-Modified" not in answer.headers
    assert parsed(answer.content).find(f"{ATOM}entry") is None


def test_nothing_new_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/feed", params={"q": "qui menace Microsoft"})
    assert first.headers["Last-Modified"] == "Tue, 02 May 2023 00:00:00 GMT"
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/feed", params={"q": "qui menace Microsoft"}, headers={"If-None-Match": asked})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    for asked in ('"other"', tag.strip('"'), ""):
        again = client.get("/feed", params={"q": "qui menace Microsoft"}, headers={"If-None-Match": asked})
        assert (again.status_code, again.content) == (200, first.content)


def test_what_cannot_be_asked(client: TestClient) -> None:
    for asked in ("q=%20", "since=soon", "lang=xx", "k=3", "by=day"):
        answer = client.get(f"/feed?{asked}")
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_ids_and_tags_outlast_builds_and_servers(client: TestClient, encoder: Encoder, tmp_path: Path) -> None:
    before = client.get("/feed", params={"q": "qui menace Microsoft"})
    source, index = tmp_path / "other.jsonl", tmp_path / "index"
    late = {"id": "later", "text": "Musk menace de nouveau Microsoft.", "lang": "fr", "published": "2023-06-01"}
    build([write_articles(source, *reversed(MORE))], index, encoder=encoder, quiet=True)
    with TestClient(create_app(index), base_url="http://news.example") as other:
        same = other.get("/feed", params={"q": "qui menace Microsoft"})
        assert same.headers["X-Veille-Build"] != before.headers["X-Veille-Build"]
        assert (same.content, same.headers["ETag"]) == (before.content, before.headers["ETag"])
    build([write_articles(source, *MORE, late)], index, encoder=encoder, quiet=True)
    with TestClient(create_app(index), base_url="http://elsewhere.example") as other:
        after = other.get("/feed", params={"q": "qui menace Microsoft"})
        assert ids(after.content)[1:] == ids(before.content)
        assert after.headers["ETag"] != before.headers["ETag"]
        assert parsed(after.content).findtext(f"{ATOM}id") == parsed(before.content).findtext(f"{ATOM}id")


def test_a_changed_article_is_updated(encoder: Encoder, tmp_path: Path) -> None:
    source, index = tmp_path / "a.jsonl", tmp_path / "index"
    build([write_articles(source, HOSTILE)], index, encoder=encoder, quiet=True)
    changed = {**HOSTILE, "text": HOSTILE["text"] + " Il le dit aussi à la presse."}
    build([write_articles(source, changed)], index, encoder=encoder, quiet=True)
    with SearchEngine.open(index) as engine:
        stories = {story.article.id: story for story in engine.newest().stories}
        (revision,) = engine.revisions(HOSTILE["id"])
    assert stories[HOSTILE["id"]].updated == revision.replaced
    assert stories["musk"].updated == "2023-04-20T00:00:00Z"


def test_a_story_is_its_earliest_article(engine: SearchEngine) -> None:
    query = "When was Debian 7.0 released?"
    news, coverage = engine.newest(query, 1_000), engine.coverage(query)
    assert len(news.stories) == coverage.stories - coverage.undated
    assert len(engine.newest(query, 1_000, group=False).stories) == coverage.articles
    dates = [story.article.published or "" for story in news.stories]
    assert dates == sorted(dates, reverse=True)
    assert [bucket.start for bucket in coverage.buckets] == sorted({date[:7] for date in dates})
    assert len(engine.newest(query, 2).stories) == 2


def test_the_feed_of_one_veille_is_a_source_of_another(client: TestClient) -> None:
    content = client.get("/feed", params={"q": "qui menace Microsoft"}).content
    found = [article for article in feed_reader.parse(content, "feed") if isinstance(article, Article)]
    assert len(found) == 3
    read = {article.url: article for article in found}[HOSTILE["url"]]
    assert (read.lang, read.source, read.published) == ("fr", "A & B", "2023-05-01T10:00:00Z")
    assert read.text.startswith("Elon Musk menace de poursuivre Microsoft en")
