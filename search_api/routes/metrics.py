"""/metrics: what the service has counted, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from search_api.schemas import PROBLEMS
from search_api.service.service import ServiceNeeded

router = APIRouter(tags=["health"], responses={"4XX": PROBLEMS["4XX"]})


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(service: ServiceNeeded) -> Response:
    """Return latency by step, the queue, groups, the cache, the build's age, reloads and refusals."""
    return Response(service.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
