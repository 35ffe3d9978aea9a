"""Are exact terms found? CVE numbers, versions, packages, persons and products that stand in one to three stories.

python -m benchmarks.exact_terms --index DIR      DIR made from technews by `veille index`

The terms are drawn from technews by patterns; a hit is right if its article holds the term. Asked bare, and within a
question; with words and without.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, count
from pathlib import Path

import numpy as np

from indexer.words import WordIndex
from search_api import SearchEngine

DATA = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data" / "technews"
# A number ends where a Korean particle or a Japanese word without a space before it begins.
PATTERNS = {
    "cve": re.compile(r"\bCVE-\d{4}-\d{4,7}\b", re.ASCII),
    "version": re.compile(r"(?<![\w.-])\d+(?:\.\d+){2,}(?:-\d+)?(?![\w-]|\.\w)", re.ASCII),
    "package": re.compile(r"(?<![\w./@+-])[a-z][a-z0-9]*(?:-[a-z0-9+]+)+(?![\w/@-]|\.\w)"),
    "person": re.compile(r"(?<!\w)[A-Z][a-zà-ÿ]{2,} [A-Z][a-zà-ÿ]{3,}(?!\w)"),
    "product": re.compile(r"(?<![\w./-])[A-Z]\w*[a-z]\w* \d{1,3}(?:\.\d+)?(?![\w%]|[.:,-]\d|\.\w)"),
}
# Those that end in a number, so that another of their kind can be made up.
NUMBERED = {"cve": "CVE numbers", "version": "versions"}
# What is written alike in so many languages is a name; hyphens and capitals alone do not make one.
LANGUAGES = {"package": 3, "person": 3, "product": 3}
MOST_STORIES = 3
OF_EACH = 60
QUESTIONS = ("{}", "What is known about {}?", "Que sait-on de {} ?", "Was ist über {} bekannt?", "{} について")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    for line in lines(parser.parse_args().index):
        print(line, flush=True)


def lines(index: Path) -> Iterator[str]:
    """Yield the table."""
    drawn = terms()
    kinds = " | ".join(f"{kind} ({len(found)})" for kind, found in drawn.items())
    yield f"| asked | words and tokens | {kinds} | all |"
    yield f"| --- | --- |{' --- |' * (len(drawn) + 1)}"
    for dense_only in (True, False):
        with SearchEngine.open(index, dense_only=dense_only) as engine:
            for question in QUESTIONS:
                right = {kind: first_hits(engine, question, found) for kind, found in drawn.items()}
                means = [np.mean(values) for values in (*right.values(), list(chain.from_iterable(right.values())))]
                yield f"| {question} | {'no' if dense_only else 'yes'} | {' | '.join(f'{m:.3f}' for m in means)} |"


def first_hits(engine: SearchEngine, question: str, found: dict[str, set[str]]) -> list[bool]:
    """Return for each term whether the first hit holds it."""
    rankings = engine.rank([question.format(term) for term in found], 1)
    return [ranking[0][0] in articles for ranking, articles in zip(rankings, found.values(), strict=True)]


def elsewhere(held: Iterable[str], words: WordIndex) -> list[str]:
    """Return each term, which ends in a number, with the next greater number by which no passage has it."""
    found = []
    for term in held:
        bare = term.rstrip("0123456789")
        others = (f"{bare}{int(term.removeprefix(bare)) + more}" for more in count(1))
        found.append(next(other for other in others if not len(words.holding(other.casefold()))))
    return found


def terms() -> dict[str, dict[str, set[str]]]:
    """Return by kind up to sixty terms, and the ids of the articles that hold each."""
    articles: dict[str, dict[str, set[str]]] = {kind: defaultdict(set) for kind in PATTERNS}
    stories, langs = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for file in sorted(DATA.glob("*.jsonl")):
        with file.open(encoding="utf-8") as stream:
            for article in map(json.loads, stream):
                text = f"{article['title']}\n{article['text']}"
                for kind, pattern in PATTERNS.items():
                    for term in set(pattern.findall(text)):
                        articles[kind][term].add(article["id"])
                        stories[term].add(article["parallel_id"] or article["id"])
                        langs[term].add(article["lang"])
    draw = random.Random(7)  # noqa: S311  # the same terms each time
    chosen: dict[str, dict[str, set[str]]] = {}
    for kind, found in articles.items():
        enough = LANGUAGES.get(kind, 1)
        rare = sorted(term for term in found if len(stories[term]) <= MOST_STORIES and len(langs[term]) >= enough)
        chosen[kind] = {term: found[term] for term in draw.sample(rare, min(OF_EACH, len(rare)))}
    return chosen


if __name__ == "__main__":
    main()
