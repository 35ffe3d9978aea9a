"""WARC archives (ISO 28500): one article an HTML page that was fetched with success."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from corpus.article import Article, parse_date
from corpus.errors import SourceError
from corpus.readers import html
from corpus.readers.address import web_address
from corpus.readers.dates import dated_by
from corpus.readers.given import Found, Given

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

PAGES = ("text/html", "application/xhtml+xml")
CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
SUCCESS = "200"


@dataclass(frozen=True, slots=True)
class _Capture:
    url: str
    fetched: str
    charset: str | None


def read(given: Given) -> Iterator[Found]:
    """Yield the article of each page, or what is wrong with it; of an address that was fetched again, the last capture.

    Other records (requests, revisits, other types, other status codes, earlier captures) are passed over and counted.
    The file is read twice: the first time only for the addresses.
    """
    last = _last_captures(given)
    for number, record in enumerate(_records(given)):
        capture = _capture(record)
        if isinstance(capture, str):
            given.report.pass_over(capture)
        elif last.get(capture.url) != number:
            given.report.pass_over("warc-earlier-capture")
        else:
            yield _article(record, capture, given)


def _last_captures(given: Given) -> dict[str, int]:
    """Return the number of the record with the last capture of each address."""
    last: dict[str, tuple[str, int]] = {}
    try:
        for number, record in enumerate(_records(given)):
            if not isinstance(capture := _capture(record), str):
                last[capture.url] = max(last.get(capture.url, ("", 0)), (capture.fetched, number))
    except SourceError:
        pass  # the second reading stops at the same place, and says so
    return {url: number for url, (_, number) in last.items()}


def _records(given: Given) -> Iterator[ArcWarcRecord]:
    from warcio.archiveiterator import ArchiveIterator

    with given.open() as stream:
        records = ArchiveIterator(stream)
        records.INC_RECORD = ""  # a warning that warcio would print
        while True:
            try:
                record = next(records, None)
            except (SourceError, OSError):
                raise
            except Exception as error:  # besides warcio's own errors, hostile headers reach what raises anything
                problem = f"it cannot be read as WARC ({type(error).__name__}: {str(error).strip()[:200]})"
                raise SourceError(problem, "Fetch it again", where=given.where, kind="warc") from error
            if record is None:
                return
            yield record


def _capture(record: ArcWarcRecord) -> _Capture | str:
    """Return the capture of a page, or the kind of record that is passed over."""
    headers = record.http_headers
    if record.rec_type != "response" or headers is None:
        return "warc-no-response"
    if headers.get_statuscode() != SUCCESS:
        return "warc-other-status"
    kind = headers.get_header("Content-Type") or ""
    url = web_address((record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"))
    if url is None or kind.split(";")[0].strip().lower() not in PAGES:
        return "warc-no-page"
    charset = CHARSET.search(kind)
    try:
        fetched = parse_date(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError:
        fetched = ""
    return _Capture(url, fetched, charset[1] if charset else None)


def _article(record: ArcWarcRecord, capture: _Capture, given: Given) -> Found:
    where = f"{given.where}: {capture.url}"
    try:
        content = record.content_stream().read(html.LARGEST_PAGE + 1)
        missing = _drained(record)
    except (SourceError, OSError):
        raise
    except Exception as error:  # what unpacks a response (chunks, gzip, deflate, brotli) raises errors of its own
        problem = f"the response cannot be unpacked ({type(error).__name__})"
        return SourceError(problem, "Leave it out", where=where, kind="warc")
    if missing:
        problem = f"the archive ends {missing:,} bytes before its record does"
        return SourceError(problem, "Fetch it again", where=where, kind="truncated")
    moment = given.options.moment
    if capture.fetched.endswith("Z"):  # a day alone is no moment
        moment = min(moment, datetime.fromisoformat(capture.fetched))
    found = html.parse(content, where, url=capture.url, charset=capture.charset, moment=moment)
    return dated_by(found, moment, where, given.report) if isinstance(found, Article) else found


def _drained(record: ArcWarcRecord) -> int:
    """Read the record to its end and return how many bytes that it says it has are not there."""
    while record.raw_stream.read(1 << 16):
        pass
    return int(getattr(record.raw_stream, "limit", 0))
