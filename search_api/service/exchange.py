"""What every exchange has: an id, a line in the log, a count, and the headers that keep browsers from harm."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.handlers import told
from search_api.service.clients import address_of
from search_api.service.logs import request_id
from search_api.service.metrics import Metrics
from search_api.settings import Network

REQUEST_ID = "X-Request-ID"
# Answers are data: a browser that shows one loads, runs and frames nothing. Pages bring a policy of their own.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_ID = re.compile(r"[A-Za-z0-9._:@+=/-]{1,128}")
_LOST = 499  # as nginx says it: the client went away
_FAILED = 500
_log = logging.getLogger("veille.access")


class Exchange:
    """ASGI middleware around everything else. What goes wrong inside, foreseen or not, is answered here."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, proxies: Sequence[Network] = ()) -> None:
        """Stand before `app`."""
        self._app = app
        self._metrics = metrics
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name the request, hand it on, and keep a record of how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        asked = Headers(scope=scope).get(REQUEST_ID, "")
        own = asked if _ID.fullmatch(asked) else secrets.token_hex(8)
        named = request_id.set(own)
        scope.setdefault("state", {}).update(request_id=own, address=address_of(scope, self._proxies))
        status = _LOST

        async def completed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID] = own
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, completed)
        except Exception as error:
            if status != _LOST:
                raise
            await told(error)(scope, receive, completed)
        finally:
            self._record(scope, status, time.perf_counter() - started)
            request_id.reset(named)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "none")
        self._metrics.requests.labels(route, _method(scope), str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        level = logging.WARNING if status >= _FAILED else logging.INFO
        if not _log.isEnabledFor(level):
            return
        state = scope["state"]
        told_of = {
            "method": _method(scope),
            "path": scope["path"][:500],
            "status": status,
            "ms": round(seconds * 1e3, 1),
            "client": state["address"],
        }
        told_of |= {name: state[name] for name in ("key", "build", "cache") if state.get(name)}
        if _log.isEnabledFor(logging.DEBUG):
            told_of["query_string"] = scope["query_string"].decode("latin-1")
        _log.log(level, "request", extra=told_of)


def _method(scope: Scope) -> str:
    # A label or a field of the log must not be whatever a client makes up.
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"} else "OTHER"
