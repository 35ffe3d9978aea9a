"""Asks an engine every query of a benchmark, and measures what it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any, Protocol

import ir_measures
from ir_measures import AP, RR, R, Success, nDCG
from tqdm import tqdm

from search_api.evaluation.benchmark import Benchmark, Query
from search_api.evaluation.sentences import SentenceScores

# How deep a ranking is read; what lies deeper adds less than a thousandth to mAP.
DEPTH = 1_000
_SHARE_AT = 10
_CHUNK = 512
_MEASURES = {
    "ndcg_at_10": nDCG @ 10,
    "recall_at_100": R @ 100,
    "map": AP,
    "mrr_at_10": RR @ 10,
    "first_right": Success @ 1,
}
_NAME_OF = {measure: name for name, measure in _MEASURES.items()}

Scores = dict[str, float]
Ranked = list[str]


class Ranker(Protocol):
    """What is evaluated: a SearchEngine, or what another engine answered."""

    @property
    def build(self) -> str:
        """Which index answers."""

    def languages(self) -> dict[str, str]:
        """Return the language of every document, by its id."""

    def rank(self, queries: Sequence[str], k: int) -> Iterator[list[tuple[str, float]]]:
        """Yield for each query the ids and scores of the `k` best documents, or of fewer, best first."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over queries, 0 to 1. In `matrix` only documents of one language compete: by query and document language.

    `share` is the part of the first ten hits in the question's language, `fair_share` that language's part of the
    relevant documents, `share_at_languages` the same as `share` among as many hits as there are languages.
    """

    benchmark: str
    build: str
    queries: int
    documents: int
    overall: Scores
    by_language: dict[str, Scores]
    matrix: dict[str, dict[str, Scores]]
    share: float | None
    fair_share: float | None
    share_at_languages: float | None
    languages: int
    sentences: SentenceScores | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return everything as a JSON object."""
        return asdict(self)


def evaluate(
    engine: Ranker,
    benchmark: Benchmark,
    *,
    sentences: SentenceScores | None = None,
    settings: Mapping[str, Any] | None = None,
    quiet: bool = False,
) -> Evaluation:
    """Ask every query, with all documents in one pool; the cells of the matrix are that ranking by language.

    Within a language the order does not depend on what else is in the pool. Raises QueryError.
    """
    lang_of = engine.languages()
    overall, by_language = _Means(), defaultdict[str, _Means](_Means)
    cells = defaultdict[tuple[str, str], _Means](_Means)
    shares: list[tuple[float, float, float]] = []
    languages = sorted(set(lang_of.values()))
    for queries, rankings in _answered(engine, benchmark, len(lang_of), quiet=quiet):
        relevant = {query.id: benchmark.relevant[query.id] for query in queries}
        found = _measured(relevant, {q.id: r[:DEPTH] for q, r in zip(queries, rankings, strict=True)})
        for query in queries:
            overall.add(found[query.id])
            by_language[query.lang].add(found[query.id])
        for language in languages:
            judged = {q: {d: s for d, s in docs.items() if lang_of.get(d) == language} for q, docs in relevant.items()}
            judged = {query_id: docs for query_id, docs in judged.items() if docs}
            within = {
                query.id: [document for document in ranking if lang_of[document] == language][:DEPTH]
                for query, ranking in zip(queries, rankings, strict=True)
                if query.id in judged
            }
            measured = _measured(judged, within)
            for query in queries:
                if query.id in measured:
                    cells[query.lang, language].add(measured[query.id])
        shares += [
            _shares(query, ranking, benchmark.relevant[query.id], lang_of, len(languages))
            for query, ranking in zip(queries, rankings, strict=True)
            if query.lang in languages
        ]
    own, fair, narrow = (fmean(values) for values in zip(*shares, strict=True)) if shares else (None, None, None)
    matrix: dict[str, dict[str, Scores]] = defaultdict(dict)
    for (asked, answered), means in sorted(cells.items()):
        matrix[asked][answered] = means.values()
    return Evaluation(
        benchmark=benchmark.name,
        build=engine.build,
        queries=len(benchmark.queries),
        documents=len(benchmark.documents),
        overall=overall.values(),
        by_language={language: means.values() for language, means in sorted(by_language.items())},
        matrix=dict(matrix),
        share=own,
        fair_share=fair,
        share_at_languages=narrow,
        languages=len(languages),
        sentences=sentences,
        settings=dict(settings or {}),
    )


class _Means:
    """Sums up scores."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = dict.fromkeys(_MEASURES, 0.0)
        self._count = 0

    def add(self, scores: Scores) -> None:
        self._count += 1
        for name, value in scores.items():
            self._sums[name] += value

    def values(self) -> Scores:
        return {name: total / max(self._count, 1) for name, total in self._sums.items()}


def _answered(
    engine: Ranker, benchmark: Benchmark, depth: int, *, quiet: bool
) -> Iterator[tuple[list[Query], list[Ranked]]]:
    """Yield queries and the ids that answer them, best first, some at a time."""
    with tqdm(total=len(benchmark.queries), desc="asking", unit=" queries", disable=True if quiet else None) as bar:
        for start in range(0, len(benchmark.queries), _CHUNK):
            queries = benchmark.queries[start : start + _CHUNK]
            rankings = []
            for ranking in engine.rank([query.text for query in queries], depth):
                rankings.append([document for document, _ in ranking])
                bar.update()
            yield queries, rankings


def _measured(relevant: Mapping[str, Mapping[str, int]], rankings: Mapping[str, Sequence[str]]) -> dict[str, Scores]:
    # The measures sort by score and would break ties their own way: what counts is our order.
    run = {query: {document: -float(place) for place, document in enumerate(r)} for query, r in rankings.items()}
    found: dict[str, Scores] = defaultdict(dict)
    for metric in ir_measures.iter_calc(list(_MEASURES.values()), relevant, run):
        found[metric.query_id][_NAME_OF[metric.measure]] = float(metric.value)
    return found


def _shares(
    query: Query, ranking: Ranked, relevant: Mapping[str, int], lang_of: Mapping[str, str], languages: int
) -> tuple[float, float, float]:
    """Return the question's language's part of the first ten, of the relevant, and of the first `languages`."""
    groups = (ranking[:_SHARE_AT], relevant, ranking[:languages])
    first, right, narrow = (fmean(lang_of.get(document) == query.lang for document in group) for group in groups)
    return first, right, narrow
