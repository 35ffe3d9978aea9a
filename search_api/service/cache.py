"""Answers that were given before. Whoever asks the same of the same build gets the same bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from search_api.service.metrics import Metrics

# What an entry takes beside the bytes of its answer, about.
_OVERHEAD = 600


class AnswerCache:
    """The answers that were asked for last, bounded in number and in bytes. For one thread: that of the event loop."""

    def __init__(self, metrics: Metrics, *, entries: int, size: int) -> None:
        """Keep at most so many answers, and so many bytes; 0 keeps nothing."""
        self._metrics = metrics
        self._entries = entries
        self._size = size
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Hashable) -> bytes | None:
        """Return the answer to `key`, None where it is not kept."""
        found = self._kept.get(key)
        self._metrics.cached.labels("miss" if found is None else "hit").inc()
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, answer: bytes) -> None:
        """Keep an answer, and forget those that nobody has asked for the longest."""
        if key in self._kept:
            self._bytes -= len(self._kept.pop(key)) + _OVERHEAD
        self._kept[key] = answer
        self._bytes += len(answer) + _OVERHEAD
        while self._kept and (len(self._kept) > self._entries or self._bytes > self._size):
            _, forgotten = self._kept.popitem(last=False)
            self._bytes -= len(forgotten) + _OVERHEAD
        self._metrics.cache_entries.set(len(self._kept))
        self._metrics.cache_bytes.set(self._bytes)

    def clear(self) -> None:
        """Forget everything: the answers are of a build that is served no more."""
        self._kept.clear()
        self._bytes = 0
        self._metrics.cache_entries.set(0)
        self._metrics.cache_bytes.set(0)
