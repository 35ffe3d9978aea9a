"""How a question is covered over time: how many stories match by day or month, language, source and category."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from search_api.errors import NotebookError, QueryError

if TYPE_CHECKING:
    import pandas

By = Literal["day", "month"]


def check_by(by: By | None) -> By | None:
    """Return `by`. Raises QueryError where it is neither "day" nor "month" nor None."""
    if by is not None and by not in get_args(By):
        raise QueryError(f"by is {str(by)[:60]!r}", "Give day or month")
    return by


@dataclass(frozen=True, slots=True)
class Bucket:
    """The stories of a day ("2023-04-20") or a month ("2023-04").

    `languages` and `sources`, most first, count a story once for each language and source of its articles; of sources
    the first ten.
    """

    start: str
    total: int
    languages: Mapping[str, int]
    sources: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Facets:
    """What there is to choose from: each counted as if the filter on it alone had not been given, most first."""

    languages: Mapping[str, int]
    sources: Mapping[str, int]
    categories: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many stories match. `query` is the question as it was understood, None where all of the corpus was counted.

    A story is all near-copies and translations of one text; where they are not grouped, an article. It matches where an
    article of it does that passes the filters. In `stories`, and in one of the `buckets`, it counts once: on the day of
    the earliest of these articles, in `undated` where none has a date. In `languages`, `sources` and `categories`
    (most first) it counts once for each that these articles have, so their sums may be larger; no source and no
    category is "". `articles`: how many articles match. Buckets are in order; those without stories are left out.

    `complete` is False where so much of the corpus matches that not all of it was looked at: the counts are then too
    low. `notes` say why there may be fewer than expected.
    """

    query: str | None
    build: str
    by: By
    stories: int
    articles: int
    undated: int
    complete: bool
    buckets: tuple[Bucket, ...]
    languages: Mapping[str, int]
    sources: Mapping[str, int]
    categories: Mapping[str, int]
    facets: Facets
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what `veille coverage --json` prints and GET /coverage answers."""
        from pydantic_core import to_jsonable_python

        found: dict[str, Any] = to_jsonable_python(self)
        return found

    def to_frame(self) -> pandas.DataFrame:
        """Return a pandas frame, one row a day or month, from the first to the last, zeros where nothing matches.

        Its index is a PeriodIndex, the first column `total`, the others are the languages, most first. Raises
        NotebookError where pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise NotebookError("pandas is not installed", 'Install it: pip install "veille[notebook]"') from error
        periods = pd.PeriodIndex([bucket.start for bucket in self.buckets], freq=self.by[0].upper(), name=self.by)
        rows = [{"total": bucket.total, **bucket.languages} for bucket in self.buckets]
        frame = pd.DataFrame(rows, index=periods, columns=["total", *self.languages])
        if len(periods):
            frame = frame.reindex(pd.period_range(periods[0], periods[-1], name=self.by))
        return frame.fillna(0).astype(int)
