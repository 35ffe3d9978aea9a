"""A mapping of keys and values into an article: shared by the formats."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from corpus import languages
from corpus.article import UNKNOWN_LANGUAGE, Article, new_article_id, parse_date
from corpus.errors import SourceError

FIELDS = ("id", "title", "text", "lang", "source", "url", "published", "category")
ALIASES = {
    "date": "published",
    "language": "lang",
    "publisher": "source",
    "link": "url",
}
SURROGATES = re.compile("[\ud800-\udfff]")
# Line breaks of all kinds become \n; other control characters can only do harm.
LINE_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
IDENTIFIED_BY = 2000
# Levels of metadata. JSON may nest deeper than Python can write again.
DEEPEST = 32


def to_article(record: Mapping[str, Any], where: str, *, dated_by: str, default_id: str | None = None) -> Article:
    """Return the article. Raises SourceError (at `where`) for what it lacks or what is wrong in it."""
    known = {name: record[name] for name in FIELDS if record.get(name) is not None}
    known |= {name: record[a] for a, name in ALIASES.items() if name not in known and record.get(a) is not None}
    text = _string(known, "text", where).strip("\n ")
    if not text.strip():
        raise SourceError(
            'it has no text ("text" is absent or empty)', "Add it or leave it out", where=where, kind="no-text"
        )
    title = " ".join(_string(known, "title", where).split())
    source = _string(known, "source", where)
    url = _string(known, "url", where) or None
    article_id = _string(known, "id", where) or default_id or new_article_id(url, source, title, text)
    return Article(
        id=article_id,
        text=text,
        title=title,
        lang=_lang(_string(known, "lang", where), f"{title}\n{text}"),
        source=source,
        url=url,
        published=_date(known, where),
        category=_string(known, "category", where) or None,
        published_from=dated_by if "published" in known else None,
        metadata={
            clean(str(key)): _plain(value, where) for key, value in record.items() if key not in {*FIELDS, *ALIASES}
        },
    )


def named(record: Mapping[str, Any], columns: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the record with the values of chosen columns under the names of their fields.

    A record without such a column keeps what it has under the field's own name.
    """
    chosen = {field: record[column] for field, column in columns.items() if column in record}
    if not chosen:
        return record
    used = {columns[field] for field in chosen}
    return {key: value for key, value in record.items() if key not in used} | chosen


def clean(text: str) -> str:
    """Return `text` without lone surrogates and control characters, one newline for every kind of line break."""
    text = CONTROLS.sub(" ", LINE_BREAKS.sub("\n", text))
    return SURROGATES.sub("\ufffd", text)


def _string(record: Mapping[str, Any], name: str, where: str) -> str:
    value = record.get(name, "")
    if isinstance(value, int) and not isinstance(value, bool) and name in {"id", "published"}:
        value = str(value)
    if not isinstance(value, str):
        raise SourceError(
            f'"{name}" is a {type(value).__name__}, not a string', "Put it in quotes", where=where, kind="field"
        )
    return clean(value)


def _date(record: Mapping[str, Any], where: str) -> str | None:
    text = _string(record, "published", where)
    if not text.strip():
        return None
    try:
        return parse_date(text)
    except ValueError as error:
        raise SourceError(
            str(error), "Write it as 2023-04-20 or 2023-04-20T10:00:00Z", where=where, kind="date"
        ) from error


def _lang(tag: str, text: str) -> str:
    given = languages.normalise(tag) if tag.strip() else UNKNOWN_LANGUAGE
    return given if given != UNKNOWN_LANGUAGE else languages.identify(text[:IDENTIFIED_BY])


def _plain(value: Any, where: str, depth: int = 0) -> Any:
    """Return a JSON value with clean strings; anything else than JSON as its text."""
    if depth > DEEPEST:
        problem = f"its metadata are nested more than {DEEPEST} deep"
        raise SourceError(problem, "Flatten them", where=where, kind="nested")
    match value:
        case float() if not math.isfinite(value):
            return None  # JSON has no such number
        case None | bool() | int() | float():
            return value
        case str():
            return clean(value)
        case list() | tuple():
            return [_plain(part, where, depth + 1) for part in value]
        case dict():
            return {clean(str(key)): _plain(part, where, depth + 1) for key, part in value.items()}
        case _:
            return clean(value.isoformat() if hasattr(value, "isoformat") else str(value))
