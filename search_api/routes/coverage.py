"""/coverage: how many stories match a question by day or month, language and source."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import to_json

from search_api.schemas.coverage import CoverageAnswer, CoverageRequest
from search_api.schemas.problems import ASKED
from search_api.service.service import ServiceNeeded, frozen, respond

router = APIRouter(prefix="/coverage", tags=["coverage"], responses=ASKED)


@router.get("", response_model=CoverageAnswer)
async def coverage(asked: Annotated[CoverageRequest, Query()], service: ServiceNeeded, request: Request) -> Response:
    """Count the stories that match a question, or all there are, by day or month, language, source and category."""
    arguments = asked.arguments()
    found = await service.ask(
        asked.q,
        lambda engine, reading: to_json(engine.coverage(asked.q, reading=reading, **arguments)),
        key=("coverage", frozen(arguments)),
    )
    return respond(request, found)
