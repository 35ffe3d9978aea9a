"""How much of a request's body is read."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.errors import TooLarge
from search_api.handlers import told

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
        if announced.isascii() and announced.isdecimal() and int(announced[:20]) > LARGEST_BODY:
            await told(_too_large())(scope, receive, send)
            return
        taken = 0

        async def bounded() -> Message:
            # Raised where the application reads. FastAPI lets an HTTPException through there, and nothing else.
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > LARGEST_BODY:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from _too_large()
            return message

        await self._app(scope, bounded, send)


def _too_large() -> TooLarge:
    # The connection is closed: otherwise the rest of the body would have to be read to find the next request.
    return TooLarge(f"the body has more than {LARGEST_BODY:,} bytes", "Ask a shorter question", Connection="close")
