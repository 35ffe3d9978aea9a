"""Veille's words beside tantivy, bm25s and SQLite FTS5: what they find, how fast, and on how much disk.

python -m benchmarks.lexical              a tenth of technews, about a minute
python -m benchmarks.lexical --every 1    all of it, about ten minutes: the figures of docs/choices.md

Passages of about 600 characters, each under its title, as `veille index` does it. "terms" means fed with the terms of
`corpus.terms`, pairs of names included; otherwise a library cuts text into words itself. All run on one thread. Known
items are headlines as questions where no title is indexed; right is a passage of the same story. Probes are in
`benchmarks/lexical_probes.tsv`: each a question and the text it should bring first, among a few hundred others.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.exact_terms import DATA
from benchmarks.exact_terms import terms as drawn_terms
from benchmarks.lexical_engines import ENGINES, TOP, Engine, Search, needed
from corpus.article import Article
from corpus.passages import PassageRules, cut

RULES = PassageRules(budget=150, limit=400)  # tokens, taken as four characters each
OF_EACH_LANGUAGE = 60
FEWEST = 20  # a language with fewer questions says nothing
TIMED = 300
OPENINGS = 5
SHOWN = ("en", "fr", "de", "ru", "el", "fi", "tr", "ja", "zh", "ko")
PROBES = Path(__file__).with_name("lexical_probes.tsv")
DISTRACTORS = 500

Probe = tuple[str, str, str]
"""A phenomenon, a question, the text to be found."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Passages with the id and the story of their articles; `asked`: (headline, language, story)."""

    titled: list[str]
    untitled: list[str]
    ids: list[str]
    stories: list[str]
    asked: list[tuple[str, str, str]]


def main() -> None:
    """Print three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=10, help="take every Nth article")
    parser.add_argument("--runs", type=int, default=3, help="builds of each engine, of which the median counts")
    parser.add_argument("--only", nargs="*", default=[], help="engines whose names begin like this")
    options = parser.parse_args()
    chosen = [engine for engine in ENGINES if not options.only or engine.name.startswith(tuple(options.only))]
    for peer in {engine.name.split()[0] for engine in chosen} & {"tantivy", "bm25s"}:
        needed(peer)
    corpus = read(options.every)
    print(f"{len(corpus.titled):,} passages, {len(corpus.asked):,} headlines, SQLite {sqlite3.sqlite_version}\n")
    with TemporaryDirectory() as folder:
        rows, first = measured(chosen, corpus, options.runs, Path(folder))
    found, of = probed(chosen)
    print("| engine | build s | MB | open and first question ms | p50 ms | p99 ms | ", end="")
    print("exact terms | known item first | in ten | probes |")
    print(f"|{' --- |' * 10}")
    for name, cells in rows.items():
        print(f"| {name} | {cells} | {sum(found[name])} of {len(of)} |")
    print_languages(first)
    print_probes(found, of)


def print_languages(first: dict[str, dict[str, float]]) -> None:
    """Print the share of known items that come first, for a handful of languages and the mean of all."""
    print(f"\n| known item first | {' | '.join(SHOWN)} | {len(next(iter(first.values())))} languages |")
    print(f"|{' --- |' * (len(SHOWN) + 2)}")
    for name, rates in first.items():
        shown = [f"{rates[lang]:.2f}" if lang in rates else "" for lang in SHOWN]
        print(f"| {name} | {' | '.join(shown)} | {np.mean(list(rates.values())):.3f} |")


def print_probes(found: dict[str, list[bool]], probes: list[Probe]) -> None:
    """Print which probes are answered with their text first."""
    print(f"\n| probe | question | {' | '.join(found)} |")
    print(f"|{' --- |' * (len(found) + 2)}")
    for (phenomenon, question, _), marks in zip(probes, zip(*found.values(), strict=True), strict=True):
        print(f"| {phenomenon} | {question} | {' | '.join('yes' if mark else '' for mark in marks)} |")


def measured(
    engines: list[Engine], corpus: Corpus, runs: int, folder: Path
) -> tuple[dict[str, str], dict[str, dict[str, float]]]:
    """Return cells of the first table, and the share of known items that come first by language."""
    seconds: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for run in range(runs):
        for number, engine in enumerate(engines):
            place = folder / f"{run}-{number}"
            place.mkdir()
            began = time.perf_counter()
            engine.build(corpus.titled, place)
            seconds[engine.name].append(time.perf_counter() - began)
    places = [folder / f"{runs - 1}-{number}" for number in range(len(engines))]
    opened = [opening(engine, place, len(corpus.titled)) for engine, place in zip(engines, places, strict=True)]
    searches = [search for _, search in opened]
    times = timed(searches, [headline for headline, _, _ in corpus.asked])
    exact = exact_terms(corpus)
    cells, first = {}, {}
    for number, engine in enumerate(engines):
        size = sum(file.stat().st_size for file in places[number].iterdir()) / 1e6
        right = np.mean([any(corpus.ids[row] in ids for row in searches[number](term)[:1]) for term, ids in exact])
        (untitled := folder / f"untitled-{number}").mkdir()
        engine.build(corpus.untitled, untitled)
        ranks = known_items(engine.open(untitled, len(corpus.untitled)), corpus)
        first[engine.name] = {lang: float(np.mean(np.array(found) == 0)) for lang, found in ranks.items()}
        ten = np.mean([np.mean(np.array(found) < TOP) for found in ranks.values()])
        cells[engine.name] = (
            f"{np.median(seconds[engine.name]):.1f} | {size:.1f} | {opened[number][0] * 1000:.1f} "
            f"| {np.percentile(times[number], 50) * 1000:.1f} | {np.percentile(times[number], 99) * 1000:.1f} "
            f"| {right:.3f} | {np.mean(list(first[engine.name].values())):.3f} | {ten:.3f}"
        )
    return cells, first


def opening(engine: Engine, folder: Path, count: int) -> tuple[float, Search]:
    """Return the median seconds from nothing to a first answer, and a search."""
    seconds = []
    for _ in range(OPENINGS):
        began = time.perf_counter()
        search = engine.open(folder, count)
        search("Debian")
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)), search


def timed(searches: list[Search], questions: list[str]) -> list[list[float]]:
    """Return the seconds of each question, engines taking turns."""
    times: list[list[float]] = [[] for _ in searches]
    for question in random.Random(3).sample(questions, min(TIMED, len(questions))):  # noqa: S311
        for search, taken in zip(searches, times, strict=True):
            began = time.perf_counter()
            search(question)
            taken.append(time.perf_counter() - began)
    return times


def exact_terms(corpus: Corpus) -> list[tuple[str, set[str]]]:
    """Return the terms of benchmarks.exact_terms that are indexed, and the articles that hold them."""
    indexed = set(corpus.ids)
    return [(term, ids) for found in drawn_terms().values() for term, ids in found.items() if ids & indexed]


def known_items(search: Search, corpus: Corpus) -> dict[str, list[int]]:
    """Return by language the places (from 0) of the first right hits; TOP where there is none."""
    ranks: dict[str, list[int]] = {}
    for headline, lang, story in corpus.asked:
        hits = [corpus.stories[row] for row in search(headline)]
        ranks.setdefault(lang, []).append(hits.index(story) if story in hits else TOP)
    return {lang: found for lang, found in ranks.items() if len(found) >= FEWEST}


def probed(engines: list[Engine]) -> tuple[dict[str, list[bool]], list[Probe]]:
    """Return for each engine which probes it answers with their text, and the probes."""
    with PROBES.open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    probes = [(kind, question, text) for kind, question, text in lines if question]
    # What begins like a question would be as right an answer.
    starts = tuple(question.casefold()[:4] for _, question, _ in probes)
    others = [text for text in read(40).titled if not any(start in text.casefold() for start in starts)][:DISTRACTORS]
    texts = [*others, *(text for _, question, text in lines if not question), *(text for _, _, text in probes)]
    found = {}
    for engine in engines:
        with TemporaryDirectory() as folder:
            engine.build(texts, Path(folder))
            search = engine.open(Path(folder), len(texts))
            found[engine.name] = [
                [texts[row] for row in search(question)[:1]] == [text] for _, question, text in probes
            ]
    return found, probes


def read(every: int) -> Corpus:
    """Cut every Nth article into passages, and draw headlines that their article does not repeat."""
    corpus = Corpus([], [], [], [], [])
    headlines: dict[str, list[tuple[str, str, str]]] = {}
    for number, record in enumerate(records()):
        if number % every:
            continue
        article = Article(id=record["id"], title=record["title"], text=record["text"], lang=record["lang"])
        story = record["parallel_id"] or record["id"]
        for passage in cut(article, lambda texts: [len(text) // 4 for text in texts], RULES)[0]:
            corpus.titled.append(f"{article.title}\n{passage.text}")
            corpus.untitled.append(passage.text)
            corpus.ids.append(article.id)
            corpus.stories.append(story)
        if article.title and article.title not in article.text:
            headlines.setdefault(article.lang, []).append((article.title, article.lang, story))
    draw = random.Random(5)  # noqa: S311  # the same headlines each time
    for _, found in sorted(headlines.items()):
        corpus.asked.extend(draw.sample(found, min(OF_EACH_LANGUAGE, len(found))))
    return corpus


def records() -> Iterator[dict[str, str]]:
    """Yield the articles of technews."""
    for file in sorted(DATA.glob("*.jsonl")):
        with file.open(encoding="utf-8") as stream:
            yield from map(json.loads, stream)


if __name__ == "__main__":
    main()
