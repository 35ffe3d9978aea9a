"""Lists of feeds."""

from __future__ import annotations

import pytest

from corpus.errors import SourceError
from corpus.readers import opml

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0"><head><title>Veille</title></head><body>'


def listed(body: str, head: str = HEAD) -> list[str]:
    return opml.feeds(f"{head}{body}</body></opml>".encode(), "feeds.opml")


def test_feeds_in_nested_outlines_once_and_in_order() -> None:
    body = (
        '<outline text="Tech"><outline type="rss" text="A" xmlUrl=" https://a.example/feed "/>'
        '<outline text="Deeper"><outline text="B" xmlurl="http://b.example/?x=1&amp;y=2"/></outline></outline>'
        '<outline text="A again" xmlUrl="https://a.example/feed"/><outline text="a note"/>'
        '<outline text="C" XMLURL="feed://c.example/rss"/><outline text="D" xmlUrl="feed:https://d.example/é"/>'
    )
    assert listed(body) == [
        "https://a.example/feed",
        "http://b.example/?x=1&y=2",
        "http://c.example/rss",
        "https://d.example/é",
    ]


def test_other_encodings() -> None:
    content = (
        '<?xml version="1.0" encoding="iso-8859-1"?><opml><body><outline xmlUrl="http://x.example/é"/></body></opml>'
    )
    assert opml.feeds(content.encode("latin-1"), "x") == ["http://x.example/é"]
    assert opml.feeds(content.replace("iso-8859-1", "utf-16").encode("utf-16"), "x") == ["http://x.example/é"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no element found"),
        (b"not xml", "syntax error"),
        (b"<html><body></body></html>", "'html', not OPML"),
        (b'<rss><outline xmlUrl="http://a.example"/></rss>', "'rss', not OPML"),
        (b"<opml><body><outline xmlUrl='http://a.example'></body></opml>", "mismatched tag"),
        (b"<opml><body></body></opml>", "names no feed"),
        (b"<opml><body><outline text='x' url='http://a.example'/></body></opml>", "names no feed"),
        (b"<opml>\xff</opml>", "invalid token"),
    ],
)
def test_what_is_no_list_is_told(content: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=problem) as caught:
        opml.feeds(content, "feeds.opml")
    assert (caught.value.kind, caught.value.where) == ("opml", "feeds.opml")


def test_entities_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret"
    secret.write_text("http://secret.example")
    bomb = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(9))
    for declared in (bomb, f'<!ENTITY a SYSTEM "file://{secret}">', '<!ENTITY % a SYSTEM "http://127.0.0.1/">'):
        with pytest.raises(SourceError, match="declares entities"):
            listed('<outline xmlUrl="&a;"/>', f"<!DOCTYPE opml [{declared}]><opml><body>")


def test_outlines_nested_as_deep_as_they_like() -> None:
    with pytest.raises(SourceError, match="cannot be read as OPML"):
        opml.feeds(b"<opml><body>" + b"<outline>" * 300_000, "x")
    assert listed("<outline>" * 100_000 + '<outline xmlUrl="http://a.example"/>' + "</outline>" * 100_000) == [
        "http://a.example"
    ]
