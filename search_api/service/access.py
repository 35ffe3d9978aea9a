"""Who may ask, and how often: API keys and the limit of requests a key or an address has."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import partial

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from search_api.errors import KeyWanted, TooOften
from search_api.handlers import told
from search_api.service.clients import counted_as
from search_api.service.keyring import Keyring
from search_api.service.metrics import Metrics

# Who watches over the process has no key, and learns nothing there but that it lives and which build it serves.
FREE = ("/health/live", "/health/ready")
_BEARER = "bearer "
_CHARGE = "charge"


class Access:
    """ASGI middleware: a request without a valid key gets 401, one too many 429. The limit is counted in memory."""

    def __init__(self, app: ASGIApp, *, keyring: Keyring | None, rate: str | None, metrics: Metrics) -> None:
        """`keyring` None: nobody needs a key; `rate` None: nobody asks too often."""
        self._app = app
        self._keyring = keyring
        self._metrics = metrics
        self._rate: RateLimitItem | None = None if rate is None else parse(rate)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what may pass."""
        if scope["type"] != "http" or scope["path"] in FREE:
            await self._app(scope, receive, send)
            return
        address: str = scope["state"]["address"]
        try:
            owner = self._owner(scope)
        except KeyWanted as error:
            # Who has no key is counted too: guessing is not for free.
            refusal = self._exceeded(f"address {counted_as(address)}")
            await told(refusal or error)(scope, receive, send)
            return
        scope["state"]["key"] = owner
        name = f"key {owner}" if owner else f"address {counted_as(address)}"
        scope["state"][_CHARGE] = partial(self._exceeded, name)
        refusal = self._exceeded(name)
        if refusal is not None:
            await told(refusal)(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._said(name))
            await send(message)

        await self._app(scope, receive, send if self._rate is None else counted)

    def _owner(self, scope: Scope) -> str | None:
        if self._keyring is None:
            return None
        headers = Headers(scope=scope)
        token = headers.get("x-api-key") or ""
        given = headers.get("authorization", "")
        if given[: len(_BEARER)].lower() == _BEARER:
            token = given[len(_BEARER) :].strip()
        owner = self._keyring.owner(token) if token else None
        if owner is None:
            self._metrics.refused.labels("key").inc()
            problem = "the key is not valid" if token else "the request has no key"
            challenge = 'Bearer realm="veille"' + (', error="invalid_token"' if token else "")
            raise KeyWanted(
                problem, "Send one as Authorization: Bearer KEY or X-API-Key: KEY", WWW_Authenticate=challenge
            )
        return owner

    def _exceeded(self, name: str, requests: int = 1) -> TooOften | None:
        if self._rate is None or self._limiter.hit(self._rate, name, cost=requests):
            return None
        self._metrics.refused.labels("rate").inc()
        wait = self._wait(name)
        said = self._said(name)
        return TooOften(f"the limit is {self._rate}", f"Ask again in {wait} s", retry_after=wait, **said)

    def _wait(self, name: str) -> int:
        assert self._rate is not None  # noqa: S101  # or nothing is counted
        until = self._limiter.get_window_stats(self._rate, name).reset_time
        return max(math.ceil(until - time.time()), 1)

    def _said(self, name: str) -> dict[str, str]:
        """Return the headers of draft-ietf-httpapi-ratelimit-headers."""
        assert self._rate is not None  # noqa: S101  # or nothing is counted
        stats = self._limiter.get_window_stats(self._rate, name)
        reset = max(math.ceil(stats.reset_time - time.time()), 0)
        policy = f'"default";q={self._rate.amount};w={self._rate.get_expiry()}'
        return {"RateLimit-Policy": policy, "RateLimit": f'"default";r={stats.remaining};t={reset}'}


def charge(request: Request, requests: int) -> None:
    """Count a request as so many more. Raises TooOften where its key or address may not ask as often."""
    exceeded: Callable[[int], TooOften | None] = request.scope["state"][_CHARGE]
    refusal = exceeded(requests) if requests else None
    if refusal is not None:
        raise refusal
