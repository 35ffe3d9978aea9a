"""JSON Feed 1 and 1.1 (https://www.jsonfeed.org/version/1.1/): feedparser does not read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from corpus.article import parse_date
from corpus.readers.address import web_address
from corpus.readers.entry import Entry

VERSIONS = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/", "https://www.jsonfeed.org/version/")


def is_feed(record: Any) -> bool:
    """Say whether a JSON value is a JSON Feed."""
    return isinstance(record, dict) and _string(record, "version").startswith(VERSIONS)


def entries(feed: Mapping[str, Any], url: str | None) -> Iterator[Entry]:
    """Yield the entries; what is not of the type that the format asks for is passed over."""
    items = feed.get("items")
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict):
            yield _entry(item, feed, url)


def _entry(item: Mapping[str, Any], feed: Mapping[str, Any], url: str | None) -> Entry:
    base = _string(feed, "home_page_url") or url
    html, text = _string(item, "content_html"), _string(item, "content_text")
    return Entry(
        guid=_string(item, "id"),
        link=web_address(_string(item, "url") or _string(item, "external_url"), base),
        title=_string(item, "title"),
        published=_date(_string(item, "date_published") or _string(item, "date_modified")),
        html=html,
        text="" if html else text or _string(item, "summary"),
        source=_string(feed, "title"),
        lang=_string(item, "language") or _string(feed, "language"),
        metadata=dict(_kept(item, feed)),
    )


def _kept(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    given = item.get("authors") or item.get("author") or feed.get("authors") or feed.get("author")
    authors = given if isinstance(given, list) else [given]
    names = (_string(author, "name") for author in authors if isinstance(author, dict))
    if author := ", ".join(filter(None, names)):
        yield "author", author
    tags = item.get("tags")
    if isinstance(tags, list) and (texts := [tag for tag in tags if isinstance(tag, str)]):
        yield "tags", texts


def _string(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else str(value) if type(value) is int else ""


def _date(text: str) -> str | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
