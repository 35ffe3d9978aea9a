"""Dates that cannot be: after the moment at which an article was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from corpus.article import Article, parse_date
from corpus.readers.report import ReadReport

# A date without a zone may be that of a place where tomorrow has begun.
TOLERANCE = timedelta(days=1)


def dated_by(article: Article, moment: datetime, where: str, report: ReadReport) -> Article:
    """Return the article, without its date where that lies more than a day after `moment`, which is then counted."""
    latest = parse_date((moment + TOLERANCE).isoformat())
    published = article.published
    if published is None or published <= latest[: len(published)]:
        return article
    message = f"{where}: {article.id}: its date {published} lies after it was read; it is kept without one"
    report.warn("future-date", message)
    return replace(article, published=None, published_from=None)
