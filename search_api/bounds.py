"""How much of a request's body is read."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 64 * 1024


class BodyLimit:
    """ASGI middleware: a body of more than `LARGEST_BODY` bytes is answered with 413, unread."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand before `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, counting what is read of its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        known = int(announced) if announced.isascii() and announced.isdecimal() else 0
        taken = 0

        async def bounded() -> Message:
            # Raised where the application reads, so that its own handlers shape the answer.
            nonlocal taken
            if known > LARGEST_BODY:
                raise _too_large()
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise _too_large()
            return message

        await self._app(scope, bounded, send)


def _too_large() -> HTTPException:
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {LARGEST_BODY:,} bytes")
