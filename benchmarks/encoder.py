"""Throughput of the bundled encoder beside sentence-transformers on torch float32 with the same weights.

Both encode the same passages in turn, several times over; the medians and their ratio are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.torch_twin import torch_twin
from indexer.encoders.bundled import BundledEncoder

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))


def main() -> None:
    """Print tokens per second of both, the ratio, and how near the vectors are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=180)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    lines = (SHARED / "data/crosslingual/xquad/corpus.jsonl").read_text(encoding="utf-8").splitlines()
    step = max(1, len(lines) // options.passages)
    texts = [json.loads(line)["text"][:240] for line in lines[::step]][: options.passages]

    bundled = BundledEncoder.load(quiet=False)
    with tempfile.TemporaryDirectory() as folder:
        twin = torch_twin(Path(folder))
        tokens = sum(bundled.count_tokens(["passage: " + text for text in texts])) + 2 * len(texts)

        def by_torch() -> np.ndarray:
            return twin.encode(texts, prompt="passage: ", batch_size=32, show_progress_bar=False)

        def by_us() -> np.ndarray:
            return bundled.encode_passages(texts)

        near = (by_us() * by_torch()).sum(axis=1)
        times: dict[str, list[float]] = {"torch": [], "bundled": []}
        for _ in range(options.rounds):
            times["torch"].append(seconds(by_torch))
            times["bundled"].append(seconds(by_us))
        question = ["qui menace Microsoft"]
        query_us = statistics.median(seconds(lambda: bundled.encode_queries(question)) for _ in range(30))
        query_torch = statistics.median(
            seconds(lambda: twin.encode(question, prompt="query: ", show_progress_bar=False)) for _ in range(30)
        )

    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratio = statistics.median(t / b for t, b in zip(times["torch"], times["bundled"], strict=True))
    print(f"{len(texts)} passages, {tokens / len(texts):.0f} tokens each, {options.rounds} rounds side by side")
    print("| engine | tokens/s | one query | cosine to fp32, mean and least |\n| --- | --- | --- | --- |")
    torch_rate = tokens / medians["torch"]
    print(f"| sentence-transformers, torch fp32 | {torch_rate:,.0f} | {query_torch * 1e3:.1f} ms | 1 |")
    print(
        f"| bundled, int8 | {tokens / medians['bundled']:,.0f} | {query_us * 1e3:.1f} ms "
        f"| {near.mean():.4f}, {near.min():.4f} |"
    )
    print(f"ratio of throughputs (median of rounds): {ratio:.2f}")


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
