"""HEAD wherever GET is, and all that a path allows where it is asked otherwise (RFC 9110, 9.3.2 and 15.5.6)."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = ("GET", "POST")


class Methods:
    """ASGI middleware, the innermost. A HEAD is answered as a GET is, without the content."""

    def __init__(self, app: ASGIApp, *, router: Router) -> None:
        """Stand before `app`, which answers by the routes of `router`."""
        self._app = app
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        # A copy: the server frames the answer to a HEAD by the method that stands in its own.
        inner = {**scope, "method": "GET"} if head else scope

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.METHOD_NOT_ALLOWED:
                MutableHeaders(scope=message)["Allow"] = ", ".join(self._allowed(scope))
            elif head and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            await self._app(inner, receive, answered)
        finally:
            if "route" in inner:
                # What is counted by route, further out.
                scope["route"] = inner["route"]

    def _allowed(self, scope: Scope) -> list[str]:
        allowed = []
        for method in METHODS:
            asked = {**scope, "method": method}
            if any(route.matches(asked)[0] == Match.FULL for route in self._router.routes):
                allowed += [method, "HEAD"] if method == "GET" else [method]
        return allowed
