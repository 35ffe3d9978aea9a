"""/stats: what the index holds."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from search_api.engine import SearchEngine
from search_api.schemas.examples import BUILD, OUTLET
from search_api.schemas.problems import problems
from search_api.service.service import ServiceNeeded, respond

router = APIRouter(prefix="/stats", tags=["coverage"], responses=problems(401, 429, "4XX", 503))
_EXAMPLE: dict[str, JsonValue] = {
    "build": BUILD,
    "created": "2026-11-25T13:55:41Z",
    "model": "bundled",
    "articles": 4,
    "passages": 38,
    "stories": 3,
    "groups": 1,
    "languages": {"fr": 2, "en": 1, "ja": 1},
    "sources": {"Debian News": 3, OUTLET: 1},
    "categories": {"technology": 4},
    "dates": {"first": "2012-02-19", "last": "2023-04-20"},
    "by_month": {"2012-02": 3, "2023-04": 1},
    "undated": 0,
}


class Dates(BaseModel):
    """From when to when articles were published; null where none has a date."""

    first: str | None = Field(examples=["2012-02-13"])
    last: str | None = Field(examples=["2023-04-20T18:30:00Z"])


class StatsAnswer(BaseModel):
    """What the index holds. All counts are of articles unless said."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    build: str
    created: str = Field(description="When it was built, in UTC.", examples=["2023-04-20T10:00:00Z"])
    model: str
    articles: int
    passages: int
    stories: int = Field(description="As many as there are articles once near-copies and translations count as one.")
    groups: int = Field(description="How many stories have several articles.")
    languages: dict[str, int] = Field(examples=[{"fr": 3, "en": 1}])
    sources: dict[str, int]
    categories: dict[str, int] = Field(description='"" is no category.')
    dates: Dates
    by_month: dict[str, int] = Field(
        description="In order; months without articles are left out.", examples=[{"2023-04": 4}]
    )
    undated: int = Field(description="How many have no date.")

    @classmethod
    def of(cls, engine: SearchEngine) -> StatsAnswer:
        """Count them."""
        info, counted = engine.info(), engine.coverage(by="month", group=False)
        return cls(
            build=info.build,
            created=info.created,
            model=info.model,
            articles=info.articles,
            passages=info.passages,
            stories=engine.coverage().stories,
            groups=info.groups,
            languages=info.languages,
            sources=info.sources,
            categories=info.categories,
            dates=Dates(first=info.first, last=info.last),
            by_month={bucket.start: bucket.total for bucket in counted.buckets},
            undated=counted.undated,
        )


@router.get("", response_model=StatsAnswer)
async def stats(service: ServiceNeeded, request: Request) -> Response:
    """Return how many articles there are, by language, source, category and month."""
    found = await service.run(lambda engine: StatsAnswer.of(engine).model_dump_json().encode(), key=("stats",))
    return respond(request, found)
