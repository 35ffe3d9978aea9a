"""Coverage as bars in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice

from search_api.coverage import Coverage
from search_api.terminal import plain, wrapped

# What stands in a line beside its bar: the day, the count, some languages.
_BESIDE = 48
_NARROWEST, _WIDEST = 10, 40
_LANGUAGES = 3
_LISTED = 12
_LABEL = 11


def coverage_lines(coverage: Coverage, width: int, *, mark: str) -> Iterator[str]:
    """Yield a bar of `mark`s for each day or month with stories, "..." for those between, and the tallies."""
    yield from _bars(coverage, min(max(width - _BESIDE, _NARROWEST), _WIDEST), mark)
    tallies = {"languages": coverage.languages, "sources": coverage.sources, "categories": coverage.categories}
    for label, counts in tallies.items():
        if counts:
            yield label.ljust(_LABEL) + wrapped(_tally(counts, _LISTED), width, " " * _LABEL).lstrip()
    undated = f", {coverage.undated:,} without a date" if coverage.undated else ""
    stories = f"{coverage.stories:,} {'story' if coverage.stories == 1 else 'stories'}"
    articles = f"{coverage.articles:,} {'article' if coverage.articles == 1 else 'articles'}"
    least = "" if coverage.complete else "at least "
    yield f"{least}{stories} ({articles}{undated}), {coverage.seconds * 1000:.0f} ms, build {plain(coverage.build)}"


def _bars(coverage: Coverage, room: int, mark: str) -> Iterator[str]:
    most = max((bucket.total for bucket in coverage.buckets), default=0)
    digits = len(f"{most:,}")
    place = 0
    for bucket in coverage.buckets:
        before, place = place, _place(bucket.start)
        if before and place > before + 1:
            yield "..."
        bar = mark * max(1, round(room * bucket.total / most))
        yield f"{bucket.start}  {bucket.total:{digits},}  {bar:<{room}}  {_tally(bucket.languages, _LANGUAGES)}"


def _place(start: str) -> int:
    """Return the number of a day among days, of a month among months."""
    year, month, *day = map(int, start.split("-"))
    return date(year, month, day[0]).toordinal() if day else year * 12 + month


def _tally(counts: Mapping[str, int], most: int) -> str:
    named = [f"{plain(name) or '(none)'} {count:,}" for name, count in islice(counts.items(), most)]
    return ", ".join(named) + (f" and {len(counts) - most:,} more" if len(counts) > most else "")
