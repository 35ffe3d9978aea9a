"""/health: is the process alive, and can it answer."""

from __future__ import annotations

from fastapi import APIRouter, Response

from indexer.errors import IndexUnreachable
from search_api.errors import problem_of
from search_api.schemas.health import Live, Ready
from search_api.schemas.problems import problems
from search_api.service.service import BUILD, ServiceNeeded

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> Live:
    """Return 200 as long as the process answers at all."""
    return Live()


@router.get("/ready", responses=problems(503))
async def ready(service: ServiceNeeded, response: Response) -> Ready:
    """Return 200 where the index can be searched, 503 with the reason where not, such as a Milvus that does not answer.

    `newer` says why a newer generation is not the one that is served.
    """
    failure = service.served.failure
    if failure is not None and isinstance(failure.error, IndexUnreachable):
        raise failure.error
    with service.served.lease() as engine:
        info = engine.info()
    response.headers[BUILD] = info.build
    return Ready(
        build=info.build,
        articles=info.articles,
        passages=info.passages,
        newer=None if failure is None else f"{failure.build or 'current'}: {problem_of(failure.error).detail}",
    )
