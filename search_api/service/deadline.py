"""How long a request may take, all of it: its body, its place in the queue, its answer."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.errors import TimedOut
from search_api.handlers import told
from search_api.service.metrics import Metrics


class Deadline:
    """ASGI middleware: what is not answered in time is answered with 503."""

    def __init__(self, app: ASGIApp, *, seconds: float, metrics: Metrics) -> None:
        """Stand before `app`."""
        self._app = app
        self._seconds = seconds
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and take it back when its time is over."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, noticed)
        except TimeoutError:
            if begun:
                raise
            self._metrics.refused.labels("time").inc()
            refusal = TimedOut(
                f"there was no answer within {self._seconds:g} s", "Ask again later", retry_after=1, Connection="close"
            )
            await told(refusal)(scope, receive, send)
