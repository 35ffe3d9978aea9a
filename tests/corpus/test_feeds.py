"""RSS, Atom and JSON Feed: entries, their texts, dates and links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import feed


def rss(item: str, channel: str = "<title>Revue</title><language>fr</language>", before: str = "") -> bytes:
    spaces = (
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"'
    )
    return f'{before}<rss version="2.0" {spaces}><channel>{channel}<item>{item}</item></channel></rss>'.encode()


def entry(content: bytes, url: str | None = None) -> feed.Entry:
    (found,) = feed.entries(content, "feed", url=url)
    return found


def article(content: bytes) -> Article:
    (found,) = feed.parse(content, "feed")
    assert isinstance(found, Article), found
    return found


def test_an_entry_of_rss() -> None:
    found = entry(
        rss(
            "<title>Musk &amp;amp; &lt;i&gt;cie&lt;/i&gt;</title><link>/a b</link><guid>tag:1</guid>"
            "<pubDate>Thu, 20 Apr 2023 12:00:00 +0200</pubDate><dc:creator>Jeanne</dc:creator><category>ia</category>"
            "<category>droit</category><description>Court.</description>"
            "<content:encoded><![CDATA[<p>Un texte <script>x</script>long.</p><p>Fin.</p>]]></content:encoded>"
        ),
        url="https://revue.example/feed.xml",
    )
    assert found == feed.Entry(
        guid="tag:1",
        link="https://revue.example/a%20b",
        title="Musk &amp; <i>cie</i>",
        published="2023-04-20T10:00:00Z",
        html="<p>Un texte <script>x</script>long.</p><p>Fin.</p>",
        source="Revue",
        lang="fr",
        category="ia",
        metadata={"author": "Jeanne", "tags": ["ia", "droit"]},
    )
    made = feed.to_article(found, "feed")
    assert (made.title, made.text, made.published_from) == ("Musk & cie", "Un texte long.\n\nFin.", "feed")


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("<pubDate>Thu, 20 Apr 2023 12:00:00 EST</pubDate>", "2023-04-20T17:00:00Z"),
        ("<pubDate>2023-04-20</pubDate>", "2023-04-20"),
        ("<dc:date>2023-04-20T12:00:00+09:00</dc:date>", "2023-04-20T03:00:00Z"),
        ("<pubDate>20 Apr 2023 12:00</pubDate>", "2023-04-20T12:00:00Z"),
        ("<atom:updated>2023-04-20T12:00:00Z</atom:updated>", "2023-04-20T12:00:00Z"),
        ("<pubDate>soon</pubDate>", None),
        ("", None),
    ],
)
def test_dates(date: str, published: str | None) -> None:
    assert article(rss(f"<description>x</description>{date}")).published == published


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "", "http://[", "mailto:a@b.c"])
def test_links_lead_to_the_web_or_nowhere(link: str) -> None:
    found = entry(rss(f"<link>{link}</link><guid isPermaLink='false'>7</guid><description>x</description>"))
    assert found.link is None
    # Without an address its name in the feed tells it from others.
    assert len(feed.to_article(found, "feed").id) == 20


def test_an_entry_without_text_is_told_but_can_be_followed() -> None:
    content = rss("<title>Only a title</title><link>https://x.example/a</link>")
    assert entry(content).link == "https://x.example/a"
    (error,) = feed.parse(content, "feed")
    assert isinstance(error, SourceError)
    assert (error.kind, error.where) == ("no-text", "feed: entry 1")


def test_nothing_outside_the_feed_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("<rss version='2.0'><channel><item><description>secret</description></item></channel></rss>")
    with pytest.raises(SourceError):
        feed.entries(str(secret).encode(), "feed")
    outside = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    assert "secret" not in article(rss("<description>a &x; b</description>", before=outside)).text


def test_entities_that_multiply_stay_small() -> None:
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    bomb = rss("<description>ha &l9;</description>", before=f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>')
    assert sum(len(str(found)) for found in feed.parse(bomb, "feed")) < 10_000


def test_a_feed_that_is_not_well_formed_is_read_all_the_same() -> None:
    assert article(rss("<title>A & B</title><description>Text & more</description>")).text == "Text & more"


def test_json_feed() -> None:
    items = [
        {"id": 7, "external_url": "https://x.example/a", "content_text": "a < b\n\nc", "authors": [{"name": "N"}, 3]},
        {
            "id": "8",
            "url": "b",
            "content_html": "<p>x",
            "date_published": "2023-04-20T10:00:00+02:00",
            "tags": ["t", 1],
        },
        {"id": "9", "summary": "Short.", "date_published": 5, "language": "de"},
        "none",
    ]
    content = json.dumps(
        {
            "version": "https://jsonfeed.org/version/1",
            "title": "J",
            "home_page_url": "https://x.example/",
            "items": items,
        }
    ).encode()
    first, second, third = feed.parse(b"\xef\xbb\xbf" + content, "feed")
    assert isinstance(first, Article)
    assert (first.text, first.url, first.metadata) == ("a < b\n\nc", "https://x.example/a", {"author": "N"})
    assert isinstance(second, Article)
    assert (second.text, second.url, second.published) == ("x", "https://x.example/b", "2023-04-20T08:00:00Z")
    assert isinstance(third, Article)
    assert (third.text, third.lang, third.published, third.source) == ("Short.", "de", None, "J")


@pytest.mark.parametrize("content", [b"", b" \n", b"{}", b"{", b"[]", b"x", b"<html><p>x</p></html>", b"\xff\xfe\0"])
def test_what_is_no_feed(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        feed.entries(content, "feed")
    assert caught.value.kind == "feed"
