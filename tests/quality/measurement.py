"""What the gate measures: real text through the ordinary build, the ordinary engine and the real encoder.

A set is measured three ways: as Veille answers, with vectors alone, and plain (vectors alone, languages left in, by
the encoder's weights without their adapter).
No embedding of an article is kept from run to run: one of yesterday would hide what the encoder does today.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks import exact_terms
from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.evaluation.benchmark import CORPUS, QUERIES, Benchmark, Query, read_benchmark
from search_api.evaluation.measure import Evaluation, evaluate
from search_api.evaluation.roles import evaluate_roles, read_pairs
from search_api.evaluation.sentences import ANSWERS, evaluate_sentences
from tests.quality.floors import digest
from training.news import PAIRS

SAMPLES = Path(__file__).parents[1] / "data"
# Of each kind of exact terms so many are asked, bare and within a question, among the articles that hold one of them
# and so many others; all of them short, as long ones take minutes to embed.
TERMS = 20
OTHERS = 500
LONGEST = 2_000
ANSWERED = 150
QUESTIONS = ("{}", "Que sait-on de {} ?")


@dataclass(frozen=True, slots=True)
class Set:
    """A benchmark, and which part of it is asked.

    Documents in `langs` (all where empty), each `every`th query, which is also asked for the `sentences` that answer,
    where the benchmark names them. Nothing in it answers the questions of `outside`.
    """

    folder: Path
    langs: tuple[str, ...] = ()
    every: int = 1
    sentences: bool = True
    outside: Set | None = None

    def digest(self) -> str:
        """Return what tells this input from any other."""
        files = [self.folder / name for name in (CORPUS, QUERIES, "qrels.tsv", ANSWERS)]
        return digest([file for file in files if file.is_file()], asked=[*self.langs, str(self.every)])

    def read(self) -> Benchmark:
        """Return documents and queries."""
        return read_benchmark(self.folder, langs=self.langs, every=self.every)


@dataclass(frozen=True, slots=True)
class Measured:
    """A set as Veille answers it, and with vectors alone (`dense`).

    `asked`: how many questions in each language; `answered`: the share of them that the index says it answers;
    `unanswered`: the share of questions that nothing in it answers of which it says so.
    """

    full: Evaluation
    dense: Evaluation
    asked: dict[str, int]
    answered: float
    unanswered: float | None

    def metrics(self) -> dict[str, float]:
        """Return what has a floor. The relations to anything else are tests of their own."""
        # That a language has less than its share is no virtue: a ceiling must not push it lower.
        own = max(self.full.share_at_languages or 0, self.full.fair_share or 0)
        values = {**ranking(self.full), "own_share": own, "answered": self.answered}
        if self.unanswered is not None:
            values["unanswered"] = self.unanswered
        if self.full.sentences is not None:
            chosen = self.full.sentences
            values |= {"sentence_said_own": chosen.said_own, "sentence_said_other": chosen.said_other}
        return values

    def mrr_cost(self, plain: Evaluation) -> float:
        """Return how much MRR@10 over the whole pool is lost against plain; negative where some is won."""
        return plain.overall["mrr_at_10"] - self.full.overall["mrr_at_10"]

    def own_costs(self, plain: Evaluation) -> dict[str, float]:
        """Return by language what is lost of R@1 against plain, where only documents of that language compete."""
        return {
            language: plain.matrix[language][language]["first_right"] - row[language]["first_right"]
            for language, row in self.full.matrix.items()
            if language in row
        }

    def words_costs(self) -> dict[str, float]:
        """Return by language of the question what is lost of nDCG@10 against vectors alone."""
        full, dense = self.full.by_language, self.dense.by_language
        return {language: dense[language]["ndcg_at_10"] - full[language]["ndcg_at_10"] for language in full}

    def pooled(self, costs: Mapping[str, float]) -> float:
        """Return the mean of costs by language over all questions."""
        return sum(cost * self.asked[language] for language, cost in costs.items()) / sum(
            self.asked[language] for language in costs
        )

    def gain(self, plain: Evaluation) -> float:
        """Return how much of the mAP that plain vectors lack is won."""
        lacking = 1 - plain.overall["map"]
        return (self.full.overall["map"] - plain.overall["map"]) / lacking


def ranking(found: Evaluation) -> dict[str, float]:
    """Return how well documents are ranked, and sentences chosen where they were asked for."""
    values = {metric: found.overall[metric] for metric in ("map", "mrr_at_10")}
    if found.sentences is not None:
        values |= {"sentence_own": found.sentences.right_own, "sentence_other": found.sentences.right_other}
    return values


def measure(part: Set, encoder: Encoder, scratch: Path) -> Measured:
    """Index a set in `scratch` and ask it. No text is embedded twice in the same folder."""
    benchmark = part.read()
    index = _built(benchmark.documents, encoder, scratch)
    with closing(SearchEngine(Generation.open(index), encoder)) as engine:
        full = _full(engine, part, benchmark)
        answered = _answered(engine, benchmark.queries)
        unanswered = 1 - _answered(engine, part.outside.read().queries) if part.outside else None
    asked = Counter(query.lang for query in benchmark.queries)
    return Measured(full, _dense(index, encoder, benchmark), asked, answered, unanswered)


def measure_full(part: Set, encoder: Encoder, scratch: Path) -> Evaluation:
    """Return how Veille answers a set, and nothing else of it."""
    benchmark = part.read()
    with closing(SearchEngine(Generation.open(_built(benchmark.documents, encoder, scratch)), encoder)) as engine:
        return _full(engine, part, benchmark)


def measure_plain(part: Set, encoder: Encoder, scratch: Path) -> Evaluation:
    """Return what vectors alone find that keep their languages."""
    benchmark = part.read()
    index = _built(benchmark.documents, encoder, scratch, plain=True, keep_codes=False)
    return _dense(index, encoder, benchmark)


def technews_digest() -> str:
    """Return what tells the articles that exact terms are drawn from."""
    asked = [str(TERMS), str(OTHERS), str(LONGEST), *QUESTIONS]
    return digest(sorted(exact_terms.DATA.glob("*.jsonl")), asked=asked)


def measure_exact_terms(encoder: Encoder, scratch: Path, *, alone: bool = False) -> float:
    """Return the share of exact terms that stand in the first hit, with words or with vectors `alone`.

    Among fewer articles a term that stood in one to three stories still stands in the same.
    """
    drawn, articles = _exact_terms()
    index = _built(articles, encoder, scratch)
    with closing(SearchEngine(Generation.open(index), encoder, dense_only=alone)) as engine:
        right = (exact_terms.first_hits(engine, question, found) for question in QUESTIONS for found in drawn.values())
        return fmean(chain.from_iterable(right))


def measure_unknown_numbers(encoder: Encoder, scratch: Path) -> float:
    """Return the share of numbers and versions that no article holds which count as unanswered."""
    drawn, articles = _exact_terms()
    generation = Generation.open(_built(articles, encoder, scratch))
    held = [term for kind in exact_terms.NUMBERED for term in drawn[kind]]
    nowhere = exact_terms.elsewhere(held, generation.words)
    with closing(SearchEngine(generation, encoder)) as engine:
        return fmean(
            not engine.search(question.format(term), 5, passages_per_article=1).answered
            for question in QUESTIONS
            for term in nowhere
        )


def measure_roles(encoder: Encoder) -> dict[str, float]:
    """Return the share of pairs that are told right: of all, in the weakest language, and of real sentences."""
    scores = evaluate_roles(encoder, read_pairs(PAIRS))
    weakest = min(share.right for share in scores.by_kind["lang"].values())
    return {"told": scores.overall.right, "weakest_language": weakest, "real": scores.by_kind["real"]["yes"].right}


@cache
def _exact_terms() -> tuple[dict[str, dict[str, set[str]]], list[dict[str, Any]]]:
    """Return the terms that are asked, by kind, and the articles that they are looked for in."""
    articles = _short_articles()
    drawn = {kind: _short(found, articles) for kind, found in exact_terms.terms().items()}
    holding = set(chain.from_iterable(ids for found in drawn.values() for ids in found.values()))
    rest = [article_id for article_id in articles if article_id not in holding]
    return drawn, [articles[article_id] for article_id in sorted(holding | set(rest[:: len(rest) // OTHERS]))]


def _short(found: dict[str, set[str]], articles: Container[str]) -> dict[str, set[str]]:
    """Return the first terms that only short articles hold."""
    short = {term: ids for term, ids in found.items() if all(article_id in articles for article_id in ids)}
    return dict(islice(short.items(), TERMS))


def _short_articles() -> dict[str, dict[str, Any]]:
    """Return the records of all short articles by id."""
    found = {}
    for file in sorted(exact_terms.DATA.glob("*.jsonl")):
        with file.open(encoding="utf-8") as stream:
            for article in map(json.loads, stream):
                if len(article["text"]) <= LONGEST:
                    found[article["id"]] = article
    return found


def _answered(engine: SearchEngine, queries: Sequence[Query]) -> float:
    """Return the share of about a hundred and fifty of these questions that the index says it answers."""
    some = queries[:: max(len(queries) // ANSWERED, 1)]
    return fmean(bool(engine.search(query.text, 5, passages_per_article=1).answered) for query in some)


def _built(articles: Sequence[dict[str, Any]], encoder: Encoder, scratch: Path, **options: bool) -> Path:
    """Index articles alone, whatever `scratch` holds of others; what was embedded before is not embedded again."""
    source, index = scratch / CORPUS, scratch / "index"
    source.write_text("".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles), encoding="utf-8")
    build([source], index, encoder=encoder, quiet=True, fresh=True, **options)
    return index


def _full(engine: SearchEngine, part: Set, benchmark: Benchmark) -> Evaluation:
    sentences = evaluate_sentences(engine, benchmark, part.folder, quiet=True) if part.sentences else None
    return evaluate(engine, benchmark, sentences=sentences, quiet=True)


def _dense(index: Path, encoder: Encoder, benchmark: Benchmark) -> Evaluation:
    with closing(SearchEngine(Generation.open(index), encoder, dense_only=True)) as engine:
        return evaluate(engine, benchmark, quiet=True)
