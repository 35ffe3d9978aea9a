"""A service: an engine, the threads that ask it, the answers they gave, and what is counted of all that."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic_core import to_json

from corpus.errors import VeilleError
from search_api.engine import SearchEngine
from search_api.errors import QueryError
from search_api.handlers import told
from search_api.queries import clean_query
from search_api.reading import Reading
from search_api.results import Results
from search_api.service.cache import AnswerCache
from search_api.service.metrics import Metrics
from search_api.service.pool import EnginePool
from search_api.service.served import Served
from search_api.settings import Settings

JSON = "application/json"
BUILD = "X-Veille-Build"
CACHE = "X-Veille-Cache"
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """The bytes of an answer, the build that gave it, and whether it was kept from before."""

    body: bytes
    build: str
    cached: bool = False


def as_json(results: Results) -> bytes:
    """Return what GET /search answers."""
    return to_json(results)


class Service:
    """Answers many at once. Open it with `start`, on the event loop it is to run on, and close it."""

    def __init__(self, settings: Settings, engine: SearchEngine | None = None) -> None:
        """Open nothing yet: `start` does, or `served.refresh` before it. A given `engine` stays its giver's."""
        self.settings = settings
        self.metrics = Metrics()
        self.served = Served(engine or settings, self.metrics)
        self._cache = AnswerCache(
            self.metrics, entries=settings.cache_entries, size=int(settings.cache_megabytes * _MEGABYTE)
        )
        self._cached_build = ""
        self._pool: EnginePool | None = None

    def start(self) -> None:
        """Start the threads, and look for new generations from now on."""
        settings = self.settings
        self._pool = EnginePool(
            self.metrics,
            threads=settings.threads or max(1, (os.cpu_count() or 1) // settings.workers),
            most_waiting=settings.most_waiting,
            largest_group=settings.largest_group,
            group_wait=settings.group_wait_ms / 1e3,
        )
        self.served.watch()

    def close(self) -> None:
        """Finish what runs, and let go of the index."""
        if self._pool is not None:
            self._pool.close()
        self.served.close()

    def root(self, request: Request) -> str:
        """Return the address of the service as clients see it, with a slash at its end."""
        return self.settings.public_url or str(request.base_url)

    async def search(
        self,
        query: str,
        arguments: Mapping[str, Any],
        *,
        render: Callable[[Results], bytes] = as_json,
        form: str = "json",
    ) -> Answer:
        """Answer a question: from the cache, or read together with others that came with it.

        `arguments` are those of `SearchEngine.search`; `render` makes the bytes, `form` is its name in the cache.
        Raises what the engine does, and Overloaded.
        """
        return await self.ask(
            query,
            lambda engine, reading: render(engine.search(query, reading=reading, **arguments)),
            key=_kind(form, arguments),
            near=not _filtered(arguments),
        )

    async def ask(
        self,
        query: str | None,
        work: Callable[[SearchEngine, Reading | None], bytes],
        *,
        key: tuple[Hashable, ...],
        near: bool = False,
    ) -> Answer:
        """Answer from the cache, or let a thread do it once the question was read together with others.

        The answer is kept under `key` and the question, which may be None: `work` then gets no reading. `near`: whether
        the nearest passages of all are of use. Raises what `work` does, QueryError and Overloaded.
        """
        asked = None if query is None else clean_query(query, self.settings.longest_query)
        key = (*key, asked)
        with self.served.lease() as engine:
            kept = self._kept(engine.build, key)
            if kept is not None:
                return Answer(kept, engine.build, cached=True)
            if asked is None:
                body = await self._threads.run(lambda: work(engine, None))
            else:
                body = await self._threads.ask(engine, asked, lambda reading: work(engine, reading), near=near)
            return self._keep(engine.build, key, body)

    async def search_each(self, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> Answer:
        """Answer several questions with one thread, from one build; what has no answer has its problem instead.

        What was asked before comes from the cache. Raises Overloaded.
        """
        bodies: dict[int, bytes] = {}
        missing: dict[int, tuple[str, Mapping[str, Any]]] = {}
        with self.served.lease() as engine:
            for place, (question, arguments) in enumerate(asked):
                try:
                    query = clean_query(question, self.settings.longest_query)
                except QueryError as error:
                    bodies[place] = bytes(told(error).body)
                    continue
                kept = self._kept(engine.build, (*_kind("json", arguments), query))
                if kept is None:
                    missing[place] = (query, arguments)
                else:
                    bodies[place] = kept
            if missing:
                self.metrics.embeddings.inc(len(missing))
                found = await self._threads.run(lambda: _each(engine, list(missing.values())))
                for (place, (query, arguments)), outcome in zip(missing.items(), found, strict=True):
                    if isinstance(outcome, VeilleError):
                        bodies[place] = bytes(told(outcome).body)
                    else:
                        bodies[place] = self._keep(engine.build, (*_kind("json", arguments), query), outcome).body
            results = b",".join(bodies[place] for place in range(len(asked)))
            whole = b'{"build":%s,"results":[%s]}' % (to_json(engine.build), results)
            return Answer(whole, engine.build, cached=not missing)

    async def run(self, work: Callable[[SearchEngine], bytes], *, key: Hashable | None = None) -> Answer:
        """Let a thread do something else with the engine. With `key` the answer is kept, and found again, under it.

        Raises what `work` does, and Overloaded.
        """
        with self.served.lease() as engine:
            kept = None if key is None else self._kept(engine.build, key)
            if kept is not None:
                return Answer(kept, engine.build, cached=True)
            body = await self._threads.run(lambda: work(engine))
            return Answer(body, engine.build) if key is None else self._keep(engine.build, key, body)

    @property
    def _threads(self) -> EnginePool:
        if self._pool is None:
            raise RuntimeError("the service was not started")
        return self._pool

    def _kept(self, build: str, key: Hashable) -> bytes | None:
        if build != self._cached_build:
            self._cache.clear()
            self._cached_build = build
        return self._cache.get(key)

    def _keep(self, build: str, key: Hashable, body: bytes) -> Answer:
        # An answer of a build that has been replaced meanwhile is of no use to anybody else.
        if build == self._cached_build:
            self._cache.put(key, body)
        return Answer(body, build)


def _each(engine: SearchEngine, asked: Sequence[tuple[str, Mapping[str, Any]]]) -> list[bytes | VeilleError]:
    """Return what is found for each clean question, or why nothing is. They are read together."""
    near = [not _filtered(arguments) for _, arguments in asked]
    found: list[bytes | VeilleError] = []
    for (query, arguments), reading in zip(asked, engine.read([query for query, _ in asked], near=near), strict=True):
        try:
            found.append(as_json(engine.search(query, reading=reading, **arguments)))
        except VeilleError as error:
            found.append(error)
    return found


def _filtered(arguments: Mapping[str, Any]) -> bool:
    return any(arguments.get(name) for name in ("lang", "source", "category", "since", "until"))


def _kind(form: str, arguments: Mapping[str, Any]) -> tuple[Hashable, ...]:
    """Return what an answer to a search is kept under, together with its question."""
    return "search", form, frozen(arguments)


def respond(request: Request, answer: Answer, media_type: str = JSON) -> Response:
    """Return the response for an answer: its bytes, and headers that say where they come from."""
    cached = "hit" if answer.cached else "miss"
    request.scope["state"].update(build=answer.build, cache=cached)
    return Response(answer.body, media_type=media_type, headers={BUILD: answer.build, CACHE: cached})


def frozen(value: Any) -> Hashable:
    """Return arguments as they can be looked up in the cache."""
    if isinstance(value, Mapping):
        return tuple((name, frozen(value[name])) for name in sorted(value))
    if isinstance(value, list | tuple):
        return tuple(frozen(part) for part in value)
    return value  # type: ignore[no-any-return]  # text, numbers, None


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceNeeded = Annotated[Service, Depends(_service)]
