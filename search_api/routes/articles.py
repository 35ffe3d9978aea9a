"""/articles: an article by its id, those that say the same, and those like it.

An id may hold anything, slashes too (some are addresses), so it takes the rest of the path. One that ends in
"/similar" or "/copies" itself can only be had by searching.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from search_api.results import Copy
from search_api.schemas import PROBLEMS, ArticleAnswer, CopyAnswer, Filters, RevisionAnswer, SearchAnswer
from search_api.served import Engine

router = APIRouter(prefix="/articles", tags=["articles"], responses=PROBLEMS)
ArticleId = Annotated[
    str, Path(description="The article_id of a hit, percent-encoded.", examples=["musk-menace-microsoft"])
]


# Before the last route, which would take "/similar" for a part of the id.
@router.get("/{article_id:path}/similar", response_model=SearchAnswer)
def similar(article_id: ArticleId, filters: Annotated[Filters, Query()], engine: Engine) -> dict[str, Any]:
    """Return the articles nearest to this one, in all languages, itself left out."""
    return engine.similar(article_id, **filters.arguments()).to_json()


@router.get("/{article_id:path}/copies", response_model=list[CopyAnswer])
def copies(article_id: ArticleId, engine: Engine) -> list[Copy]:
    """Return its near-copies and translations, earliest first."""
    return list(engine.copies(article_id))


@router.get("/{article_id:path}", response_model=ArticleAnswer)
def article(article_id: ArticleId, engine: Engine) -> ArticleAnswer:
    """Return an article with its whole text, and what it was before."""
    revisions = [RevisionAnswer.model_validate(revision) for revision in engine.revisions(article_id)]
    return ArticleAnswer.of(engine.article(article_id), revisions)
