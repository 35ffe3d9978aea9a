"""The HTTP contract of what counts or lists all that matches: coverage and feeds."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from search_api.coverage import By
from search_api.schemas.examples import COVERAGE, QUERY, shown
from search_api.schemas.requests import Selection, Text

_COUNTS = [{"fr": 3, "en": 1}]


class StandingRequest(Selection):
    """A question that may be left out, with its filters."""

    q: Text | None = Field(
        None,
        description="The question, in any language; left out, all articles that pass the filters match.",
        examples=[QUERY],
    )


class CoverageRequest(StandingRequest):
    """What to count, and how."""

    by: By | None = Field(
        None,
        description="Count by day or by month. Default: day where at most 62 days are spanned, else month.",
        examples=["month"],
    )

    def arguments(self) -> dict[str, Any]:
        """Return all but the question as keyword arguments of SearchEngine.coverage."""
        return {**super().arguments(), "by": self.by}


class BucketAnswer(BaseModel):
    """The stories of a day or of a month."""

    start: str = Field(description="The day, or the month.", examples=["2023-04"])
    total: int
    languages: dict[str, int] = Field(description="Stories with an article in each, most first.", examples=_COUNTS)
    sources: dict[str, int] = Field(description="Stories with an article of each, the first ten.")


class FacetsAnswer(BaseModel):
    """What there is to choose from: each counted as if the filter on it alone had not been given, most first."""

    languages: dict[str, int] = Field(examples=_COUNTS)
    sources: dict[str, int]
    categories: dict[str, int] = Field(description='"" is no category.')


class CoverageAnswer(BaseModel):
    """How many stories match. A story counts once in `stories` and in one of the buckets: by its earliest article.

    In `languages`, `sources` and `categories` it counts once for each that its articles have. Only articles that match
    and pass the filters count.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [shown(COVERAGE.to_json())]})

    query: str | None = Field(description="The question as understood; null where none was asked.")
    build: str = Field(description="The generation of the index that answered.")
    by: By
    stories: int
    articles: int = Field(description="How many articles match.")
    undated: int = Field(description="Stories of which no article has a date: they are in no bucket.")
    complete: bool = Field(
        description="False where so much matches that not all of it was looked at: the counts are then too low."
    )
    buckets: list[BucketAnswer] = Field(description="In order; days, or months, without stories are left out.")
    languages: dict[str, int] = Field(description="Most first, as are all counts.", examples=_COUNTS)
    sources: dict[str, int]
    categories: dict[str, int] = Field(description='"" is no category.')
    facets: FacetsAnswer
    seconds: float
    notes: list[str] = Field(description="Why there may be fewer than expected.")
