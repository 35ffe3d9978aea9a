"""How texts of known lengths are put together, and computed on all cores."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

# About so many tokens are computed at once: few enough to stay in a core's cache.
BATCH_TOKENS = 384

Batch = NDArray[np.int64]
_Done = TypeVar("_Done")


def equal_batches(lengths: Sequence[int]) -> list[Batch]:
    """Return places in `lengths`, each once, by falling length: texts of one length, at most BATCH_TOKENS unless alone.

    Nothing is padded, so no work is lost and what a text gives depends on nothing else.
    """
    batches: list[Batch] = []
    order = np.argsort(-np.array(lengths, np.int64), kind="stable")
    ends = np.flatnonzero(np.diff(np.array(lengths, np.int64)[order])) + 1
    for same in np.split(order, ends) if len(order) else []:
        size = max(1, BATCH_TOKENS // lengths[same[0]])
        batches += [same[start : start + size] for start in range(0, len(same), size)]
    return batches


def computed(work: Callable[[Batch], _Done], batches: Sequence[Batch], threads: int) -> Generator[_Done]:
    """Yield `work(batch)` for each, in order, computed by as many threads. Close it to give up what is not begun.

    A batch is one thread's from end to end: threads that share one wait for each other after every operation.
    """
    if threads == 1 or len(batches) == 1:
        yield from map(work, batches)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="encoder")
    try:
        yield from pool.map(work, batches)
    finally:
        pool.shutdown(cancel_futures=True)
