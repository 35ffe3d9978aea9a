"""/search: a question in, articles with their best passages out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from search_api.schemas import PROBLEMS, BatchAnswer, BatchRequest, SearchAnswer, SearchRequest
from search_api.service.access import charge
from search_api.service.service import Service, ServiceNeeded, respond

router = APIRouter(prefix="/search", tags=["search"], responses=PROBLEMS)


@router.get("", response_model=SearchAnswer)
async def search(asked: Annotated[SearchRequest, Query()], service: ServiceNeeded, request: Request) -> Response:
    """Ask in any language; repeat `lang` or `source` for any of several."""
    return await _answer(asked, service, request)


@router.post("", response_model=SearchAnswer)
async def search_by_body(asked: SearchRequest, service: ServiceNeeded, request: Request) -> Response:
    """Ask as with GET, the same names in a JSON object: the question stays out of the logs of proxies."""
    return await _answer(asked, service, request)


@router.post("/batch", response_model=BatchAnswer)
async def search_for_each(asked: BatchRequest, service: ServiceNeeded, request: Request) -> Response:
    """Ask several questions at once: they are read together, and one that cannot be answered leaves the others be."""
    charge(request, len(asked.queries) - 1)
    return respond(request, await service.search_each([(one.q, one.arguments()) for one in asked.queries]))


async def _answer(asked: SearchRequest, service: Service, request: Request) -> Response:
    return respond(request, await service.search(asked.q, asked.arguments()))
