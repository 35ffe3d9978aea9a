"""`Entry`: what a feed says of an article, whichever format the feed has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.readers.markup import plain_text
from corpus.readers.record import to_article as record_to_article


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `link` is an absolute http(s) address; `published` is as parse_date writes it.

    `html` is the longest text that the feed gives, `text` the same where the feed gives it as plain text; `title`
    may hold HTML too. `guid` is how the feed calls the entry, `source` the title of the feed that it came from.
    """

    guid: str = ""
    link: str | None = None
    title: str = ""
    published: str | None = None
    html: str = ""
    text: str = ""
    source: str = ""
    lang: str = ""
    category: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


def to_article(entry: Entry, where: str) -> Article:
    """Return the article that the entry itself holds. Raises SourceError, kind "no-text", where it holds none."""
    text = entry.text or plain_text(entry.html)
    if not text.strip():
        remedy = "Read the page it links to, or leave it out"
        raise SourceError("the entry has no text of its own", remedy, where=where, kind="no-text")
    record = {
        **entry.metadata,
        "title": plain_text(entry.title),
        "text": text,
        "lang": entry.lang,
        "source": entry.source,
        "url": entry.link,
        "published": entry.published,
        "category": entry.category,
    }
    named = new_article_id(None, entry.source, entry.guid, "") if entry.guid and not entry.link else None
    return record_to_article(record, where, dated_by="feed", default_id=named)
