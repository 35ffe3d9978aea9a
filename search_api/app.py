"""The FastAPI application. Nothing is opened at import.

uvicorn --factory search_api.app:create_app      with VEILLE_INDEX=DIR
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from corpus.errors import VeilleError
from search_api import handlers
from search_api.bounds import BodyLimit
from search_api.configuration import load
from search_api.contract import Application
from search_api.engine import SearchEngine
from search_api.routes import articles, contract, coverage, feed, health, metrics, page, search, stats, suggest
from search_api.service.access import Access
from search_api.service.deadline import Deadline
from search_api.service.exchange import REQUEST_ID, Exchange
from search_api.service.keyring import Keyring
from search_api.service.methods import Methods
from search_api.service.service import BUILD, CACHE, Service
from search_api.settings import Settings


def create_app(source: Service | Settings | SearchEngine | Path | None = None) -> FastAPI:
    """Return an application over a service, its settings, an engine, or the index in a folder (default: VEILLE_INDEX).

    It starts even where the index cannot be opened: /health/ready says why, and it is tried again. Raises SettingsError
    where a setting is wrong or the index is not named, KeysError where the file of keys cannot be read.
    """
    service = _service(source)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with suppress(VeilleError):
            await to_thread.run_sync(service.served.refresh)
        service.start()
        yield
        await to_thread.run_sync(service.close)

    app = Application(
        title="Veille",
        summary="Semantic search over multilingual tech news.",
        version=version("veille"),
        lifespan=lifespan,
        # Its own pages load scripts from elsewhere; routes/contract.py has one that does not.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    _protect(app, service)
    handlers.install(app)
    for routes in (search, suggest, articles, coverage, feed, stats, health, metrics, contract):
        app.include_router(routes.router)
    app.include_router(page.router)
    return app


def _service(source: Service | Settings | SearchEngine | Path | None) -> Service:
    if isinstance(source, Service):
        return source
    if isinstance(source, Settings):
        return Service(source)
    if isinstance(source, SearchEngine):
        return Service(Settings(index=source.folder), source)
    return Service(load({"index": source}).settings)


def _protect(app: FastAPI, service: Service) -> None:
    """Put the layers around the routes. The last one added is the first that a request meets."""
    settings = service.settings
    keyring = Keyring(settings.keys, settings.api_key) if settings.guarded else None
    app.add_middleware(Methods, router=app.router)
    app.add_middleware(BodyLimit)
    app.add_middleware(Deadline, seconds=settings.request_seconds, metrics=service.metrics)
    app.add_middleware(Access, keyring=keyring, rate=settings.rate, metrics=service.metrics)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", REQUEST_ID],
            expose_headers=[BUILD, CACHE, REQUEST_ID, "RateLimit", "RateLimit-Policy", "Retry-After"],
        )
    app.add_middleware(Exchange, metrics=service.metrics, proxies=settings.proxies)
