"""How often an index says rightly that it has an answer or none, and how sure one may be of a hit.

python -m benchmarks.answered                         an index of each benchmark, made on the spot
python -m benchmarks.answered --news DIR              DIR made from technews by `veille index`

Questions of debian_headlines have their stories in technews and in an index of their own, those of xquad do not, and
the other way round. A hit is right if the benchmark says so; in an index without the stories no hit is.
With --news also CVE numbers and versions that stand there are asked for, bare and within questions, and such as stand
nowhere; and of names that stand there what was never told of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from benchmarks import exact_terms
from corpus import terms
from indexer.build import build
from indexer.encoders import load_encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.evaluation.benchmark import Benchmark, Query, read_benchmark

DATA = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data" / "crosslingual"
LANGUAGES = ("ar", "de", "en", "es", "ru", "tr", "zh")
BINS = (0.1, 0.3, 0.5, 0.7, 0.9)

# Names of two words that so many passages hold; what is shorter is seldom a name.
NAMED, LETTERS, OF_NAMES = (3, 60), 4, 120
NEVER_TOLD = (
    "{} battery explosion",
    "why did {} lose the election",
    "{} divorce lawsuit",
    "recette de cuisine de {}",
    "{} Fußballspiel Ergebnis",
    "earthquake damage at {}",
    "{} spacecraft launch to Mars",
    "{} vaccine trial results",
)

Outcomes = list[tuple[bool, list[tuple[float, bool]]]]


def main() -> None:
    """Print tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--news", type=Path, metavar="DIR")
    parser.add_argument("--every", type=int, default=5, metavar="N", help="ask every Nth question (default 5)")
    options = parser.parse_args()
    headlines = read_benchmark(DATA / "debian_headlines", every=options.every)
    questions = read_benchmark(DATA / "xquad", langs=LANGUAGES, every=options.every)
    print("| index | asked | answered | marked unanswered |\n| --- | --- | --- | --- |", flush=True)
    if options.news:
        with SearchEngine.open(options.news) as engine:
            shares("technews", "debian_headlines", asked(engine, headlines.queries, {}))
            shares(
                "technews",
                "xquad, all nine languages",
                asked(engine, read_benchmark(DATA / "xquad", every=10).queries, {}),
            )
            exactly_named(engine, options.news)
            shares("technews", "names it holds, and what was never told", asked(engine, never_told(options.news), {}))
        return
    tables = []
    for name, inside, outside in (
        ("debian_headlines", headlines, questions),
        ("xquad", questions, headlines),
    ):
        with tempfile.TemporaryDirectory() as folder, opened(inside, Path(folder)) as engine:
            right, wrong = asked(engine, inside.queries, inside.relevant), asked(engine, outside.queries, {})
        shares(name, name, right)
        shares(name, "the other", wrong)
        tables.append((name, [pair for _, hits in (*right, *wrong) for pair in hits]))
    print("\n| index | confidence said | share right | hits |\n| --- | --- | --- | --- |")
    for name, pairs in tables:
        reliability(name, pairs)


def opened(benchmark: Benchmark, folder: Path) -> SearchEngine:
    """Return an engine over an index of the benchmark's documents."""
    source = folder / "corpus.jsonl"
    source.write_text("".join(json.dumps(document) + "\n" for document in benchmark.documents), encoding="utf-8")
    build([source], folder / "index", encoder=load_encoder())
    return SearchEngine.open(folder / "index")


def exactly_named(engine: SearchEngine, news: Path) -> None:
    """Print rows of numbers and versions that the news hold, and of others that they do not."""
    drawn = exact_terms.terms()
    with closing(Generation.open(news)) as generation:
        for kind, name in exact_terms.NUMBERED.items():
            nowhere = exact_terms.elsewhere(drawn[kind], generation.words)
            for asked_for, which in ((list(drawn[kind]), "it holds"), (nowhere, "it does not hold")):
                texts = [question.format(term) for question in exact_terms.QUESTIONS for term in asked_for]
                questions = [Query(str(number), text, "") for number, text in enumerate(texts)]
                shares("technews", f"{name} {which}", asked(engine, questions, {}))


def never_told(news: Path) -> list[Query]:
    """Return questions that name what headlines of the news name, and ask of it what they do not tell."""
    with closing(Generation.open(news)) as generation:
        pairs = {pair for title in generation.facts.titles() for pair in terms.pairs(title)}
        held = {pair: len(generation.words.holding(pair)) for pair in pairs}
    names = sorted(
        pair
        for pair, count in held.items()
        if NAMED[0] <= count <= NAMED[1] and all(word[0].isalpha() and len(word) >= LETTERS for word in pair.split())
    )
    drawn = random.Random(3).sample(names, min(OF_NAMES, len(names)))  # noqa: S311  # the same each time
    texts = [NEVER_TOLD[place % len(NEVER_TOLD)].format(name.title()) for place, name in enumerate(drawn)]
    return [Query(text, text, "") for text in texts]


def asked(engine: SearchEngine, queries: Sequence[Query], relevant: dict[str, dict[str, int]]) -> Outcomes:
    """Return for each question whether it was answered, and confidence and rightness of the first ten hits."""
    found = []
    for query in queries:
        results = engine.search(query.text, 10, passages_per_article=1)
        right = relevant.get(query.id, {})
        found.append((bool(results.answered), [(hit.confidence or 0.0, hit.article_id in right) for hit in results]))
    return found


def shares(index: str, name: str, outcomes: Outcomes) -> None:
    """Print a row."""
    answered = float(np.mean([found for found, _ in outcomes]))
    print(f"| {index} | {name} ({len(outcomes):,}) | {answered:.3f} | {1 - answered:.3f} |", flush=True)


def reliability(name: str, pairs: Sequence[tuple[float, bool]]) -> None:
    """Print how often hits of about equal confidence are right, and the mean gap between the two."""
    said, right = (np.array(values, float) for values in zip(*pairs, strict=True))
    place = np.digitize(said, BINS)
    gap = 0.0
    for number in np.unique(place):
        own = place == number
        gap += float(own.mean() * abs(said[own].mean() - right[own].mean()))
        print(f"| {name} | {said[own].mean():.2f} | {right[own].mean():.2f} | {own.sum():,} |")
    print(f"| {name} | expected calibration error {gap:.3f} | | {len(said):,} |", flush=True)


if __name__ == "__main__":
    main()
