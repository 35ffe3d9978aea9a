"""Dates that cannot be: after the moment at which an article was read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from corpus.article import Article
from corpus.readers.report import ReadReport

# A date without a zone may be that of a place where tomorrow has begun.
TOLERANCE = timedelta(days=1)


def dated_by(article: Article, moment: datetime, where: str, report: ReadReport) -> Article:
    """Return the article, without its date where that lies more than a day after `moment`, which is then counted."""
    latest = moment + TOLERANCE
    published = article.published
    if published is None or published <= f"{latest:%Y-%m-%dT%H:%M:%SZ}"[: len(published)]:
        return article
    message = f"{where}: {article.id}: its date {published} lies after it was read; it is kept without one"
    report.warn("future-date", message)
    return replace(article, published=None, published_from=None)
