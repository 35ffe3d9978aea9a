"""/search: a question in, articles with their best passages out."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from search_api.schemas import PROBLEMS, SearchAnswer, SearchRequest
from search_api.served import Engine

router = APIRouter(prefix="/search", tags=["search"], responses=PROBLEMS)


@router.get("", response_model=SearchAnswer)
def search(asked: Annotated[SearchRequest, Query()], engine: Engine) -> dict[str, Any]:
    """Ask in any language; repeat `lang` or `source` for any of several."""
    return _answer(asked, engine)


@router.post("", response_model=SearchAnswer)
def search_by_body(asked: SearchRequest, engine: Engine) -> dict[str, Any]:
    """Ask as with GET, the same names in a JSON object: the question stays out of access logs."""
    return _answer(asked, engine)


def _answer(asked: SearchRequest, engine: Engine) -> dict[str, Any]:
    return engine.search(asked.q, **asked.arguments()).to_json()
