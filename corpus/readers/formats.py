"""The formats that are read, and which of them a file has: by its suffix, else by its content."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass

from corpus.errors import SourceError
from corpus.readers import feed, html, json_document, jsonl, parquet, table, text, warc
from corpus.readers.given import Given, Reader

HEAD = 1 << 16
FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|RDF)[\s>]")
PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
PAGE_WITHIN = 2048
PARQUET = b"PAR1"
WARC = b"WARC/"


@dataclass(frozen=True, slots=True)
class Format:
    """A format. `by_address`: its articles are known by their addresses, so that a later one replaces an earlier."""

    name: str
    suffixes: tuple[str, ...]
    read: Reader
    by_address: bool = False


JSON_LINES = Format("JSON Lines", (".jsonl", ".ndjson"), jsonl.read)
JSON = Format("JSON", (".json",), json_document.read)
TABLE = Format("CSV/TSV", (".csv", ".tsv"), table.read)
PARQUET_FILE = Format("Parquet", (".parquet",), parquet.read)
TEXT = Format("text", (".txt",), text.read)
MARKDOWN = Format("Markdown", (".md", ".markdown"), text.read)
HTML = Format("HTML", (".html", ".htm", ".xhtml"), html.read, by_address=True)
FEED_FILE = Format("feeds", (".rss", ".atom"), feed.read, by_address=True)
WARC_FILE = Format("WARC", (".warc",), warc.read, by_address=True)
FORMATS = (JSON_LINES, JSON, TABLE, PARQUET_FILE, TEXT, MARKDOWN, HTML, FEED_FILE, WARC_FILE)
BY_SUFFIX = {suffix: known for known in FORMATS for suffix in known.suffixes}
# Many things are called so: in a folder, content decides whether they are articles.
ANYTHING = (".json", ".xml")
KNOWN = ", ".join([*BY_SUFFIX, ".xml"]) + ", each also as .gz or .zst"


def format_of(given: Given) -> Format:
    """Return the format of a file that was named by itself. Raises SourceError, kind "format"; OSError."""
    found = BY_SUFFIX.get(given.suffix) or by_content(given.head(HEAD))
    if found is None:
        raise SourceError(
            f"its format is not known: {given.suffix or 'no suffix'}, and by its content it is neither JSON, "
            "a feed, HTML, WARC nor Parquet",
            f"Known are {KNOWN}",
            where=given.where,
            kind="format",
        )
    return found


def format_in_folder(given: Given) -> Format | None:
    """Return the format of a file that lies in a folder, None where it is to be passed over."""
    if given.suffix not in ANYTHING:
        return BY_SUFFIX.get(given.suffix)
    head = given.head(HEAD)
    key = json.dumps(given.options.columns.get("text", "text")).encode()
    if given.suffix == ".json":
        return JSON if b"jsonfeed.org/version" in head or key in head or b'"text"' in head else None
    return by_content(head)


def by_content(head: bytes) -> Format | None:
    """Return the format that a file begins like. Text and CSV begin like anything, and so are not found."""
    if head.startswith(PARQUET):
        return PARQUET_FILE
    if head.startswith(WARC):
        return WARC_FILE
    start = _ascii(head).lstrip()
    match start[:1]:
        case b"{":
            return JSON_LINES if _is_object(start.split(b"\n", 1)[0]) else JSON
        case b"[":
            return JSON
        case b"<":
            return _of_markup(start)
    return None


def _of_markup(start: bytes) -> Format | None:
    page = PAGE.search(start[:PAGE_WITHIN])
    found = FEED.search(start)
    if found and not (page and page.start() < found.start()):
        return FEED_FILE
    return HTML if page else None


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
