"""The same articles on FAISS, on milvus-lite and on a Milvus server, asked the same headlines: answers and latency.

python -m benchmarks.milvus SOURCE --work DIR --server HOST:PORT

Each is built by the ordinary build; what the first one embeds the others take from its cache. Then each is asked by a
process of its own, one thread, ten hits a question. The server's own work is done by threads of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.memory import Memory
from benchmarks.service import headlines
from indexer.addresses import COMPANIONS, folder_for, folder_of
from indexer.cache import FOLDER as CACHE
from indexer.encoders import load_encoder
from indexer.generation import Generation
from indexer.sketch import BLOCK
from search_api import SearchEngine

_QUESTIONS, _WARM, _NEAREST = 200, 20, 10


def main() -> None:
    """Build what is not there yet, ask, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--server", required=True, help="HOST:PORT")
    parser.add_argument("--ask", help="used by itself: ask the index at this address")
    options = parser.parse_args()
    os.environ.setdefault(COMPANIONS, str(options.work / "companions"))
    first = options.work / "faiss"
    if options.ask:
        print(json.dumps(asked(options.ask, headlines(first, 0)[: _QUESTIONS + _WARM])))
        return
    if not options.source:
        parser.error("give a SOURCE to index")
    addresses = {
        "FAISS": str(first),
        "milvus-lite": f"milvus-lite:{options.work / 'lite'}",
        "Milvus server": f"milvus://{options.server}/bench",
    }
    seconds = {name: built(options.source, address, first) for name, address in addresses.items()}
    command = [sys.executable, "-m", "benchmarks.milvus", "--work", str(options.work), "--server", options.server]
    found = {
        name: json.loads(subprocess.run([*command, "--ask", address], check=True, stdout=subprocess.PIPE).stdout)
        for name, address in addresses.items()
    }
    print("\n".join(_table(found, seconds)))


def built(source: str, address: str, first: Path) -> float:
    """Index `source` at `address` with what the index in `first` has embedded; return the seconds that it took."""
    folder = folder_for(address)
    if folder != first and not (folder / CACHE).exists():
        shutil.copytree(first / CACHE, folder / CACHE)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "search_api", "index", source, "--index", address, "--quiet"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def asked(address: str, questions: list[str]) -> dict[str, Any]:
    """Return the ten hits of each question, how many of the ten nearest passages are found, times in ms, and memory."""
    threadpool_limits(1)
    before = Memory.of()
    times, filtered, hits, met = [], [], [], 0
    with closing(Generation.open(folder_of(address))) as generation:
        engine, vectors = SearchEngine(generation, load_encoder(generation.manifest.encoder.model)), generation.vectors
        every = np.concatenate(
            [
                vectors.vectors(np.arange(start, min(start + BLOCK, vectors.count)))
                for start in range(0, vectors.count, BLOCK)
            ]
        )
        for number, question in enumerate(questions):
            started = time.perf_counter()
            results = engine.search(question)
            between = time.perf_counter()
            engine.search(question, lang="fr")
            if number >= _WARM:
                times.append((between - started) * 1e3)
                filtered.append((time.perf_counter() - between) * 1e3)
                hits.append([(hit.article_id, round(hit.score, 4)) for hit in results.hits])
        asked_for = every[:: max(len(every) // _QUESTIONS, 1)][:_QUESTIONS]
        for query, (_, rows) in zip(asked_for, vectors.search(asked_for, _NEAREST), strict=True):
            tenth = np.partition(every @ query, -_NEAREST)[-_NEAREST]
            met += int((every[rows] @ query >= tenth - 1e-6).sum())
        return {
            "kind": engine.info().vectors,
            "passages": vectors.count,
            "hits": hits,
            "nearest": met / (_NEAREST * len(asked_for)),
            "p50": float(np.median(times)),
            "p99": float(np.quantile(times, 0.99)),
            "filtered": float(np.median(filtered)),
            "memory": Memory.of().own - before.own - every.nbytes,
        }


def _table(found: dict[str, dict[str, Any]], seconds: dict[str, float]) -> list[str]:
    first = found["FAISS"]
    lines = [
        f"{first['passages']:,} passages, {len(first['hits'])} headlines",
        "| | kind | of the ten nearest | same first hit | same ten hits | p50 ms | p99 ms | p50 with a filter, ms "
        "| memory of the service | build s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, own in found.items():
        pairs = list(zip(own["hits"], first["hits"], strict=True))
        ones = sum(mine[:1] == theirs[:1] for mine, theirs in pairs) / len(pairs)
        tens = sum(mine == theirs for mine, theirs in pairs) / len(pairs)
        lines.append(
            f"| {name} | {own['kind']} | {own['nearest']:.4f} | {ones:.3f} | {tens:.3f} | {own['p50']:.1f} "
            f"| {own['p99']:.1f} | {own['filtered']:.1f} | {own['memory'] / 1e6:.0f} MB | {seconds[name]:.0f} |"
        )
    return lines


if __name__ == "__main__":
    main()
