"""/health: is the process alive, and can it answer."""

from __future__ import annotations

from fastapi import APIRouter

from search_api.schemas import PROBLEMS, Live, Ready
from search_api.served import Engine

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
def live() -> Live:
    """Return 200 as long as the process answers at all."""
    return Live()


@router.get("/ready", responses={503: PROBLEMS[503]})
def ready(engine: Engine) -> Ready:
    """Return 200 where the index can be searched, 503 with the reason where not."""
    info = engine.info()
    return Ready(build=info.build, articles=info.articles, passages=info.passages)
