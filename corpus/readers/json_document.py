"""A .json file: a JSON Feed, a list of articles (bare, or as "articles" of an object), one article, or JSON Lines."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from corpus.errors import SourceError
from corpus.readers import feed, jsonfeed
from corpus.readers.given import Found, Given
from corpus.readers.jsonl import of_lines, refuse
from corpus.readers.record import named, to_article

LARGEST = 512 << 20


def read(given: Given) -> Iterator[Found]:
    """Yield the articles and what is wrong with others. The file is read as a whole."""
    content = given.whole(LARGEST)
    try:
        value = json.loads(content, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            yield from of_lines(io.BytesIO(content), given.where, given.options.columns)
            return
        problem = f"it is not JSON ({error})" if isinstance(error, json.JSONDecodeError) else "it is not JSON"
        raise SourceError(problem, "Write it again", where=given.where, kind="json") from error
    if jsonfeed.is_feed(value):
        yield from feed.articles(jsonfeed.entries(value, given.url), given.where)
        return
    records = value.get("articles", [value]) if isinstance(value, dict) else value
    if not isinstance(records, list):
        raise _no_articles(given.where)
    for number, record in enumerate(records, 1):
        yield _one(record, given, f"{given.where}: article {number}")


def _one(record: Any, given: Given, where: str) -> Found:
    if not isinstance(record, dict):
        return _no_articles(where)
    try:
        return to_article(named(record, given.options.columns), where, dated_by="record")
    except SourceError as error:
        return error


def _no_articles(where: str) -> SourceError:
    remedy = "Give a list of objects with text, or one"
    return SourceError("it is no article: not a JSON object", remedy, where=where, kind="not-an-object")
