"""The command line: see the package."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks import stores
from benchmarks.peers.environments import python_of
from benchmarks.peers.processes import PeerFailed, run
from benchmarks.peers.roster import ROSTER
from benchmarks.sizes.corpus import Corpus, multiplied
from indexer.breadth import among_nearest, tenth_best

# As benchmarks/sizes asks, and as many as it measures with, so that the vectors are the same.
_ASKED, _TRIAL = 1_000, 320
# The lists of floats that Haystack keeps take 12 KB a vector, and every question makes an array of them.
_MOST = {"txtai": 1_000_000, "chromadb": 1_000_000, "lancedb": 1_000_000, "haystack": 100_000}
_PEERS = {peer.name: peer for peer in ROSTER if peer.name in _MOST}


def main() -> None:
    """Print a table, and write JSON where it is asked for."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.stores",
        description=stores.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--index", type=Path, required=True, help="an index whose vectors are multiplied")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, required=True, help="folder for what is written: some GB for a million")
    parser.add_argument("--peers", type=Path, required=True, help="what benchmarks.peers keeps: its environments")
    parser.add_argument("--only", nargs="+", choices=list(_MOST), default=list(_MOST), metavar="NAME")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found: list[dict[str, Any]] = []
    for rows in options.rows:
        corpus = multiplied(options.index, rows, _ASKED, _TRIAL)
        options.work.mkdir(parents=True, exist_ok=True)
        np.save(options.work / "vectors.npy", corpus.vectors)
        np.save(options.work / "questions.npy", corpus.questions)
        tenth = tenth_best(corpus.vectors, corpus.questions)
        chosen = [name for name in options.only if rows <= _MOST[name]]
        for name in tqdm(chosen, desc=f"{rows:,}", unit=" stores", disable=None):
            found += _measured(name, corpus, tenth, options.work, options.peers.resolve())
    print("\n".join(_table(found)))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _measured(name: str, corpus: Corpus, tenth: np.ndarray, work: Path, peers: Path) -> list[dict[str, Any]]:
    """Build and ask one store; nothing where it fails, which is told."""
    work = work.resolve()
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        python = python_of(_PEERS[name], peers / name / "venv")
        worker = [python, "-m", "benchmarks.stores.worker", name]
        built = run([*worker, "build", folder, work / "vectors.npy"], work / f"{name}.log")
        disk = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        answer = work / f"{name}.json"
        run([*worker, "ask", folder, work / "questions.npy"], work / f"{name}.log", answer, threads=1)
    except PeerFailed as error:
        print(f"{name} with {len(corpus.vectors):,}: {error}", file=sys.stderr)
        return []
    finally:
        shutil.rmtree(folder)
    answers = json.loads(answer.read_text("utf-8"))
    rows = answers.pop("rows")
    asked = zip(corpus.questions, rows, tenth.tolist(), strict=False)
    hits = sum(among_nearest(corpus.vectors, question, np.array(own), least) for question, own, least in asked)
    return [
        {
            "name": name,
            "rows": len(corpus.vectors),
            "asked": len(rows),
            "recall": hits / sum(map(len, rows)),
            "disk": disk,
            "build_s": built.seconds,
            "build_mb": built.peak_mb,
            **answers,
        }
    ]


def _table(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| passages | store | recall@10 | p50 ms | p99 ms | memory MB | disk MB | opening s | build s | its peak MB |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {one['rows']:,} | {one['name']} | {one['recall']:.4f} | {one['p50']:.2f} | {one['p99']:.2f} "
        f"| {one['memory'] / 1e6:,.0f} | {one['disk'] / 1e6:,.0f} | {one['opening_s']:.2f} | {one['build_s']:,.0f} "
        f"| {one['build_mb']:,.0f} |"
        for one in found
    ]
    return lines


if __name__ == "__main__":
    main()
