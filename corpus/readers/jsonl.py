"""JSON Lines: one article a line, keys as the fields of `Article`, other keys kept as metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers.record import to_article

BOM = b"\xef\xbb\xbf"


def read(file: Path, source: Path) -> Iterator[Article | SourceError]:
    """Yield an article or what is wrong with it for each line that is not blank; reads one line at a time."""
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                content = line.removeprefix(BOM) if number == 1 else line
                if content.strip():
                    yield _one(content, f"{file}:{number}")
    except OSError as error:
        yield SourceError(f"it cannot be read ({error.strerror})", where=str(file), kind="unreadable")


def _one(line: bytes, where: str) -> Article | SourceError:
    try:
        record = _parsed(line, where)
        return to_article(record, where, dated_by="record")
    except SourceError as error:
        return error


def _parsed(line: bytes, where: str) -> dict[str, Any]:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(
            f"it is not UTF-8 (byte {error.start + 1} of the line)", "Convert the file", where=where, kind="encoding"
        ) from error
    try:
        record = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        reason = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
        raise SourceError(
            f"it is not JSON ({reason})", "Write one JSON object a line", where=where, kind="json"
        ) from error
    if not isinstance(record, dict):
        raise SourceError(
            f"it is a JSON {type(record).__name__}, not an object",
            "Write one JSON object a line",
            where=where,
            kind="not-an-object",
        )
    return record


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
