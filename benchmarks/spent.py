"""What a piece of work, or a process, took."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock, and of all processors together."""

    clock: float
    processor: float

    @classmethod
    def by(cls, work: Callable[[], object]) -> Taken:
        """Do `work` in this process."""
        clock, processor = time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - clock, time.process_time() - processor)


@dataclass(frozen=True, slots=True)
class Process:
    """What a process took; its peak memory in MB; what it printed."""

    taken: Taken
    peak: float
    printed: str

    @classmethod
    def of(cls, command: Sequence[str]) -> Process:
        """Run `command` with this Python. Exits where it fails."""
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None  # as asked for
        printed = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        clock = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MEGABYTE
        return cls(Taken(clock, usage.ru_utime + usage.ru_stime), peak, printed)


def middle(rounds: list[Taken]) -> Taken:
    """Return the medians."""
    return Taken(
        statistics.median(own.clock for own in rounds),
        statistics.median(own.processor for own in rounds),
    )


def quotient(slower: list[Taken], faster: list[Taken]) -> Taken:
    """Return the medians of the rounds' ratios."""
    pairs = zip(slower, faster, strict=True)
    return middle([Taken(a.clock / b.clock, a.processor / b.processor) for a, b in pairs])
