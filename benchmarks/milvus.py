"""The same articles on FAISS, on milvus-lite and on a Milvus server, asked the same questions: quality and latency.

python -m benchmarks.milvus SOURCE --work DIR --server HOST:PORT [--evaluate BENCHMARK ...]

Each is built by the ordinary build; what the first one embeds the others take from its cache. Then each is asked
headlines by a process of its own, one thread, ten hits a question; and `veille evaluate` asks each the questions of the
benchmarks. The server's own work is done by threads of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.memory import Memory
from benchmarks.service import headlines
from indexer.addresses import COMPANIONS, folder_for, folder_of
from indexer.breadth import among_nearest, tenth_best
from indexer.cache import FOLDER as CACHE
from indexer.encoders import load_encoder
from indexer.filter import Allowed
from indexer.generation import Generation
from indexer.nearest import Neighbours, Vectors
from indexer.sketch import BLOCK
from search_api import SearchEngine
from search_api.filters import make_filter

_WARM, _NEAREST, _NEAREST_TO = 20, 10, 200
_LANG = "fr"
_METRICS = {"ndcg_at_10": "nDCG@10", "map": "mAP", "mrr_at_10": "MRR@10", "first_right": "R@1"}


def main() -> None:
    """Build what is not there yet, ask, and print a table; and one of each benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", nargs="?")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--server", required=True, help="HOST:PORT")
    parser.add_argument("--questions", type=int, default=200, help="how many headlines (default: %(default)s)")
    parser.add_argument("--evaluate", type=Path, nargs="+", default=[], metavar="BENCHMARK", help="folders")
    parser.add_argument("--every", type=int, default=1, help="of a benchmark, ask every so many-th question")
    parser.add_argument("--ask", help="used by itself: ask the index at this address")
    options = parser.parse_args()
    os.environ.setdefault(COMPANIONS, str(options.work / "companions"))
    addresses = _addresses(options, "news")
    if options.ask:
        print(json.dumps(asked(options.ask, headlines(Path(addresses["FAISS"]), 0)[: options.questions + _WARM])))
        return
    if not options.source:
        parser.error("give a SOURCE to index")
    seconds = {name: built(options.source, address, Path(addresses["FAISS"])) for name, address in addresses.items()}
    command = [sys.executable, "-m", "benchmarks.milvus", "--work", str(options.work), "--server", options.server]
    command += ["--questions", str(options.questions)]
    found = {
        name: json.loads(subprocess.run([*command, "--ask", address], check=True, stdout=subprocess.PIPE).stdout)
        for name, address in addresses.items()
    }
    print("\n".join(_table(found, seconds)))
    for benchmark in options.evaluate:
        evaluated = {
            name: _evaluated(benchmark, address, options)
            for name, address in _addresses(options, benchmark.name).items()
        }
        print("\n".join(["", *_table_of_quality(benchmark.name, evaluated)]))


def _addresses(options: argparse.Namespace, name: str) -> dict[str, str]:
    return {
        "FAISS": str(options.work / "faiss" / name),
        "milvus-lite": f"milvus-lite:{options.work / 'lite' / name}",
        "Milvus server": f"milvus://{options.server}/{name}",
    }


def built(source: str, address: str, first: Path) -> float:
    """Index `source` at `address` with what the index in `first` has embedded; return the seconds that it took."""
    _take_cache(address, first)
    started = time.perf_counter()
    _run("index", source, "--index", address)
    return time.perf_counter() - started


def _evaluated(benchmark: Path, address: str, options: argparse.Namespace) -> dict[str, Any]:
    _take_cache(address, Path(_addresses(options, benchmark.name)["FAISS"]))
    report = options.work / "evaluation.json"
    _run("evaluate", str(benchmark), "--index", address, "--every", str(options.every), "--json", str(report))
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def _take_cache(address: str, first: Path) -> None:
    folder = folder_for(address)
    if folder != first and not (folder / CACHE).exists():
        shutil.copytree(first / CACHE, folder / CACHE)


def _run(*command: str) -> None:
    subprocess.run([sys.executable, "-m", "search_api", *command, "--quiet"], check=True, stdout=subprocess.DEVNULL)


def asked(address: str, questions: list[str]) -> dict[str, Any]:
    """Return the ten hits of each question, how many of the ten nearest passages are found, times in ms, and memory.

    How many are found is told of all passages, and of those in French.
    """
    threadpool_limits(1)
    before = Memory.of()
    times, filtered, hits = [], [], []
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
            engine.search(question, lang=_LANG)
            if number >= _WARM:
                times.append((between - started) * 1e3)
                filtered.append((time.perf_counter() - between) * 1e3)
                hits.append([(hit.article_id, round(hit.score, 4)) for hit in results.hits])
        asked_for = every[:: max(len(every) // _NEAREST_TO, 1)][:_NEAREST_TO]
        french = generation.allowed(make_filter(lang=_LANG))
        nearest = {
            key: _part_found(asked_for, every, allowed, vectors.search(asked_for, _NEAREST, allowed))
            for key, allowed in (("nearest", None), ("nearest_filtered", french))
        }
        return {
            "kind": engine.info().vectors,
            "passages": vectors.count,
            "hits": hits,
            **nearest,
            "p50": float(np.median(times)),
            "p99": float(np.quantile(times, 0.99)),
            "filtered": float(np.median(filtered)),
            "memory": Memory.of().own - before.own - every.nbytes,
        }


def _part_found(questions: Vectors, every: Vectors, allowed: Allowed | None, found: Sequence[Neighbours]) -> float:
    tenth = tenth_best(every, questions, None if allowed is None else allowed.rows).tolist()
    asked_for = zip(questions, found, tenth, strict=True)
    met = sum(among_nearest(every, query, rows, least) for query, (_, rows), least in asked_for)
    return met / (_NEAREST * len(questions))


def _table(found: dict[str, dict[str, Any]], seconds: dict[str, float]) -> list[str]:
    first = found["FAISS"]
    lines = [
        f"{first['passages']:,} passages, {len(first['hits'])} headlines",
        "| | kind | of the ten nearest | of those in French | same first hit | same ten hits | p50 ms | p99 ms "
        "| p50 with a filter, ms | memory of the service | build s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, own in found.items():
        pairs = list(zip(own["hits"], first["hits"], strict=True))
        ones = sum(mine[:1] == theirs[:1] for mine, theirs in pairs) / len(pairs)
        tens = sum(mine == theirs for mine, theirs in pairs) / len(pairs)
        parts = " | ".join(f"{own[key]:.4f}" for key in ("nearest", "nearest_filtered"))
        times = " | ".join(f"{own[key]:.1f}" for key in ("p50", "p99", "filtered"))
        lines.append(
            f"| {name} | {own['kind']} | {parts} | {ones:.3f} | {tens:.3f} | {times} | {own['memory'] / 1e6:.0f} MB "
            f"| {seconds[name]:.0f} |"
        )
    return lines


def _table_of_quality(benchmark: str, found: dict[str, dict[str, Any]]) -> list[str]:
    lines = [
        f"{benchmark}: {found['FAISS']['documents']:,} documents, {found['FAISS']['queries']:,} questions",
        f"| | {' | '.join(_METRICS.values())} |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, own in found.items():
        scores = " | ".join(f"{own['overall'][metric]:.4f}" for metric in _METRICS)
        lines.append(f"| {name} | {scores} |")
    return lines


if __name__ == "__main__":
    main()
