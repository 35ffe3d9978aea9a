"""Runs in the environment of a peer: python -m benchmarks.stores.worker NAME build|ask FOLDER VECTORS.

It needs numpy and the peer. `ask` prints JSON: how long opening took, the median and the 99th hundredth of the times,
ms, the memory, bytes, and the rows that were found.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.memory import Memory
from benchmarks.stores.drivers import Driver

K = 10
WARM_UP = 5
# What takes longer is asked fewer questions.
SECONDS = 60


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("what", choices=("build", "ask"))
    parser.add_argument("folder", type=Path, help="folder of the store")
    parser.add_argument("vectors", type=Path, help="file of what is put into it, or asked")
    given = parser.parse_args()
    # Some libraries print what they do: our line goes where standard output went, theirs to standard error.
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    driver = import_module(f"benchmarks.stores.drivers.{given.name}")
    if given.what == "build":
        driver.build(np.load(given.vectors, mmap_mode="r"), given.folder)
    else:
        print(json.dumps(asked(driver, given.folder, np.load(given.vectors))), file=answer, flush=True)


def asked(driver: Driver, folder: Path, questions: Any) -> dict[str, Any]:
    """Ask one question at a time on one core, whatever threads the store has, for a minute at most."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
    before = Memory.of().resident
    start = time.perf_counter()
    ask = driver.opened(folder)
    opening = time.perf_counter() - start
    for question in questions[:WARM_UP]:
        ask(question, K)
    times: list[float] = []
    rows: list[list[int]] = []
    for question in questions:
        start = time.perf_counter()
        rows.append(ask(question, K))
        times.append((time.perf_counter() - start) * 1e3)
        if sum(times) > SECONDS * 1e3:
            break
    return {
        "opening_s": opening,
        "p50": float(np.median(times)),
        "p99": float(np.quantile(times, 0.99)),
        "memory": Memory.of().resident - before,
        "rows": rows,
    }


if __name__ == "__main__":
    main()
