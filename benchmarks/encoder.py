"""Throughput of the bundled encoder beside sentence-transformers on torch float32 with the same weights.

Both encode the same passages in turn, several times over, with as many threads each; `--threads 1 2` shows what a
second core gives. Medians of seconds and of processor seconds, and the medians of their ratios, are printed: on a
machine that does other work as well the processor's seconds say more, with one thread best of all, as threads of
torch that wait for each other spend them too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
import torch

from benchmarks.spent import Taken, middle, quotient
from benchmarks.torch_twin import torch_twin
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.precision import Precision

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))
SPECIAL_TOKENS = 2
QUESTION = ["qui menace Microsoft"]


def main() -> None:
    """Print a table and the ratios."""
    options = wishes(__doc__)
    texts = paragraphs(options.passages)
    # By thread count and engine, a measurement a round.
    taken: dict[int, dict[str, list[Taken]]] = {number: {"torch": [], "bundled": []} for number in options.threads}
    with tempfile.TemporaryDirectory() as folder:
        twin = torch_twin(Path(folder))
        bundled = {number: BundledEncoder.load(quiet=False, threads=number) for number in options.threads}
        one = bundled[options.threads[0]]

        def by_torch() -> np.ndarray:
            return twin.encode(texts, prompt="passage: ", batch_size=32, show_progress_bar=False)

        exact = by_torch()
        near = (one.encode_passages(texts) * exact).sum(axis=1)
        for _ in range(options.rounds):
            for number, engines in taken.items():
                torch.set_num_threads(number)
                engines["torch"].append(Taken.by(by_torch))
                engines["bundled"].append(Taken.by(partial(bundled[number].encode_passages, texts)))
        questions = {
            "torch": [Taken.by(lambda: twin.encode(QUESTION, prompt="query: ")).clock for _ in range(30)],
            "bundled": [Taken.by(lambda: one.encode_queries(QUESTION)).clock for _ in range(30)],
        }
    tokens = token_count(one, texts)
    rows = [row(number, engine, tokens, own) for number, both in taken.items() for engine, own in both.items()]
    ratios = {number: quotient(both["torch"], both["bundled"]) for number, both in taken.items()}
    query = {engine: statistics.median(times) for engine, times in questions.items()}

    print(f"{len(texts)} passages, {tokens / len(texts):.0f} tokens each, {options.rounds} rounds side by side")
    print("| engine | threads | tokens/s | tokens per processor second |\n| --- | --- | --- | --- |")
    for own in rows:
        print(f"| {own['engine']} | {own['threads']} | {own['rate']:,.0f} | {own['processor_rate']:,.0f} |")
    for number, own in ratios.items():
        print(f"ratio with {number} threads: {own.clock:.2f} by the clock, {own.processor:.2f} by processor seconds")
    print(f"cosine to fp32: mean {near.mean():.4f}, least {near.min():.4f}")
    print(f"one question: torch {query['torch'] * 1e3:.1f} ms, bundled {query['bundled'] * 1e3:.1f} ms")
    if options.json:
        found = {
            "passages": len(texts),
            "tokens": tokens,
            "rounds": options.rounds,
            "rows": rows,
            "ratios": {number: asdict(own) for number, own in ratios.items()},
            "cosine": {"mean": float(near.mean()), "least": float(near.min())},
            "question_seconds": query,
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def wishes(description: str | None) -> argparse.Namespace:
    """Return what was asked for: how many passages and rounds, which numbers of threads, and where to write JSON."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--passages", type=int, default=180)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, os.cpu_count() or 1], metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    return parser.parse_args()


def paragraphs(count: int) -> list[str]:
    """Return so many paragraphs in all languages of xquad, of about 75 tokens."""
    lines = (SHARED / "data/crosslingual/xquad/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"][:240] for line in lines[:: max(1, len(lines) // count)]][:count]


def token_count(encoder: BundledEncoder, texts: list[str]) -> int:
    """Return how many tokens the model sees."""
    return sum(encoder.count_tokens(["passage: " + text for text in texts])) + SPECIAL_TOKENS * len(texts)


def row(threads: int, engine: str, tokens: int, rounds: list[Taken]) -> dict[str, int | str | float]:
    """Return the medians over `rounds`, as tokens a second."""
    taken = middle(rounds)
    return {
        "engine": "sentence-transformers, torch fp32" if engine == "torch" else f"bundled, {Precision.INT8}",
        "threads": threads,
        "rate": tokens / taken.clock,
        "processor_rate": tokens / taken.processor,
    }


if __name__ == "__main__":
    main()
