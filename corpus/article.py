"""What an article is."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from corpus.urls import canonical_url

UNKNOWN_LANGUAGE = "und"
SHOWN = ("title", "text", "lang", "source", "url", "published", "category")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of one outlet. `text` is plain text; offsets of passages are code points into it.

    `lang` is ISO 639-1 or "und"; `published` is ISO 8601, a day or a UTC second; `published_from` says where the
    date came from: "record", "front-matter", "feed"; of HTML, "metadata" or "page"; `metadata` holds what a
    record had besides. `origin` is the file or address that it was read from, which is nobody's to see.
    """

    id: str
    text: str
    title: str = ""
    lang: str = UNKNOWN_LANGUAGE
    source: str = ""
    url: str | None = None
    published: str | None = None
    category: str | None = None
    published_from: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    origin: str = field(default="", compare=False)

    @property
    def content_hash(self) -> str:
        """Return SHA-256 (hex) of everything that is embedded or shown; of the url what names the page."""
        shown = {name: getattr(self, name) for name in SHOWN} | {"url": self.url and canonical_url(self.url)}
        canonical = json.dumps([*shown.values(), dict(self.metadata)], sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_record(self) -> dict[str, Any]:
        """Return all fields as JSON can hold them: Article(**record) is the same again."""
        return asdict(self) | {"metadata": dict(self.metadata)}


def parse_date(text: str) -> str:
    """Return "YYYY-MM-DD" for a day, "YYYY-MM-DDTHH:MM:SSZ" (UTC) for a moment. Raises ValueError.

    Reads ISO 8601 and RFC 2822. A moment without a zone is taken as UTC; a month or a year alone is
    refused, since a filter by date could not tell on which side of it the article lies.
    """
    text = text.strip()
    if re.fullmatch(r"\d{4}-?\d{2}-?\d{2}", text):
        return date.fromisoformat(text).isoformat()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError) as error:
            raise ValueError(f"{text[:60]!r} is not a date") from error
    if re.fullmatch(r"\d{4}-?W\d{2}(-?\d)?", text):
        return moment.date().isoformat()
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    try:
        # strftime would write the year 987 with three digits.
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    except OverflowError as error:
        raise ValueError(f"{text[:60]!r} is not a date") from error


def new_article_id(url: str | None, source: str, title: str, text: str) -> str:
    """Return an id, 20 hex digits, for an article that has none: from its url, else from what it says."""
    facts = ["url", canonical_url(url)] if url else ["text", source, title, text]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:20]
