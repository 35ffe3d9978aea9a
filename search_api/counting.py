"""Counts articles and their stories by what the registry knows of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.filter import Filter
from indexer.registry import ATTRIBUTES, Attribute, Registry
from search_api.coverage import Bucket, By, Coverage, Facets
from search_api.matching import Matching

# A chart of more days than two months have is no picture.
_MOST_DAYS = 62
_LENGTHS = {"day": len("2023-04-20"), "month": len("2023-04")}
# Enough for the legend of a chart; all sources of every day of ten years would be megabytes.
_SOURCES_OF_A_BUCKET = 10
# Sorts behind every date.
_LAST = b"~"

Rows = NDArray[np.int64]


def count(
    registry: Registry,
    found: Matching,
    stories: NDArray[np.int32],
    wanted: Filter,
    by: By | None,
    *,
    query: str | None,
    build: str,
) -> Coverage:
    """Count the articles that were found and pass `wanted`; `stories` int32 (articles,) says which belong together.

    Without `by` they are counted by day where they span at most two months, else by month. `query` and `build` are
    for the answer.
    """
    rows = found.articles
    chosen = rows[registry.passing(wanted)[rows]]
    earliest, story = _earliest(registry, stories, chosen)
    by = by or _fitting(earliest)
    languages, sources, categories = (
        _tally(column.names, _once(story, column.codes[chosen])[1]) for column in map(registry.column, ATTRIBUTES)
    )
    return Coverage(
        query=query,
        build=build,
        by=by,
        stories=len(earliest),
        articles=len(chosen),
        undated=int((earliest == b"").sum()),
        complete=found.complete,
        buckets=tuple(_buckets(registry, chosen, story, earliest.astype(f"S{_LENGTHS[by]}"))),
        languages=languages,
        sources=sources,
        categories=categories,
        facets=Facets(*(_facet(registry, rows, stories, wanted, attribute) for attribute in ATTRIBUTES)),
    )


def _earliest(
    registry: Registry, stories: NDArray[np.int32], chosen: Rows
) -> tuple[NDArray[np.bytes_], NDArray[np.int64]]:
    """Return the earliest date of each story, empty where it has none, and the story of each article: places in it."""
    published = registry.published[chosen]
    dated = np.where(published == b"", _LAST, published)
    _, story = np.unique(stories[chosen], return_inverse=True)
    order = np.lexsort((dated, story))
    first = order[np.flatnonzero(np.diff(story[order], prepend=-1))]
    return published[first], story


def _fitting(dates: NDArray[np.bytes_]) -> By:
    days = dates[dates != b""].astype("S10").astype(np.str_).astype("datetime64[D]")
    return "day" if not len(days) or (days.max() - days.min()).astype(int) < _MOST_DAYS else "month"


def _buckets(registry: Registry, chosen: Rows, story: Rows, starts_of: NDArray[np.bytes_]) -> Iterator[Bucket]:
    """Yield the buckets, in order. `starts_of` says where each story belongs, empty for nowhere."""
    starts, bucket, totals = np.unique(starts_of, return_inverse=True, return_counts=True)
    by_language, by_source = (
        _by_bucket(bucket, len(starts), *_once(story, registry.column(name).codes[chosen]), registry.column(name).names)
        for name in ("lang", "source")
    )
    for start, total, languages, sources in zip(starts, totals, by_language, by_source, strict=True):
        if start:
            most = dict(list(sources.items())[:_SOURCES_OF_A_BUCKET])
            yield Bucket(start.decode("ascii"), int(total), languages, most)


def _by_bucket(bucket: Rows, count: int, story: Rows, codes: Rows, names: tuple[str, ...]) -> list[Mapping[str, int]]:
    """Return what the stories of each bucket have, given as pairs of a story and a code."""
    order = np.argsort(bucket[story], kind="stable")
    bounds = np.searchsorted(bucket[story][order], np.arange(count + 1))
    return [_tally(names, codes[order[first:last]]) for first, last in pairwise(bounds)]


def _facet(
    registry: Registry, rows: Rows, stories: NDArray[np.int32], wanted: Filter, name: Attribute
) -> Mapping[str, int]:
    chosen = rows[registry.passing(wanted, ignored=name)[rows]]
    column = registry.column(name)
    return _tally(column.names, _once(stories[chosen], column.codes[chosen])[1])


def _once(story: NDArray[np.integer], codes: NDArray[np.int32]) -> tuple[Rows, Rows]:
    """Return every pair of a story and a code once."""
    span = int(codes.max(initial=0)) + 1
    pairs = np.unique(story.astype(np.int64) * span + codes)
    return pairs // span, pairs % span


def _tally(names: tuple[str, ...], codes: Rows) -> Mapping[str, int]:
    """Return how often each name is met, most first, then by name."""
    held, times = np.unique(codes, return_counts=True)
    order = np.argsort(-times, kind="stable")
    return {names[code]: int(times_met) for code, times_met in zip(held[order], times[order], strict=True)}
