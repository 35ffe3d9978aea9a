"""RSS, Atom and JSON Feed: one article an entry."""

from __future__ import annotations

import codecs
import io
import json
import logging
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from corpus.article import parse_date
from corpus.errors import SourceError
from corpus.readers import jsonfeed
from corpus.readers.address import web_address
from corpus.readers.entry import Entry, to_article
from corpus.readers.given import Found, Given

__all__ = ["Entry", "articles", "entries", "parse", "read", "to_article"]

LARGEST_FEED = 100_000_000
logging.getLogger("feedparser").addHandler(logging.NullHandler())


def read(given: Given) -> Iterator[Found]:
    """Yield the article of each entry of a file, or what is wrong with it."""
    return parse(given.whole(LARGEST_FEED), given.where, url=given.url)


def parse(content: bytes, where: str, *, url: str | None = None) -> Iterator[Found]:
    """Yield the article of each entry, or what is wrong with it; one error where this is no feed."""
    try:
        found = entries(content, where, url=url)
    except SourceError as error:
        yield error
        return
    yield from articles(found, where)


def articles(found: Iterable[Entry], where: str) -> Iterator[Found]:
    """Yield the article of each entry, or what is wrong with it."""
    for number, entry in enumerate(found, 1):
        try:
            yield to_article(entry, f"{where}: entry {number}")
        except SourceError as error:
            yield error


def entries(content: bytes, where: str, *, url: str | None = None) -> list[Entry]:
    """Return the entries in the order of the feed; `url` is where it was read, for links that are relative.

    Raises SourceError of kind "feed" where it is none, "too-large".
    """
    if len(content) > LARGEST_FEED:
        problem = f"the feed has {len(content):,} bytes, more than {LARGEST_FEED:,}"
        raise SourceError(problem, "Split it", where=where, kind="too-large")
    if not content.strip():
        raise _no_feed(where, "it is empty")
    if content.lstrip(codecs.BOM_UTF8 + b" \t\r\n").startswith(b"{"):
        return _of_json(content, where, url)
    try:
        return _of_xml(content, where, url)
    except SourceError:
        raise
    except Exception as error:  # hostile markup reaches corners of libraries that raise anything
        raise _no_feed(where, type(error).__name__) from error


def _of_json(content: bytes, where: str, url: str | None) -> list[Entry]:
    try:
        feed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_feed(where, f"its JSON cannot be read: {error}") from error
    if not jsonfeed.is_feed(feed):
        raise _no_feed(where, "its JSON has no version of JSON Feed")
    return list(jsonfeed.entries(feed, url))


def _of_xml(content: bytes, where: str, url: str | None) -> list[Entry]:
    import feedparser

    # Bytes or a string would be taken for the name of a file, or an address, that feedparser then opens.
    feed = feedparser.parse(
        io.BytesIO(content),
        resolve_relative_uris=False,
        sanitize_html=False,
        response_headers={"content-location": url} if url else None,
    )
    if not feed.version:
        raise _no_feed(where, str(feed.get("bozo_exception", "")))
    return [_entry(item, feed.feed, url) for item in feed.entries]


def _entry(item: dict[str, Any], feed: dict[str, Any], url: str | None) -> Entry:
    # feedparser's own get answers "updated" for "published" with a warning; dict's does not.
    known = partial(dict.get, item)
    tags = [term for tag in known("tags") or () if (term := tag.get("term"))]
    metadata = {"author": known("author"), "tags": tags}
    best = _longest(item)
    value = best.get("value") or ""
    plain = best.get("type") == "text/plain" and "<" not in value
    origin = (known("source") or {}).get("title") or feed.get("title") or ""
    return Entry(
        guid=known("id") or "",
        link=web_address(known("link"), url),
        title=known("title") or "",
        published=_date(item),
        html="" if plain else value,
        text=value if plain else "",
        source=" ".join(origin.split()),
        lang=known("language") or best.get("language") or feed.get("language") or "",
        category=tags[0] if tags else None,
        metadata={key: kept for key, kept in metadata.items() if kept},
    )


def _longest(item: dict[str, Any]) -> dict[str, Any]:
    """Return the longest of an entry's texts, with its type and language."""
    given = [*(dict.get(item, "content") or ()), dict.get(item, "summary_detail") or {}]
    return max(given, key=lambda detail: len(detail.get("value") or ""))


def _date(item: dict[str, Any]) -> str | None:
    for name in ("published", "created", "updated"):
        try:
            # As it is written first: a day stays a day.
            return parse_date(dict.get(item, name) or "")
        except ValueError:
            if parsed := dict.get(item, f"{name}_parsed"):
                return _moment(parsed)
    return None


def _moment(parsed: time.struct_time) -> str | None:
    try:
        return parse_date(datetime(*parsed[:6], tzinfo=UTC).isoformat())
    except ValueError:
        return None


def _no_feed(where: str, reason: str) -> SourceError:
    problem = "it is no feed" + (f" ({reason})" if reason else "")
    return SourceError(problem, "Give an RSS, Atom or JSON Feed", where=where, kind="feed")
