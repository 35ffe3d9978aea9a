"""A load generator: so many clients, each asking its next question as soon as it has an answer.

Written on bare sockets, so that it takes little of the machine that it shares with what it measures.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

OK = 200


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it. `statuses` counts answers by status, 0 for none; times in milliseconds, of answers of 200."""

    seconds: float
    answers: int
    per_second: float
    p50: float
    p99: float
    slowest: float
    statuses: dict[int, int]

    @property
    def errors(self) -> int:
        """How many requests were not answered with 200."""
        return sum(count for status, count in self.statuses.items() if status != OK)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self) | {"errors": self.errors}


def run(port: int, questions: Sequence[str], *, clients: int, seconds: float, path: str = "/search?k=10&q=") -> Load:
    """Ask a server on this machine. No question is asked twice unless they run out."""
    return asyncio.run(_run(port, questions, clients, seconds, path))


async def _run(port: int, questions: Sequence[str], clients: int, seconds: float, path: str) -> Load:
    asked = itertools.cycle(questions)
    taken: list[float] = []
    statuses: Counter[int] = Counter()
    start = time.perf_counter()
    await asyncio.gather(*(_client(port, path, asked, start + seconds, taken, statuses) for _ in range(clients)))
    elapsed = time.perf_counter() - start
    cuts = statistics.quantiles(taken, n=100) if len(taken) > 1 else [0.0] * 99
    return Load(
        seconds=round(elapsed, 1),
        answers=len(taken),
        per_second=round(len(taken) / elapsed, 1),
        p50=round(cuts[49] * 1e3, 1),
        p99=round(cuts[98] * 1e3, 1),
        slowest=round(max(taken, default=0.0) * 1e3, 1),
        statuses=dict(statuses),
    )


async def _client(
    port: int, path: str, asked: Iterator[str], until: float, taken: list[float], statuses: Counter[int]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        question = next(asked)
        start = time.perf_counter()
        try:
            status, closes = await _ask(reader, writer, path + quote(question))
        except (OSError, EOFError, ValueError):
            status, closes = 0, True
        statuses[status] += 1
        if status == OK:
            taken.append(time.perf_counter() - start)
        if closes:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: str) -> tuple[int, bool]:
    """Return the status, and whether the server closes the connection."""
    writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    await reader.readexactly(int(fields["content-length"]))
    return int(head.split(" ", 2)[1]), fields.get("connection") == "close"
