"""/suggest: titles and names as one types."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from search_api.schemas import PROBLEMS, Text
from search_api.service.service import ServiceNeeded, respond
from search_api.suggestions import LONGEST, MOST

router = APIRouter(prefix="/suggest", tags=["search"], responses=PROBLEMS)
Typed = Annotated[
    Text,
    Query(
        description=f"What was typed so far; for more than {LONGEST} characters there are no suggestions.",
        examples=["déb"],
    ),
]


class SuggestionAnswer(BaseModel):
    """Something to ask for. The text comes from articles: it is text, not HTML."""

    text: str = Field(examples=["Elon Musk"])
    kind: Literal["title", "name"] = Field(examples=["name"])
    count: int = Field(description="How many articles have the title, or the name in theirs.", examples=[20])


class SuggestAnswer(BaseModel):
    """Names first, then titles; of each first those that begin with what was typed."""

    suggestions: list[SuggestionAnswer] = Field(max_length=MOST)


@router.get("", response_model=SuggestAnswer)
async def suggest(q: Typed, service: ServiceNeeded, request: Request) -> Response:
    """Return titles and names that hold what was typed, the last word as a beginning, without case and accents."""
    return respond(request, await service.run(lambda engine: to_json({"suggestions": engine.suggest(q)})))
