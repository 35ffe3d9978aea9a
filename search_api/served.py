"""The engine that a running server answers with, opened when it is first needed."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from corpus.errors import VeilleError
from search_api.engine import SearchEngine

_RETRY_AFTER = 5.0
_log = logging.getLogger("veille")


class Served:
    """Holds an engine, or the folder to open one from.

    An index that is missing when the server starts may be built later: opening is tried again, but at
    most every five seconds, as checking a large damaged index takes a while.
    """

    def __init__(self, source: SearchEngine | Path) -> None:
        """Open nothing yet. An engine stays its giver's to close."""
        self._engine = source if isinstance(source, SearchEngine) else None
        self._folder = source if isinstance(source, Path) else None
        self._failure: VeilleError | None = None
        self._failed_at = 0.0
        self._lock = threading.Lock()

    def engine(self) -> SearchEngine:
        """Return the engine. Raises the VeilleError that keeps the index from being opened."""
        if self._engine is not None:
            return self._engine
        with self._lock:
            if self._engine is None:
                self._engine = self._opened()
            return self._engine

    def close(self) -> None:
        """Close the engine if it was opened here."""
        with self._lock:
            if self._folder is not None and self._engine is not None:
                self._engine.close()
                self._engine = None

    def _opened(self) -> SearchEngine:
        assert self._folder is not None  # noqa: S101  # there is either an engine or a folder
        if self._failure is not None and time.monotonic() - self._failed_at < _RETRY_AFTER:
            raise self._failure
        try:
            return SearchEngine.open(self._folder)
        except VeilleError as error:
            _log.warning("%s", error)
            self._failure, self._failed_at = error, time.monotonic()
            raise


def _engine(request: Request) -> SearchEngine:
    served: Served = request.app.state.served
    return served.engine()


Engine = Annotated[SearchEngine, Depends(_engine)]
