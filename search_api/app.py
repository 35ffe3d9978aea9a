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

from corpus.errors import VeilleError
from search_api import handlers
from search_api.bounds import BodyLimit
from search_api.engine import SearchEngine
from search_api.routes import articles, health, search
from search_api.served import Served
from search_api.settings import Settings


def create_app(source: SearchEngine | Path | None = None) -> FastAPI:
    """Return an application over an engine, or over the index in a folder (default: VEILLE_INDEX).

    Given a folder it starts even where the index cannot be opened: /health/ready says why, and it is
    tried again. Raises SettingsError where there is neither.
    """
    served = Served(source if source is not None else Settings.from_environment().index)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with suppress(VeilleError):
            await to_thread.run_sync(served.engine)
        yield
        served.close()

    app = FastAPI(
        title="Veille",
        summary="Semantic search over multilingual tech news.",
        version=version("veille"),
        lifespan=lifespan,
    )
    app.state.served = served
    app.add_middleware(BodyLimit)
    handlers.install(app)
    for routes in (search, articles, health):
        app.include_router(routes.router)
    return app
