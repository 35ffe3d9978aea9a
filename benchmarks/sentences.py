"""Compare sentence splitters: agreement with the sentences of XQuAD-R, and speed on news articles."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path

Span = tuple[int, int]
Split = Callable[[str, str], list[Span]]
Gold = dict[str, list[tuple[str, set[Span]]]]  # language -> (paragraph, sentences known in it)

PLAIN = re.compile(r"[.!?…؟۔।]+[\"'”’»)\]]*\s+|[。！？]+[」』”’）\"]*\s*|\n\s*\n")


def trimmed(text: str, starts: list[int]) -> list[Span]:
    """Turn starts of sentences into trimmed spans."""
    spans = []
    for start, end in pairwise([*starts, len(text)]):
        piece = text[start:end]
        if piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
    return spans


def split_plain(text: str, lang: str) -> list[Span]:
    """Cut after every mark, whatever follows."""
    return trimmed(text, [0, *(mark.end() for mark in PLAIN.finditer(text))])


def split_sentencex(text: str, lang: str) -> list[Span]:
    """Sentencex as it is."""
    found = import_module("sentencex").get_sentence_boundaries(lang, text)
    return trimmed(text, [at["start_index"] for at in found])


@cache
def yasbd_detector(lang: str) -> object:
    """Return one detector a language; English where there is none."""
    yasbd = import_module("yasbd")
    return yasbd.BoundaryDetector(lang=lang if lang in yasbd.get_supported_langs() else "en")


def split_yasbd(text: str, lang: str) -> list[Span]:
    """Return yasbd's boundaries, taken as starts."""
    ends: Iterator[int] = yasbd_detector(lang).detect(text)  # type: ignore[attr-defined]
    return trimmed(text, sorted({0, *(end for end in ends if end < len(text))}))


@cache
def pysbd_segmenter(lang: str) -> object:
    """Return one segmenter a language; English where there is none."""
    codes = import_module("pysbd.languages").LANGUAGE_CODES
    return import_module("pysbd").Segmenter(language=lang if lang in codes else "en", clean=False)


def split_pysbd(text: str, lang: str) -> list[Span]:
    """PySBD gives sentences; look for each behind the one before, as its own offsets can go back."""
    starts, at = [0], 0
    for sentence in pysbd_segmenter(lang).segment(text):  # type: ignore[attr-defined]
        found = text.find(sentence.strip(), at)
        if found >= 0:
            starts.append(found)
            at = found + len(sentence.strip())
    return trimmed(text, sorted(set(starts)))


def split_ours(text: str, lang: str) -> list[Span]:
    """Return what the project uses."""
    spans: list[Span] = import_module("corpus.sentences").split(text, lang)
    return spans


SPLITTERS: dict[str, Split] = {
    "plain regex": split_plain,
    "sentencex": split_sentencex,
    "pysbd": split_pysbd,
    "yasbd": split_yasbd,
    "corpus.sentences": split_ours,
}


def load_gold(folder: Path) -> Gold:
    """Read the paragraphs and, of each, the sentences that hold answers, trimmed."""
    lines = (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    paragraphs = {record["_id"]: record for record in map(json.loads, lines)}
    known: dict[str, set[Span]] = defaultdict(set)
    with (folder / "answers.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            text = paragraphs[row["corpus-id"]]["text"]
            start, end = int(row["sentence-start"]), int(row["sentence-end"])
            known[row["corpus-id"]].update((s + start, e + start) for s, e in trimmed(text[start:end], [0]))
    gold: Gold = defaultdict(list)
    for name, spans in known.items():
        gold[paragraphs[name]["lang"]].append((paragraphs[name]["text"], spans))
    return gold


def agreement(split: Split, gold: Gold) -> dict[str, float]:
    """Per language, the share of known sentences that come out exactly."""
    shares = {}
    for lang, paragraphs in sorted(gold.items()):
        found = sum(len(spans & set(split(text, lang))) for text, spans in paragraphs)
        shares[lang] = found / sum(len(spans) for _, spans in paragraphs)
    return shares


def speed(split: Split, articles: list[tuple[str, str]]) -> float:
    """Characters a second."""
    start = time.perf_counter()
    for text, lang in articles:
        split(text, lang)
    return sum(len(text) for text, _ in articles) / (time.perf_counter() - start)


def load_articles(folder: Path, step: int) -> list[tuple[str, str]]:
    """Read every `step`-th article's text and language."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    return [(record["text"], record["lang"]) for record in map(json.loads, lines[::step])]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VEILLE_SHARED", "../shared"))
    parser.add_argument("--sentences", type=Path, default=shared / "data/crosslingual/xquad", help="XQuAD-R")
    parser.add_argument("--articles", type=Path, default=shared / "data/technews", help="folder of *.jsonl")
    parser.add_argument("--step", type=int, default=60, help="measure speed on every so-manieth article")
    parser.add_argument("--only", nargs="+", choices=list(SPLITTERS), default=list(SPLITTERS))
    arguments = parser.parse_args()
    gold = load_gold(arguments.sentences)
    articles = load_articles(arguments.articles, arguments.step)
    known = sum(len(spans) for paragraphs in gold.values() for _, spans in paragraphs)
    print(f"{known} known sentences; speed on {len(articles)} articles\n")
    print("| splitter | " + " | ".join(sorted(gold)) + " | mean | Mchars/s |")
    print("| --- " * (len(gold) + 3) + "|")
    for name in arguments.only:
        shares = agreement(SPLITTERS[name], gold)
        cells = [f"{share:.3f}" for share in shares.values()]
        mean = sum(shares.values()) / len(shares)
        pace = speed(SPLITTERS[name], articles) / 1e6
        print(f"| {name} | {' | '.join(cells)} | {mean:.3f} | {pace:.2f} |", flush=True)


if __name__ == "__main__":
    main()
