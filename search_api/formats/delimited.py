"""CSV (RFC 4180): a hit a line, a line of names first."""

from __future__ import annotations

import csv
import io

from search_api.citation import absolute, web_address
from search_api.results import Hit, Results

COLUMNS = (
    "rank",
    "article_id",
    "title",
    "source",
    "published",
    "lang",
    "category",
    "url",
    "score",
    "confidence",
    "quotation",
    "start",
    "end",
    "permalink",
    "content_hash",
    "build",
)
# Spreadsheets take what begins so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
# Without it they take UTF-8 for something else.
_MARK = "\ufeff"


def written(results: Results, root: str) -> str:
    """Return the table. What a spreadsheet would run as a formula has an apostrophe before it."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    writer.writerows(_row(rank, hit, root) for rank, hit in enumerate(results, 1))
    return _MARK + table.getvalue()


def _row(rank: int, hit: Hit, root: str) -> list[object]:
    told = hit.highlight or hit.passages[0]
    texts = (hit.article_id, hit.title, hit.source, hit.published, hit.lang, hit.category, web_address(hit.url))
    cited = (absolute(hit.citation.permalink, root), hit.citation.content_hash, hit.citation.build)
    about = [_plain(text or "") for text in texts]
    return [rank, *about, hit.score, hit.confidence, _plain(told.text), told.start, told.end, *cited]


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text.replace("\x00", "")
