"""The command line: see the package."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import sizes
from benchmarks.sizes.corpus import Corpus, multiplied, neighbours
from benchmarks.sizes.plot import plot
from indexer import ladder, whole
from indexer.breadth import among_nearest, tenth_best
from indexer.ladder import Rung
from indexer.manifest import FileSum
from indexer.nearest import Rows
from indexer.vectors import VECTORS, VectorIndex

_ASKED = 1_000
# Comparing a million exactly takes a third of a second each.
_ASKED_EXACTLY = 100
# As many as a build has parallel questions.
_TRIAL = 320
_LITTLE = 500_000_000


def main() -> None:
    """Print a table of kinds by size and one of filters; write JSON and a picture where they are asked for."""
    parser = argparse.ArgumentParser(description=sizes.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True, help="an index whose vectors are multiplied")
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, required=True, help="folder for what is written: 2 GB for a million")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path, help="a PNG")
    parser.add_argument("--stores", type=Path, metavar="FILE", help="JSON of benchmarks.stores, drawn beside it")
    options = parser.parse_args()
    found = [measured for rows in options.rows for measured in _of_size(options.index, rows, options.work)]
    print("\n".join([*_table(found), "", *_table_of_filters(found)]))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        plot(found, json.loads(options.stores.read_text("utf-8")) if options.stores else [], options.plot)


def _of_size(index: Path, rows: int, work: Path) -> list[dict[str, Any]]:
    corpus = multiplied(index, rows, _ASKED, _TRIAL)
    filters = _filters(corpus)
    tenth = {name: tenth_best(corpus.vectors, corpus.questions, allowed) for name, allowed in filters.items()}
    near = neighbours(corpus.vectors)
    print(f"{rows:,} vectors, copies at {corpus.scale}: cosines with neighbours {near}", file=sys.stderr)
    found = []
    for name, memory in {"exact": None, "ladder": 0, "little memory": _LITTLE}.items():
        if memory and ladder.size(rows, corpus.vectors.shape[1], "Flat") <= memory:
            continue
        folder = work / f"{rows}-{name.replace(' ', '-')}"
        folder.mkdir(parents=True, exist_ok=True)
        start = time.perf_counter()
        rung = _written(folder, corpus, memory)
        seconds = time.perf_counter() - start
        answers = _asked(folder, corpus, rung, filters, _ASKED_EXACTLY if memory is None else _ASKED)
        found.append(
            {
                "rows": rows,
                "name": name,
                "kind": rung.kind,
                "breadth": rung.breadth and asdict(rung.breadth),
                "build_s": seconds,
                "disk": sum(file.stat().st_size for file in _files(folder)),
                "opening_s": answers["opening"],
                "memory": answers["memory"],
                "filters": {
                    key: {
                        "p50": asked["p50"],
                        "p99": asked["p99"],
                        "least": min(map(len, asked["rows"])),
                        "recall": _recall(corpus, asked["rows"], tenth[key]),
                    }
                    for key, asked in answers["filters"].items()
                },
                "scale": corpus.scale,
                "neighbours": near,
            }
        )
    return found


def _filters(corpus: Corpus) -> dict[str, Rows | None]:
    """Return rows by what is asked for.

    Nothing; a part at random, which no filter of a reader leaves; the newest such part, by date; and the languages that
    are nearest to such parts.
    """
    random = np.random.default_rng(1)
    count = len(corpus.vectors)
    filters: dict[str, Rows | None] = {"none": None}
    codes, places, sizes_of = np.unique(corpus.languages, return_inverse=True, return_counts=True)
    for percent in (10.0, 1.0, 0.1):
        part = percent / 100
        filters[f"random {percent:g}%"] = np.sort(random.choice(count, max(int(part * count), 10), replace=False))
        since = np.sort(corpus.dates)[-max(int(part * count), 10)]
        newest = np.flatnonzero(corpus.dates >= since)
        filters[f"newest {100 * len(newest) / count:.2g}%"] = newest
        place = int(np.abs(np.log(sizes_of / count / part)).argmin())
        name = f"{codes[place]} {100 * sizes_of[place] / count:.2g}%"
        filters[name] = np.flatnonzero(places == place)
    return filters


def _written(folder: Path, corpus: Corpus, memory: int | None) -> Rung:
    if memory is None:
        VectorIndex.build(corpus.vectors).save(folder / VECTORS)
        return Rung("Flat", None, 0)
    # What is asked later is not what the breadth was measured with.
    return ladder.write(folder, corpus.vectors, corpus.trial, memory, corpus.languages.tolist(), corpus.dates)


def _asked(folder: Path, corpus: Corpus, rung: Rung, filters: Mapping[str, Rows | None], count: int) -> dict[str, Any]:
    np.save(folder / "questions.npy", corpus.questions)
    for name, rows in filters.items():
        if rows is not None:
            np.save(folder / f"{name}.npy", rows)
    sums = {file.name: asdict(FileSum.of(file)) for file in _files(folder)}
    (folder / "sums.json").write_text(json.dumps(sums), "utf-8")
    trial = {"kept": rung.kept, "breadth": rung.breadth and asdict(rung.breadth)}
    trial |= {"filters": list(filters), "asked": count, "rows": len(corpus.vectors)}
    (folder / "trial.json").write_text(json.dumps(trial), "utf-8")
    command = [sys.executable, "-m", "benchmarks.sizes.asking", str(folder)]
    answers: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)  # ours
    return answers


def _files(folder: Path) -> list[Path]:
    return [*folder.glob("vectors*"), *folder.glob(whole.NAME)]


def _recall(corpus: Corpus, found: list[list[int]], tenth: np.ndarray) -> float:
    hits = 0
    for question, rows, least in zip(corpus.questions, found, tenth.tolist(), strict=False):
        hits += among_nearest(corpus.vectors, question, np.array(rows, np.int64), least)
    return hits / sum(map(len, found))


def _table(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| passages | kind | recall@10 | p50 ms | p99 ms | memory MB | disk MB | opening s | build s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        asked = one["filters"]["none"]
        lines.append(
            f"| {one['rows']:,} | {one['name']}: {one['kind']} | {asked['recall']:.4f} | {asked['p50']:.2f} "
            f"| {asked['p99']:.2f} | {one['memory'] / 1e6:,.0f} | {one['disk'] / 1e6:,.0f} | {one['opening_s']:.2f} "
            f"| {one['build_s']:.0f} |"
        )
    return lines


def _table_of_filters(found: list[dict[str, Any]]) -> list[str]:
    lines = [
        "| passages | kind | filter | least hits | recall@10 | p50 ms | times the unfiltered |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        for name, asked in one["filters"].items():
            if name != "none":
                times = asked["p50"] / one["filters"]["none"]["p50"]
                lines.append(
                    f"| {one['rows']:,} | {one['name']} | {name} | {asked['least']} | {asked['recall']:.4f} "
                    f"| {asked['p50']:.2f} | {times:.1f} |"
                )
    return lines


if __name__ == "__main__":
    main()
