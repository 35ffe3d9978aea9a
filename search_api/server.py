"""`veille serve`: one process, one index, one port."""

from __future__ import annotations

import socket

import uvicorn

from search_api.app import create_app
from search_api.engine import SearchEngine
from search_api.errors import SettingsError
from search_api.queries import RERANK_TOP
from search_api.settings import Settings


def serve(
    settings: Settings, *, model: str | None = None, reranker: str | None = None, rerank_top: int = RERANK_TOP
) -> None:
    """Serve until interrupted. Raises SettingsError, or what SearchEngine.open does, before it starts."""
    with (
        _bound(settings) as listening,
        SearchEngine.open(settings.index, model=model, reranker=reranker, rerank_top=rerank_top) as engine,
    ):
        port = listening.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        articles = engine.info().articles
        print(f"Serving {articles:,} articles on http://{host}:{port} (contract: /docs)", flush=True)
        # Without uvicorn's own limit a slow client could keep the process from ever stopping.
        config = uvicorn.Config(create_app(engine), timeout_graceful_shutdown=5, server_header=False)
        uvicorn.Server(config).run(sockets=[listening])


def _bound(settings: Settings) -> socket.socket:
    """Return a socket bound to the address, not listening yet: nobody is kept waiting while the index opens."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(address)
        except BaseException:
            made.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {reason}",
            "Choose another with --host and --port",
        ) from error
    return made
