"""What a peer answered: how fast, and how well."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.drivers import Hits
from search_api.evaluation.benchmark import Benchmark
from search_api.evaluation.measure import evaluate


@dataclass(frozen=True, slots=True)
class Answers:
    """What the worker printed. Seconds: to open, of each question, and CPU seconds of all; memory after the last."""

    opened: float
    hits: dict[str, Hits]
    seconds: list[float]
    cpu_seconds: float
    resident_mb: float

    @classmethod
    def read(cls, file: Path) -> Answers:
        """Read JSON Lines as the worker prints them."""
        first, *answered, last = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        hits = {answer["id"]: [(hit, score) for hit, score in answer["hits"]] for answer in answered}
        return cls(first["opened"], hits, [answer["seconds"] for answer in answered], **last)

    def speed(self) -> dict[str, Any]:
        """Return the percentiles of a question's time in milliseconds, and what stands beside them."""
        p50, p99 = np.percentile(np.array(self.seconds) * 1000, (50, 99)).tolist()
        return {
            "questions": len(self.seconds),
            "p50_ms": round(p50, 2),
            "p99_ms": round(p99, 2),
            "cpu_ms": round(self.cpu_seconds * 1000 / len(self.seconds), 2),
            "open_seconds": self.opened,
            "resident_mb": self.resident_mb,
        }

    def quality(self, benchmark: Benchmark) -> dict[str, Any]:
        """Return means over all questions, the documents of all languages in one pool, by what Veille is measured with.

        `map` counts what was answered, some 100 documents; `own_share`: the part of the first ten hits in the
        question's language, `fair_share` the part of the relevant documents.
        """
        found = evaluate(_Recorded(self, benchmark), benchmark, quiet=True)
        return {
            "documents": found.documents,
            "queries": found.queries,
            "ndcg_at_10": round(found.overall["ndcg_at_10"], 4),
            "map": round(found.overall["map"], 4),
            "mrr_at_10": round(found.overall["mrr_at_10"], 4),
            "own_share": None if found.share is None else round(found.share, 4),
            "fair_share": None if found.fair_share is None else round(found.fair_share, 4),
        }


class _Recorded:
    """Answers as they were answered (a search_api.evaluation.measure.Ranker)."""

    build = "recorded"

    def __init__(self, answers: Answers, benchmark: Benchmark) -> None:
        self._languages = {document["id"]: document["lang"] for document in benchmark.documents}
        self._hits = {query.text: answers.hits[query.id] for query in benchmark.queries}

    def languages(self) -> dict[str, str]:
        return self._languages

    def rank(self, queries: Sequence[str], k: int) -> Iterator[Hits]:
        for query in queries:
            yield self._hits[query][:k]
