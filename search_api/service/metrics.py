"""What a service counts, for Prometheus. Each service has a registry of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# Where workers share what they count: prometheus_client reads it when it is imported.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_GROUPS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counters, gauges and histograms of one service."""

    def __init__(self) -> None:
        """Start at nothing."""
        self._registry = own = CollectorRegistry()
        self.requests = Counter(
            "veille_requests_total", "Requests that were answered.", ["route", "method", "status"], registry=own
        )
        self.seconds = Histogram(
            "veille_request_seconds", "From the request to its answer.", ["route"], buckets=_SECONDS, registry=own
        )
        self._steps = Histogram(
            "veille_step_seconds", "Time of each step of answering.", ["step"], buckets=_SECONDS, registry=own
        )
        self.waiting = Gauge(
            "veille_waiting", "Requests that wait for a thread.", registry=own, multiprocess_mode="livesum"
        )
        self.groups = Histogram(
            "veille_group_size", "Questions that were encoded together.", buckets=_GROUPS, registry=own
        )
        self.embeddings = Counter("veille_embeddings_total", "Questions that were encoded.", registry=own)
        self.cached = Counter("veille_cache_total", "Answers looked for in the cache.", ["outcome"], registry=own)
        self.cache_entries = Gauge(
            "veille_cache_entries", "Answers in the cache.", registry=own, multiprocess_mode="livesum"
        )
        self.cache_bytes = Gauge("veille_cache_bytes", "Their size.", registry=own, multiprocess_mode="livesum")
        self.refused = Counter("veille_refused_total", "Requests refused, by kind.", ["kind"], registry=own)
        self.reloads = Counter(
            "veille_reloads_total", "Generations that were opened, or were not.", ["outcome"], registry=own
        )
        self.failing = Gauge(
            "veille_reload_failing",
            "1 while the newest generation does not open.",
            registry=own,
            multiprocess_mode="livemax",
        )
        self._created = Gauge(
            "veille_build_created_seconds",
            "When the served build was made, Unix time.",
            registry=own,
            multiprocess_mode="livemin",
        )
        self._age = Gauge(
            "veille_build_age_seconds", "Its age when this was asked.", registry=own, multiprocess_mode="livemax"
        )
        self._built: float | None = None
        for outcome in ("hit", "miss"):
            self.cached.labels(outcome)
        for outcome in ("opened", "failed"):
            self.reloads.labels(outcome)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step of answering."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.took(name, time.perf_counter() - start)

    def took(self, name: str, seconds: float) -> None:
        """Count the time of a step."""
        self._steps.labels(name).observe(seconds)

    def opened(self, created: float) -> None:
        """Remember when the build that is served now was made, Unix time."""
        self._built = created
        self._created.set(created)
        self.reloads.labels("opened").inc()
        self.failing.set(0)

    def failed(self) -> None:
        """Count a generation that does not open."""
        self.reloads.labels("failed").inc()
        self.failing.set(1)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format; of all workers where there are several."""
        if self._built is not None:
            self._age.set(max(time.time() - self._built, 0))
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
