"""/metrics: what the service has counted, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from search_api.schemas.problems import problems
from search_api.service.service import ServiceNeeded

router = APIRouter(tags=["health"], responses=problems(401, 429, "4XX"))
_EXAMPLE = """\
# HELP veille_requests_total Requests that were answered.
# TYPE veille_requests_total counter
veille_requests_total{method="GET",route="/search",status="200"} 6.0
"""
_TEXT: dict[int | str, dict[str, object]] = {200: {"content": {"text/plain": {"example": _EXAMPLE}}}}


@router.get("/metrics", response_class=PlainTextResponse, responses=_TEXT)
async def metrics(service: ServiceNeeded) -> Response:
    """Return latency by step, the queue, groups, the cache, the build's age, reloads and refusals."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
