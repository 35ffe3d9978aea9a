"""Asks a vector index that lies on disk, in a process that does nothing else.

python -m benchmarks.sizes.asking FOLDER: reads FOLDER/trial.json and prints JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter
from threadpoolctl import threadpool_limits

from benchmarks.memory import Memory
from indexer import ladder
from indexer.breadth import Breadth
from indexer.checked_files import checked_files
from indexer.filter import Allowed
from indexer.manifest import FileSum
from indexer.vectors import VectorIndex

K = 10


def opened(folder: Path, trial: dict[str, Any], dimension: int) -> VectorIndex:
    """Open what `ladder.write` wrote, as a generation does: with checked sums."""
    breadth = Breadth(**trial["breadth"]) if trial["breadth"] else None
    sums = TypeAdapter(dict[str, FileSum]).validate_json((folder / "sums.json").read_bytes())
    with checked_files(folder, sums) as files:
        return ladder.opened(folder, files, trial["kept"], breadth, rows=trial["rows"], dimension=dimension)


def main() -> None:
    """Ask every question with each filter; print times in ms, memory in bytes, and the rows that were found."""
    folder = Path(sys.argv[1])
    trial = json.loads((folder / "trial.json").read_text("utf-8"))
    # FAISS and numpy alike: threads that wait for each other on a busy machine take whole time slices.
    threadpool_limits(1)
    questions = np.load(folder / "questions.npy")[: trial["asked"]]
    before = Memory.of().resident
    start = time.perf_counter()
    index = opened(folder, trial, questions.shape[1])
    opening = time.perf_counter() - start
    answers: dict[str, Any] = {"opening": opening, "filters": {}}
    for name in trial["filters"]:
        allowed = None if name == "none" else Allowed(np.load(folder / f"{name}.npy"))
        answers["filters"][name] = _asked(index, questions, allowed)
        answers.setdefault("memory", Memory.of().resident - before)
    print(json.dumps(answers))


def _asked(index: VectorIndex, questions: np.ndarray, allowed: Allowed | None) -> dict[str, Any]:
    times, rows = [], []
    for question in questions:
        start = time.perf_counter()
        ((_, found),) = index.search(question[np.newaxis], K, allowed)
        times.append((time.perf_counter() - start) * 1e3)
        rows.append(found.tolist())
    return {"p50": float(np.median(times)), "p99": float(np.quantile(times, 0.99)), "rows": rows}


if __name__ == "__main__":
    main()
