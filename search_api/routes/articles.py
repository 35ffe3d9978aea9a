"""/articles: an article by its id, those that say the same, and those like it.

An id may hold anything, slashes too (some are addresses), so it takes the rest of the path. One that ends in
"/similar" or "/copies" itself can only be had by searching.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from search_api.engine import SearchEngine
from search_api.schemas.articles import ArticleAnswer, RevisionAnswer
from search_api.schemas.examples import ARTICLE_ID, COPIES, LIKES, shown
from search_api.schemas.hits import CopyAnswer, SearchAnswer
from search_api.schemas.problems import problems
from search_api.schemas.requests import Filters
from search_api.service.service import JSON, ServiceNeeded, as_json, frozen, respond

router = APIRouter(prefix="/articles", tags=["articles"], responses=problems(400, 401, 404, 429, "4XX", 503))
ArticleId = Annotated[str, Path(description="The article_id of a hit, percent-encoded.", examples=[ARTICLE_ID])]

_LIKES: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {"example": shown(LIKES.to_json())}}}}
_COPIES: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: {"example": shown(COPIES)}}}}


# Before the last route, which would take "/similar" for a part of the id.
@router.get("/{article_id:path}/similar", response_model=SearchAnswer, responses=_LIKES)
async def similar(
    article_id: ArticleId, filters: Annotated[Filters, Query()], service: ServiceNeeded, request: Request
) -> Response:
    """Return the articles nearest to this one, in all languages, itself left out."""
    arguments = filters.arguments()
    key = ("similar", article_id, frozen(arguments))
    found = await service.run(lambda engine: as_json(engine.similar(article_id, **arguments)), key=key)
    return respond(request, found)


@router.get("/{article_id:path}/copies", response_model=list[CopyAnswer], responses=_COPIES)
async def copies(article_id: ArticleId, service: ServiceNeeded, request: Request) -> Response:
    """Return its near-copies and translations, earliest first."""
    found = await service.run(lambda engine: to_json(engine.copies(article_id)))
    return respond(request, found)


@router.get("/{article_id:path}", response_model=ArticleAnswer)
async def article(article_id: ArticleId, service: ServiceNeeded, request: Request) -> Response:
    """Return an article with its whole text, and what it was before."""

    def told(engine: SearchEngine) -> bytes:
        revisions = [RevisionAnswer.model_validate(revision) for revision in engine.revisions(article_id)]
        return ArticleAnswer.of(engine.article(article_id), revisions).model_dump_json().encode()

    return respond(request, await service.run(told))
