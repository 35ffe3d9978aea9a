"""The engine that a running server answers with: always that of the newest generation that opens.

A thread looks at `current` and opens what is new beside what is served. Then new requests get the new engine, and the
old one is closed when the last request that holds it has finished: nobody waits, and nobody's index is closed under
him. What does not open changes nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from corpus.errors import VeilleError
from indexer.encoder import Encoder
from indexer.encoders import load_encoder
from indexer.errors import IndexMissing
from indexer.generation import Generation, current_name
from indexer.naming import FOLDER
from search_api.engine import SearchEngine
from search_api.reranking import Reranker
from search_api.service.metrics import Metrics
from search_api.settings import Settings

# Checking a large damaged index takes a while: it is tried again, but not all the time.
_AGAIN = 5.0
_log = logging.getLogger("veille")


@dataclass(frozen=True, slots=True)
class Failure:
    """A generation that does not open: its name where it has one, and why."""

    build: str
    error: VeilleError
    at: float


class _Lease:
    """An engine and how many requests hold it."""

    def __init__(self, engine: SearchEngine, *, owned: bool) -> None:
        self.engine = engine
        self.owned = owned
        self.holders = 0
        self.retired = False


class Served:
    """Holds the engine that requests get. Threads may share it."""

    def __init__(self, source: SearchEngine | Settings, metrics: Metrics) -> None:
        """Open nothing yet. An engine stays its giver's to close, and is never replaced."""
        self._metrics = metrics
        self._settings = source if isinstance(source, Settings) else None
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._current: _Lease | None = None
        self._failure: Failure | None = None
        self._encoder: Encoder | None = None
        self._reranker: Reranker | None = None
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None
        if isinstance(source, SearchEngine):
            self._current = _Lease(source, owned=False)
            metrics.opened(_created(source))

    @contextmanager
    def lease(self) -> Iterator[SearchEngine]:
        """Give the engine, which stays open until this is left. Raises the VeilleError that keeps it from opening."""
        with self._lock:
            lease = self._current
            if lease is None:
                raise self._failure.error if self._failure else IndexMissing("the index is being opened")
            lease.holders += 1
        try:
            yield lease.engine
        finally:
            with self._lock:
                lease.holders -= 1
                last = lease.retired and not lease.holders
            if last:
                lease.engine.close()

    @property
    def failure(self) -> Failure | None:
        """Why the newest generation is not the one that is served; None where it is."""
        return self._failure

    def refresh(self) -> None:
        """Open the newest generation where it is not served yet. Raises what keeps it from being opened."""
        if self._settings is None:
            return
        with self._opening:
            self._refresh(self._settings)

    def watch(self) -> None:
        """Look for new generations from now on, in a thread."""
        if self._settings is not None:
            self._watcher = threading.Thread(target=self._look, args=(self._settings,), name="reload", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Stop looking, and close the engine as soon as nobody holds it."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()
        self._replace(None)

    def _look(self, settings: Settings) -> None:
        while not self._stop.wait(settings.reload_seconds):
            try:
                self.refresh()
            except VeilleError:
                continue  # _refresh has logged and counted it
            except Exception:  # a thread that dies would never be noticed
                _log.exception("looking for a new generation failed")

    def _refresh(self, settings: Settings) -> None:
        name = ""
        try:
            name = current_name(settings.index)
            if self._current is not None and self._current.engine.build == name:
                self._current.engine.reach()
                self._failure = None
                self._metrics.failing.set(0)
                return
            known = self._failure
            if known is not None and known.build == name and time.monotonic() - known.at < _AGAIN:
                raise known.error
            started = time.perf_counter()
            engine = self._opened(settings, name)
        except VeilleError as error:
            self._failed(settings, name, error)
            raise
        self._replace(_Lease(engine, owned=True))
        self._failure = None
        self._metrics.opened(_created(engine))
        _log.info("serving a new generation", extra={"build": name, "seconds": round(time.perf_counter() - started, 3)})

    def _failed(self, settings: Settings, name: str, error: VeilleError) -> None:
        known = self._failure
        if known is not None and known.error is error:
            return
        if name and _superseded(settings.index, name):
            # It was swept away while it was being opened: the next look finds the one after it.
            return
        if known is None or (known.build, str(known.error)) != (name, str(error)):
            _log.warning("%s", error, extra={"build": name})
        self._failure = Failure(name, error, time.monotonic())
        self._metrics.failed()

    def _opened(self, settings: Settings, name: str) -> SearchEngine:
        generation = Generation.open_directory(settings.index / FOLDER / name)
        try:
            # Nobody's first question with a filter is to wait for it: half a second where there are very many articles.
            _ = generation.registry
            built = generation.manifest.encoder
            if self._encoder is None or self._encoder.spec.fingerprint != built.fingerprint:
                self._encoder = load_encoder(settings.model or built.model, threads=1)
            if self._reranker is None and settings.reranker is not None:
                self._reranker = Reranker.load(settings.reranker)
            return SearchEngine(
                generation,
                self._encoder,
                reranker=self._reranker,
                rerank_top=settings.rerank_top,
                longest_query=settings.longest_query,
                step=self._metrics.step,
                root=settings.public_url or "",
            )
        except BaseException:
            generation.close()
            raise

    def _replace(self, lease: _Lease | None) -> None:
        with self._lock:
            old, self._current = self._current, lease
            if old is None:
                return
            old.retired = old.owned
            idle = old.retired and not old.holders
        if idle:
            old.engine.close()


def _superseded(index_dir: Path, name: str) -> bool:
    try:
        return current_name(index_dir) != name
    except VeilleError:
        return False


def _created(engine: SearchEngine) -> float:
    return datetime.fromisoformat(engine.info().created).timestamp()
