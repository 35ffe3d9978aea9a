"""/suggest: titles and names as one types."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic_core import to_json

from search_api.schemas.problems import ASKED
from search_api.schemas.requests import Text
from search_api.service.service import ServiceNeeded, respond
from search_api.suggestions import LONGEST, MOST

router = APIRouter(prefix="/suggest", tags=["search"], responses=ASKED)
Typed = Annotated[
    Text,
    Query(
        description=f"What was typed so far; for more than {LONGEST} characters there are no suggestions.",
        examples=["debc"],
    ),
]
_EXAMPLE: list[JsonValue] = [
    {"text": "DebConf", "kind": "name", "count": 15},
    {"text": "DebConf18 closes in Hsinchu and DebConf19 dates announced", "kind": "title", "count": 1},
]


class SuggestionAnswer(BaseModel):
    """Something to ask for. The text comes from articles: it is text, not HTML."""

    text: str = Field(examples=["Elon Musk"])
    kind: Literal["title", "name"] = Field(examples=["name"])
    count: int = Field(description="How many articles have the title, or the name in theirs.", examples=[20])


class SuggestAnswer(BaseModel):
    """Names first, then titles; of each first those that begin with what was typed."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"suggestions": _EXAMPLE}]})

    suggestions: list[SuggestionAnswer] = Field(max_length=MOST)


@router.get("", response_model=SuggestAnswer)
async def suggest(q: Typed, service: ServiceNeeded, request: Request) -> Response:
    """Return titles and names that hold what was typed, the last word as a beginning, without case and accents."""
    return respond(request, await service.run(lambda engine: to_json({"suggestions": engine.suggest(q)})))
