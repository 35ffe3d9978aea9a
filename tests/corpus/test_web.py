"""Addresses into articles: feeds and pages as real servers send them, well and badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from corpus.article import Article
from corpus.errors import SourceError
from corpus.fetching import Fetcher, FetchOptions, Validators
from corpus.fetching.memory import Remembered
from corpus.readers.web import AddressReading, is_address
from tests.website import Page, TurnedClock, Website

LONG = "Le fabricant annonce une nouvelle puce, deux fois plus rapide que celle de l'an dernier. "
RDF = b"<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>ITEM</r:RDF>"
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "content_text": "Une puce."}]}'
DATE = "Tue, 24 Nov 2026 10:00:00 GMT"
RSS, HTML = {"Content-Type": "application/rss+xml"}, {"Content-Type": "text/html; charset=utf-8"}

Read = Callable[..., tuple[list[Article], list[SourceError], AddressReading]]


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        yield opened


@pytest.fixture
def read(site: Website) -> Read:
    fetcher = Fetcher(FetchOptions(allow_private=True, attempts=1), clock=TurnedClock())

    def reading(
        path: str = "/feed", known: Remembered | None = None, follow: bool = False
    ) -> tuple[list[Article], list[SourceError], AddressReading]:
        done = AddressReading(site.url + path, fetcher, known or Remembered(), follow=follow)
        found = list(done.records())
        return (
            [one for one in found if isinstance(one, Article)],
            [one for one in found if isinstance(one, SourceError)],
            done,
        )

    return reading


def item(
    number: int, *, text: str = "Une puce.", link: str | None = "", date: str = "Tue, 24 Nov 2026 10:00:00 GMT"
) -> str:
    linked = "" if link is None else f"<link>{link or f'/{number}'}</link>"
    return (
        f"<item><title>Titre {number}</title>{linked}<guid isPermaLink='false'>g{number}</guid>"
        f"<pubDate>{date}</pubDate><description>{text}</description></item>"
    )


def rss(*items: str, **changed: object) -> Page:
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Journal</title>{"".join(items)}</channel></rss>'
    return Page(body.encode(), headers=RSS, **changed)  # type: ignore[arg-type]  # fields by name


def page(text: str = LONG * 3, title: str = "Titre de la page", head: str = "") -> Page:
    body = (
        f"<html lang='fr'><head><title>{title}</title>{head}</head><body><article><p>{text}</p></article></body></html>"
    )
    return Page(body.encode(), headers=HTML)


def test_a_feed(site: Website, read: Read) -> None:
    site.pages["/feed"] = rss(item(1), item(2, link=None), etag='"1"')
    (first, second), errors, done = read()
    assert (first.title, first.text, first.source) == ("Titre 1", "Une puce.", "Journal")
    assert (first.url, first.published, first.published_from) == (f"{site.url}/1", "2026-11-24T10:00:00Z", "feed")
    assert second.url is None
    assert errors == []
    assert done.seen.validators == Validators('"1"')
    again, _, later = read(known=done.seen)
    assert (again, later.unchanged, later.seen) == ([], 2, done.seen)


def test_only_what_is_new_or_changed_is_given(site: Website, read: Read) -> None:
    site.pages["/feed"] = rss(item(1), item(2))
    *_, before = read()
    site.pages["/feed"] = rss(item(3), item(2, text="Une puce corrigée."))
    articles, _, done = read(known=before.seen)
    assert [article.title for article in articles] == ["Titre 3", "Titre 2"]
    assert (done.new, done.unchanged) == (2, 0)
    # What left the feed is forgotten, not the other way round: the list does not grow for ever.
    assert len(done.seen.entries) == 2


@pytest.mark.parametrize(
    ("content", "content_type", "found"),
    [
        (
            b"\xef\xbb\xbf<?xml version='1.0'?><!-- <html> --><rss version='2'><channel>ITEM</channel></rss>",
            "text/html",
            1,
        ),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>ENTRY</feed>", "text/plain", 1),
        (b"<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>ENTRY</feed>", "", 1),
        (RDF, "x", 1),
        (JSON_FEED, "application/json", 1),
        (JSON_FEED, "text/plain", 1),
        (b"<rss version='2.0'><channel></channel></rss>", "application/rss+xml", 0),
        (b'{"data": []}', "application/json", "feed"),
        (b"", "application/rss+xml", "feed"),
        (b"<?xml version='1.0'?><sitemap/>", "application/xml", "feed"),
        (b"%PDF-1.7", "application/pdf", "content-type"),
        (b"\x00\x01\x02", "", "content-type"),
        (b"", "text/html", "no-text"),
        (b"<html><body></body></html>", "application/rss+xml", "no-text"),
        (b"<!--" * 1000, "text/html", "no-text"),
        (b"<!-- -->" * 500 + b"x", "image/png", "content-type"),
    ],
)
def test_feeds_and_pages_are_told_by_what_they_are(
    site: Website, read: Read, content: bytes, content_type: str, found: int | str
) -> None:
    body = content.replace(b"ITEM", item(1).encode()).replace(
        b"ENTRY", b"<entry><id>1</id><title>Titre</title><content>Une puce.</content></entry>"
    )
    site.pages["/feed"] = Page(body, headers={"Content-Type": content_type})
    articles, errors, done = read()
    if isinstance(found, int):
        assert (len(articles), errors) == (found, [])
    else:
        assert [error.kind for error in errors] == [found]
        assert done.failure is errors[0]
        assert done.seen.validators == Validators()


def test_a_page(site: Website, read: Read) -> None:
    site.pages["/p"] = page(head='<meta property="article:published_time" content="2026-11-20T08:00:00+01:00">')
    (article,), _, done = read("/p")
    assert (article.title, article.url, article.lang) == ("Titre de la page", f"{site.url}/p", "fr")
    assert (article.published, article.published_from) == ("2026-11-20T07:00:00Z", "metadata")
    assert read("/p", done.seen)[2].unchanged == 1


def test_the_charset_that_the_server_names(site: Website, read: Read) -> None:
    text = "Новый чип вдвое быстрее прошлогоднего, сообщил производитель в понедельник. " * 3
    body = f"<html><head><title>Чип</title></head><body><article><p>{text}</p></article></body></html>"
    site.pages["/p"] = Page(body.encode("koi8-r"), headers={"Content-Type": 'Text/HTML; Charset="KOI8-R"'})
    (article,), _, _ = read("/p")
    assert article.text == text.strip()
    assert article.lang == "ru"


def test_follow_takes_the_text_of_the_page(site: Website, read: Read) -> None:
    site.pages |= {"/feed": rss(item(1), item(2), item(3, link=None), etag='"1"'), "/1": page(), "/2": page()}
    articles, errors, done = read(follow=True)
    assert [article.text for article in articles] == [(LONG * 3).strip()] * 2 + ["Une puce."]
    assert [article.title for article in articles] == ["Titre 1", "Titre 2", "Titre 3"]
    assert {article.published_from for article in articles} == {"feed"}
    assert (errors, done.pages_missed, done.seen.validators) == ([], [], Validators('"1"'))
    assert [article.id for article in articles[:2]] == [article.id for article in read()[0][:2]]
    read(known=done.seen, follow=True)
    assert (site.asked("/feed"), site.asked("/1")) == (3, 1)


def test_the_date_of_a_page_counts_where_the_feed_has_none(site: Website, read: Read) -> None:
    site.pages["/feed"] = rss(item(1, date=""))
    site.pages["/1"] = page(head='<meta property="article:published_time" content="2026-11-20">')
    (article,), _, _ = read(follow=True)
    assert (article.published, article.published_from) == ("2026-11-20", "metadata")


def test_the_longer_text_counts(site: Website, read: Read) -> None:
    site.pages |= {"/feed": rss(item(1, text=LONG * 9)), "/1": page(LONG * 2)}
    (article,), _, _ = read(follow=True)
    assert article.text == (LONG * 9).strip()


def test_pages_that_fail(site: Website, read: Read) -> None:
    site.pages |= {
        "/robots.txt": Page(b"User-agent: *\nDisallow: /2\n"),
        "/feed": rss(
            *(item(n) for n in range(1, 6)), item(6, link="http://10.0.0.1:22/"), item(7, text=""), etag='"1"'
        ),
        "/1": Page(status=410),
        "/2": page(),
        "/3": Page(b"%PDF", headers={"Content-Type": "application/pdf"}),
        "/4": page(text=""),
        "/5": Page(status=302, headers={"Location": "/5"}),
    }
    articles, errors, done = read(follow=True)
    assert [article.text for article in articles] == ["Une puce."] * 6
    kinds = ["http-410", "robots", "content-type", "no-text", "redirects", "url", "http-404"]
    assert [missed.kind for missed in done.pages_missed] == kinds
    assert [error.kind for error in errors] == ["http-404"]
    # None of it may pass: nothing is asked for again.
    assert read(known=done.seen, follow=True)[2].seen == done.seen
    assert site.asked("/1") == 1


def test_a_page_that_fails_for_now_is_tried_again(site: Website, read: Read) -> None:
    site.pages |= {"/feed": rss(item(1), etag='"1"'), "/1": Page(status=503)}
    (article,), _, done = read(follow=True)
    assert article.text == "Une puce."
    assert done.seen.validators == Validators()
    site.pages["/1"] = page()
    (whole,), _, later = read(known=done.seen, follow=True)
    assert (whole.id, whole.text) == (article.id, (LONG * 3).strip())
    assert later.seen.validators == Validators('"1"')


def test_a_whole_text_is_not_replaced_by_a_beginning(site: Website, read: Read) -> None:
    site.pages |= {"/feed": rss(item(1)), "/1": page()}
    *_, done = read(follow=True)
    site.pages |= {"/feed": rss(item(1, text="Une puce corrigée.")), "/1": Page(status=500)}
    articles, _, later = read(known=done.seen, follow=True)
    assert articles == []
    assert later.seen.entries == done.seen.entries
    site.pages["/1"] = page(LONG * 4)
    (article,), _, _ = read(known=later.seen, follow=True)
    assert article.text == (LONG * 4).strip()


def test_entries_that_were_not_followed_are_followed_when_asked(site: Website, read: Read) -> None:
    site.pages |= {"/feed": rss(item(1), etag='"1"'), "/1": page()}
    *_, done = read()
    (article,), _, later = read(known=done.seen, follow=True)
    assert article.text == (LONG * 3).strip()
    # Not the other way round: what is whole stays whole.
    assert read(known=later.seen)[0] == []


def test_a_feed_that_fails_keeps_what_is_known(site: Website, read: Read) -> None:
    site.pages["/feed"] = rss(item(1), etag='"1"')
    *_, done = read()
    for broken in (Page(status=500), Page(b"garbage", headers=RSS), page("Nous revenons bientôt. " * 20)):
        site.pages["/feed"] = broken
        articles, errors, later = read(known=done.seen)
        assert (articles, len(errors)) == ([], 1)
        assert later.failure is errors[0]
        assert later.seen.entries == done.seen.entries


def test_an_entry_that_comes_twice_counts_once(site: Website, read: Read) -> None:
    site.pages["/feed"] = rss(item(1, text="La version nouvelle."), item(1, text="La version ancienne."))
    (article,), _, done = read()
    assert article.text == "La version nouvelle."
    assert read(known=done.seen)[0] == []


@pytest.mark.parametrize(
    ("source", "answer"),
    [("https://a.example", True), (" HTTP://a.example", True), ("a.jsonl", False), ("-", False), ("ftp://a", False)],
)
def test_addresses_are_told_from_files(source: str, answer: bool) -> None:
    assert is_address(source) is answer


@pytest.mark.parametrize(
    "content",
    [
        b"<html>" + b"<div>" * 50_000,
        b"<html>" + b"<a " * 50_000,
        b"<html><body><p>" + b"&#0;&#xD800;&bogus;\xff\xfe" * 1000,
        b"<html><head><title>" + b"x" * 200_000,
        b"<html><script>" + b"<!--" * 50_000,
        b"<html><meta charset='idna'><link rel=canonical href='http://[::1'><p>x",
        b"<html><base href='javascript:alert(1)'><p>" + b"y" * 300_000,
    ],
)
def test_hostile_pages_are_read_or_refused(site: Website, read: Read, content: bytes) -> None:
    site.pages |= {"/p": Page(content, headers=HTML), "/feed": rss(item(1, link="/p"))}
    articles, errors, _ = read("/p")
    assert len(articles) + len(errors) == 1
    assert {error.kind for error in errors} <= {"no-text", "html"}
    (followed,), errors, _ = read(follow=True)
    assert errors == []
    assert followed.title == "Titre 1"
