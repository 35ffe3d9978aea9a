"""Time: a clock that tests can turn, and the pause between two requests to one host."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

MANY_HOSTS = 10_000


class Clock(Protocol):
    """What a fetcher knows of time."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Pace:
    """Lets one request after another go to a host. May be shared by threads: each gets a moment of its own."""

    def __init__(self, clock: Clock) -> None:
        """Know of no host yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._free: dict[str, float] = {}

    def wait(self, host: str, pause: float) -> None:
        """Wait until `host` may be asked; the next one waits at least `pause` seconds more."""
        with self._lock:
            now = self._clock.monotonic()
            if len(self._free) > MANY_HOSTS:
                self._free = {name: free for name, free in self._free.items() if free > now}
            start = max(now, self._free.get(host, now))
            self._free[host] = start + pause
        if start > now:
            self._clock.sleep(start - now)

    def leave_alone(self, host: str, seconds: float) -> None:
        """Let nobody ask `host` for that long."""
        with self._lock:
            self._free[host] = max(self._free.get(host, 0.0), self._clock.monotonic() + seconds)
