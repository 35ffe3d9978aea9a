"""What the answering sentence costs: time for ten hits, size of the index, time of the build.

python -m benchmarks.highlight [--every N]      every Nth article of technews (default 20)

An index that keeps codes of tokens beside one that does not, whose sentences are encoded when they are asked for.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.indexing import sampled
from indexer.build import build
from indexer.encoders import load_encoder
from search_api import SearchEngine
from search_api.highlight import Highlighter

HITS = 10
QUESTIONS = (
    "qui menace Microsoft",
    "security update for the kernel",
    "Wann erscheint die neue Version?",
    "quién dirige el proyecto",
    "новая версия языка Ruby",
    "ライセンスの変更について",
    "谁赢得了选举",
    "how many packages does the release contain",
    "chi ha scritto il programma di installazione",
    "jak zgłosić błąd",
    "what did the court decide about patents",
    "où a lieu la conférence",
)
ROUNDS = 5


def main() -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=20, metavar="N")
    every = parser.parse_args().every
    encoder = load_encoder()
    with TemporaryDirectory() as name:
        folder = Path(name)
        articles = folder / "articles.jsonl"
        articles.write_text("".join(sampled(every)), encoding="utf-8")
        print("| | build s | index MB | passages |\n| --- | --- | --- | --- |", flush=True)
        for kept in (True, False):
            place = folder / f"index-{kept}"
            report = build([articles], place, encoder=encoder, keep_codes=kept, quiet=True)
            size = sum(file.stat().st_size for file in (place / "generations").rglob("*") if file.is_file())
            print(f"| {label(kept)} | {report.seconds:.1f} | {size / 1e6:.1f} | {report.passages:,} |", flush=True)
        print(
            "\n| ten hits, median | sentences ms | again ms | whole search ms |\n| --- | --- | --- | --- |", flush=True
        )
        for kept in (True, False):
            with SearchEngine.open(folder / f"index-{kept}") as engine:
                first, again, whole = zip(*(timed(engine, question) for question in QUESTIONS), strict=True)
                print(
                    f"| {label(kept)} | {median(first):.1f} | {median(again):.1f} | {median(whole):.1f} |", flush=True
                )


def label(kept: bool) -> str:
    """Return the name of a row."""
    return "codes kept" if kept else "sentences encoded on demand"


def timed(engine: SearchEngine, question: str) -> tuple[float, float, float]:
    """Return milliseconds for the sentences of ten hits, for the same again, and for a whole search (median)."""
    spent: list[float] = []
    best = Highlighter.best

    def clocked(*arguments: object) -> object:
        start = time.perf_counter()
        found = best(*arguments)  # type: ignore[arg-type]
        spent.append(1000 * (time.perf_counter() - start))
        return found

    Highlighter.best = clocked  # type: ignore[method-assign, assignment]
    try:
        whole = [engine.search(question, HITS).seconds * 1000 for _ in range(1 + ROUNDS)]
    finally:
        Highlighter.best = best  # type: ignore[method-assign]
    return spent[0], median(spent[1:]), median(whole[1:])


if __name__ == "__main__":
    main()
