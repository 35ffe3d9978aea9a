"""The formats that are read, and which of them a file has: by its suffix, else by its content."""

from __future__ import annotations

import codecs
import json
import re

from corpus.errors import SourceError
from corpus.readers import feed, html, json_document, jsonl, parquet, table, text, warc
from corpus.readers.given import Given, Reader

HEAD = 1 << 16
FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
PAGE_WITHIN = 2048
PARQUET = b"PAR1"
WARC = b"WARC/"


READERS: dict[str, Reader] = {
    ".jsonl": jsonl.read,
    ".ndjson": jsonl.read,
    ".json": json_document.read,
    ".csv": table.read,
    ".tsv": table.read,
    ".parquet": parquet.read,
    ".txt": text.read,
    ".md": text.read,
    ".markdown": text.read,
    ".html": html.read,
    ".htm": html.read,
    ".xhtml": html.read,
    ".rss": feed.read,
    ".atom": feed.read,
    ".warc": warc.read,
}
# Many things are called so: in a folder, content decides whether they are articles.
ANYTHING = (".json", ".xml")
KNOWN = ", ".join([*READERS, ".xml"]) + ", each also as .gz or .zst"


def reader_of(given: Given) -> Reader:
    """Return what reads a file that was named by itself. Raises SourceError, kind "format"; OSError."""
    found = READERS.get(given.suffix) or by_content(given.head(HEAD))
    if found is None:
        raise SourceError(
            f"its format is not known: {given.suffix or 'no suffix'}, and by its content it is neither JSON, "
            "a feed, HTML, WARC nor Parquet",
            f"Known are {KNOWN}",
            where=given.where,
            kind="format",
        )
    return found


def reader_in_folder(given: Given) -> Reader | None:
    """Return what reads a file that lies in a folder, None where it is to be passed over."""
    if given.suffix not in ANYTHING:
        return READERS.get(given.suffix)
    head = given.head(HEAD)
    key = json.dumps(given.options.columns.get("text", "text")).encode()
    if given.suffix == ".json":
        return json_document.read if b"jsonfeed.org/version" in head or key in head or b'"text"' in head else None
    return by_content(head)


def by_content(head: bytes) -> Reader | None:
    """Return what reads a file that begins so, None where nothing does; text and CSV begin like anything."""
    if head.startswith(PARQUET):
        return parquet.read
    if head.startswith(WARC):
        return warc.read
    start = _ascii(head).lstrip()
    match start[:1]:
        case b"{":
            first, _, others = start.partition(b"\n")
            return jsonl.read if others.strip() and _is_object(first) else json_document.read
        case b"[":
            return json_document.read
        case b"<":
            return _of_markup(start)
    return None


def _of_markup(start: bytes) -> Reader | None:
    page = PAGE.search(start[:PAGE_WITHIN])
    found = FEED.search(start)
    if found and not (page and page.start() < found.start()):
        return feed.read
    return html.read if page else None


def _ascii(head: bytes) -> bytes:
    """Return enough of UTF-16 for what is looked for."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(codecs.BOM_UTF8)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
