"""JSON Lines: one article a line, keys as the fields of `Article`, other keys kept as metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NoReturn

from corpus.errors import SourceError
from corpus.readers.given import LARGEST_RECORD, Found, Given
from corpus.readers.record import named, to_article

BOM = b"\xef\xbb\xbf"


def read(given: Given) -> Iterator[Found]:
    """Yield an article or what is wrong with it for each line that is not blank; reads one line at a time."""
    with given.open() as stream:
        yield from of_lines(stream, given.where, given.options.columns)


def of_lines(stream: BinaryIO, where: str, columns: Mapping[str, str]) -> Iterator[Found]:
    """Yield an article or what is wrong with it for each line that is not blank."""
    number = 0
    while line := stream.readline(LARGEST_RECORD):
        number += 1
        place = f"{where}:{number}"
        if len(line) == LARGEST_RECORD and not line.endswith(b"\n"):
            _pass_over_line(stream)
            problem = f"the line has more than {LARGEST_RECORD:,} bytes"
            yield SourceError(problem, "Leave it out", where=place, kind="too-large")
            continue
        content = line.removeprefix(BOM) if number == 1 else line
        if content.strip():
            yield _one(content, place, columns)


def _pass_over_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(1 << 20)) and not rest.endswith(b"\n"):
        pass


def _one(line: bytes, where: str, columns: Mapping[str, str]) -> Found:
    try:
        return to_article(named(_parsed(line, where), columns), where, dated_by="record")
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
        record = json.loads(text, parse_constant=refuse)
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


def refuse(name: str) -> NoReturn:
    """Raise ValueError for NaN and the infinities, which Python would read."""
    raise ValueError(f"{name} is not JSON")
