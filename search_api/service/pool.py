"""The threads that answer, and the queue before them.

Questions that arrive together are encoded together: whoever becomes free takes all that wait, up to a number.
Where nobody waits nobody is kept waiting for company, so a lone question loses nothing, and the more ask at once the
larger the groups become.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from search_api.engine import SearchEngine
from search_api.errors import Overloaded
from search_api.reading import Reading
from search_api.service.metrics import Metrics

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """Work for a thread. A question has an engine, its text, and what to do once it has been read."""

    work: Callable[..., Any]
    engine: SearchEngine | None = None
    query: str = ""
    near: bool = True
    outcome: Future[Any] = field(default_factory=Future)
    since: float = field(default_factory=time.perf_counter)


class EnginePool:
    """A fixed number of threads behind a queue of bounded length."""

    def __init__(
        self, metrics: Metrics, *, threads: int, most_waiting: int, largest_group: int, group_wait: float = 0.0
    ) -> None:
        """Start `threads`. `group_wait`: seconds that a lone question waits for company."""
        self._metrics = metrics
        self._most_waiting = most_waiting
        self._largest_group = largest_group
        self._group_wait = group_wait
        self._waiting: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._answer_all, name=f"answer-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def ask(self, engine: SearchEngine, query: str, work: Callable[[Reading], T], *, near: bool = True) -> T:
        """Read a clean question with others that wait, and return what `work` makes of it, in a thread.

        `near`: whether the nearest passages of all are of use (see `SearchEngine.read`). Raises Overloaded where too
        many wait already, and what `work` raises.
        """
        found: T = await self._outcome(_Job(work, engine, query, near))
        return found

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` does, in a thread. Raises Overloaded, and what `work` raises."""
        found: T = await self._outcome(_Job(work))
        return found

    def close(self) -> None:
        """Finish what runs; drop what waits."""
        with self._changed:
            self._closed = True
            for job in self._waiting:
                job.outcome.cancel()
            self._waiting.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    async def _outcome(self, job: _Job) -> Any:
        with self._changed:
            if self._closed or len(self._waiting) >= self._most_waiting:
                self._metrics.refused.labels("queue").inc()
                raise Overloaded(
                    f"{len(self._waiting)} requests are waiting already", "Ask again a little later", retry_after=1
                )
            self._waiting.append(job)
            self._metrics.waiting.set(len(self._waiting))
            self._changed.notify()
        # Where the request is given up, the job is cancelled with it, unless a thread has begun.
        return await asyncio.wrap_future(job.outcome)

    def _answer_all(self) -> None:
        while group := self._next():
            if group[0].engine is None:
                _settle(group[0], group[0].work)
            else:
                self._answer(group[0].engine, group)

    def _next(self) -> list[_Job]:
        """Wait for work; return one job, or questions of one engine. Nothing where the pool is closed."""
        while True:
            with self._changed:
                while not self._waiting:
                    if self._closed:
                        return []
                    self._changed.wait()
                group = self._taken()
                self._metrics.waiting.set(len(self._waiting))
            group = [job for job in group if job.outcome.set_running_or_notify_cancel()]
            if group:
                return group

    def _taken(self) -> list[_Job]:
        first = self._waiting.popleft()
        group = [first]
        if first.engine is None:
            return group
        if self._group_wait:
            self._changed.wait_for(
                lambda: self._closed or len(self._waiting) >= self._largest_group - 1, self._group_wait
            )
        while self._waiting and len(group) < self._largest_group and self._waiting[0].engine is first.engine:
            group.append(self._waiting.popleft())
        return group

    def _answer(self, engine: SearchEngine, group: list[_Job]) -> None:
        now = time.perf_counter()
        for job in group:
            self._metrics.took("wait", now - job.since)
        self._metrics.groups.observe(len(group))
        self._metrics.embeddings.inc(len(group))
        try:
            readings = engine.read([job.query for job in group], near=[job.near for job in group])
        except Exception:
            # One question that cannot be read must not take the others with it.
            for job in group:
                _settle(job, partial(_alone, engine, job))
            return
        for job, reading in zip(group, readings, strict=True):
            _settle(job, partial(job.work, reading))


def _alone(engine: SearchEngine, job: _Job) -> Any:
    return job.work(engine.read([job.query], near=[job.near])[0])


def _settle(job: _Job, work: Callable[[], Any]) -> None:
    try:
        job.outcome.set_result(work())
    except Exception as error:
        job.outcome.set_exception(error)
