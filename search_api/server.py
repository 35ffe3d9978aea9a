"""`veille serve`: one index, one port, one process or several."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from search_api.app import create_app
from search_api.errors import SettingsError
from search_api.info import IndexInfo
from search_api.service import logs
from search_api.service.connection import LimitedConfig
from search_api.service.keyring import Keyring
from search_api.service.metrics import SHARED
from search_api.service.service import Service
from search_api.settings import Settings

_BACKLOG = 512
_log = logging.getLogger("veille")


def serve(settings: Settings) -> None:
    """Serve until interrupted. Raises SettingsError, KeysError or what opening the index does, before it starts."""
    _check_keys(settings)
    logs.set_up(settings)
    with _bound(settings) as listening:
        # uvicorn raises the signal again that ended it: after an orderly end it is not to count as an accident.
        signal.signal(signal.SIGTERM, lambda *_: None)
        if settings.workers == 1:
            _serve_alone(settings, listening)
        else:
            _serve_together(settings, listening)
    _log.info("stopped")


def _serve_alone(settings: Settings, listening: socket.socket) -> None:
    service = Service(settings)
    service.served.refresh()
    with service.served.lease() as engine:
        _announce(settings, listening, engine.info())
    uvicorn.Server(_config(settings, create_app(service))).run(sockets=[listening])


def _serve_together(settings: Settings, listening: socket.socket) -> None:
    """Let workers, each with an engine of its own, share the port."""
    from indexer.generation import Generation
    from indexer.stores import store_of

    if not store_of(settings.index).shared:
        raise SettingsError("milvus-lite is for one process", "Leave --workers out, or use a Milvus server")
    generation = Generation.open(settings.index)
    _announce(settings, listening, IndexInfo.of(generation))
    generation.close()
    del generation
    with tempfile.TemporaryDirectory(prefix="veille-metrics-") as shared:
        os.environ[SHARED] = shared
        Multiprocess(_config(settings, _Worker(settings)), [listening]).run()


@dataclass(frozen=True, slots=True)
class _Worker:
    """Makes the application of a worker, in its process."""

    settings: Settings

    def __call__(self) -> FastAPI:
        logs.set_up(self.settings)
        threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
        return create_app(self.settings)


def _end_with_parent() -> None:
    """Wait until the process that started this one has ended, however it did, and end too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _config(settings: Settings, app: FastAPI | _Worker) -> LimitedConfig:
    return LimitedConfig(
        app,
        factory=isinstance(app, _Worker),
        workers=settings.workers,
        loop="uvloop",
        head_seconds=settings.head_seconds,
        most_connections=settings.most_connections,
        ws="none",
        backlog=_BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=settings.stop_seconds,
    )


def _check_keys(settings: Settings) -> None:
    if settings.guarded and not Keyring(settings.keys, settings.api_key):
        raise SettingsError(
            f"others than this machine can reach {settings.host}, and there is no key yet"
            if not settings.loopback
            else "keys are required, and there is none yet",
            f"Make one: veille keys create NAME --keys {settings.keys}; or let anybody ask with --open",
        )


def _announce(settings: Settings, listening: socket.socket, index: IndexInfo) -> None:
    # Whoever reads this line may ask: the system keeps him until there is someone to answer.
    listening.listen(_BACKLOG)
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    keys = ", with a key" if settings.guarded else ""
    print(f"Serving {index.articles:,} articles on http://{host}:{port}{keys} (contract: /docs)", flush=True)


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
