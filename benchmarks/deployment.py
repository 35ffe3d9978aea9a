"""What an index of so many passages takes: the tables of docs/scale.md, computed from what was measured.

Measured are the constants, each in the place that stands behind it. Everything printed is computed from them: no index
of more than a million passages was made here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SIZES = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
DIMENSION = 384

# docs/benchmarks.md, "veille index, whole command": one run over articles of the news corpus.
_PASSAGES, _TOKENS = 12_462, 1_186_388
_EMBEDDING_SECONDS, _BUILD_SECONDS = 131.2, 149.2  # of the processor: the passages alone; the whole command
# README.md, "What it costs": the whole news corpus.
_NEWS_ARTICLES, _NEWS_PASSAGES = 24_539, 62_049
# docs/choices.md, "What is checked when an index is opened" and "What a change costs": bytes of that index on disk.
_FACTS_BYTES, _WORDS_BYTES, _CODES_BYTES = 43e6, 36.4e6, 289e6
# docs/benchmarks.md, "The vector index by size": what a sketch in cells adds to whole vectors, bytes a passage; without
# the 64 of those by language, which are left out where memory is short.
_SKETCH = (1_674e6 - 1_536e6) / 1e6 - 64
# docs/choices.md, "Vectors by size": the most memory of a build, bytes a passage.
_BUILDING = 3_800
# docs/benchmarks.md, "The HTTP service under load": of the processor, for an answer over the news corpus.
_ANSWER_SECONDS = 0.0122

# Assumed: cores that embed, and what of a machine's memory vectors may take beside everything else.
CORES = 64
QUERY_NODE_BYTES = 64e9
_FOR_VECTORS = 0.7
REPLICAS = 2


@dataclass(frozen=True, slots=True)
class Needs:
    """What an index takes. Sizes in bytes, one replica each.

    `whole`, `halved` and `quartered` are vectors in memory in four, two bytes and one byte a dimension, with what is
    needed to search them; `local` is the service's own disk without codes of tokens, `codes` what those add;
    `building` the memory of the process that builds.
    """

    passages: int
    articles: int
    tokens: float
    embedding_hours: float
    other_hours: float
    whole: float
    halved: float
    quartered: float
    local: float
    codes: float
    building: float

    @property
    def query_nodes(self) -> tuple[int, int]:
        """How many hold `REPLICAS` copies of the vectors, each on nodes of its own: whole ones, and in one byte."""
        room = _FOR_VECTORS * QUERY_NODE_BYTES
        return REPLICAS * math.ceil(self.whole / room), REPLICAS * math.ceil(self.quartered / room)


def needs(passages: int) -> Needs:
    """Return what an index of so many passages takes, were they those of the news corpus."""
    tokens = passages * _TOKENS / _PASSAGES
    whole, halved, quartered = (passages * (DIMENSION * each + _SKETCH) for each in (4, 2, 1))
    return Needs(
        passages=passages,
        articles=round(passages * _NEWS_ARTICLES / _NEWS_PASSAGES),
        tokens=tokens,
        embedding_hours=tokens / (_TOKENS / _EMBEDDING_SECONDS) / 3600,
        other_hours=passages * (_BUILD_SECONDS - _EMBEDDING_SECONDS) / _PASSAGES / 3600,
        whole=whole,
        halved=halved,
        quartered=quartered,
        local=passages * (_FACTS_BYTES + _WORDS_BYTES) / _NEWS_PASSAGES,
        codes=passages * _CODES_BYTES / _NEWS_PASSAGES,
        building=passages * _BUILDING,
    )


def lines() -> list[str]:
    """Return the tables in Markdown, line by line."""
    found = [needs(size) for size in SIZES]
    return [*_indexing(found), "", *_serving(found)]


def answers_per_core() -> float:
    """Return how many answers a second a core gives over the news corpus."""
    return 1 / _ANSWER_SECONDS


def _indexing(found: list[Needs]) -> list[str]:
    rows = [
        f"| passages | articles | tokens | embedding, core-hours | with {CORES} cores "
        "| the rest of a build, core-hours | memory of the process that builds |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for need in found:
        rows.append(
            f"| {need.passages:,} | {_short(need.articles)} | {_short(need.tokens)} "
            f"| {_digits(need.embedding_hours)} | {_time(need.embedding_hours / CORES)} "
            f"| {_digits(need.other_hours)} | {_bytes(need.building)} |"
        )
    return rows


def _serving(found: list[Needs]) -> list[str]:
    rows = [
        "| passages | vectors in memory, whole | two bytes | one byte | facts and words on disk | codes of tokens "
        f"| query nodes of {_bytes(QUERY_NODE_BYTES)} for two replicas: whole, one byte |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for need in found:
        rows.append(
            f"| {need.passages:,} | {_bytes(need.whole)} | {_bytes(need.halved)} | {_bytes(need.quartered)} "
            f"| {_bytes(need.local)} | {_bytes(need.codes)} | {need.query_nodes[0]}, {need.query_nodes[1]} |"
        )
    return rows


def _short(count: float) -> str:
    for size, name in ((1e9, "thousand million"), (1e6, "million"), (1e3, "thousand")):
        if count >= size:
            return f"{_digits(count / size)} {name}"
    return str(round(count))


def _bytes(size: float) -> str:
    return f"{_digits(size / 1e12)} TB" if size >= 1e12 else f"{_digits(size / 1e9)} GB"


def _time(hours: float) -> str:
    if hours < 1:
        return f"{_digits(hours * 60)} minutes"
    return f"{_digits(hours)} hours"


def _digits(value: float) -> str:
    """Return two significant digits: no figure here is known better."""
    places = 1 - math.floor(math.log10(value))
    rounded = round(value, places)
    return f"{rounded:,.{max(places, 0)}f}"


def main() -> None:
    """Print the tables."""
    print("\n".join(lines()))
    print(f"\nanswers a second and core: {answers_per_core():.0f}")


if __name__ == "__main__":
    main()
