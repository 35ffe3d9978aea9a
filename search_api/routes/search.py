"""/search: a question in, articles with their best passages out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from search_api.errors import QueryError
from search_api.formats import FORMS
from search_api.schemas.examples import RESULTS, ROOT
from search_api.schemas.hits import BatchAnswer, SearchAnswer
from search_api.schemas.problems import ASKED, problems
from search_api.schemas.requests import BatchRequest, SearchQuery, SearchRequest
from search_api.service.access import charge
from search_api.service.service import Service, ServiceNeeded, respond

router = APIRouter(prefix="/search", tags=["search"], responses=ASKED)
_FILES: dict[int | str, dict[str, object]] = {
    200: {
        "content": {
            form.media_type.partition(";")[0]: {"schema": {"type": "string"}, "example": form.written(RESULTS, ROOT)}
            for form in FORMS.values()
        }
    }
}


@router.get("", response_model=SearchAnswer, responses=_FILES)
async def search(asked: Annotated[SearchQuery, Query()], service: ServiceNeeded, request: Request) -> Response:
    """Ask in any language; repeat `lang`, `source` or `category` for any of several."""
    form = FORMS.get(asked.format)
    if form is None:
        return await _answer(asked, service, request)
    root = service.root(request)
    answer = await service.search(
        asked.q,
        asked.arguments(),
        render=lambda results: form.written(results, root).encode("utf-8", "replace"),
        form=f"{asked.format} of {root}",
    )
    response = respond(request, answer, form.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="veille.{form.suffix}"'
    return response


@router.post("", response_model=SearchAnswer, responses=problems(413))
async def search_by_body(asked: SearchRequest, service: ServiceNeeded, request: Request) -> Response:
    """Ask as with GET, the same names in a JSON object: the question stays out of the logs of proxies."""
    return await _answer(asked, service, request)


@router.post("/batch", response_model=BatchAnswer, responses=problems(413))
async def search_for_each(asked: BatchRequest, service: ServiceNeeded, request: Request) -> Response:
    """Ask several questions at once: they are read together, and one that cannot be answered leaves the others be."""
    most = service.settings.most_batched
    if len(asked.queries) > most:
        raise QueryError(
            f"there are {len(asked.queries)} questions, the limit is {most}", "Ask them in several requests"
        )
    charge(request, len(asked.queries) - 1)
    return respond(request, await service.search_each([(one.q, one.arguments()) for one in asked.queries]))


async def _answer(asked: SearchRequest, service: Service, request: Request) -> Response:
    return respond(request, await service.search(asked.q, asked.arguments()))
