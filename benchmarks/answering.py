"""A whole answer, in process: Veille with everything on beside sentence-transformers and a flat FAISS index.

Both are asked the same headlines of the index, some in a row and in turn, ten hits each, by one thread. The other has
the same weights in float32 and the same passages, and gives back rows alone. Where the time of ours goes stands below.

python -m benchmarks.answering --index DIR --model FOLDER
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import torch
from threadpoolctl import threadpool_limits
from tqdm import trange

from benchmarks.memory import Memory
from benchmarks.service import headlines
from benchmarks.torch_twin import torch_twin
from indexer.encoders import load_encoder
from indexer.generation import Generation
from search_api import SearchEngine

_WARM = 20
# Question by question, each would find its weights pushed out of the processor's caches by the other.
_IN_A_ROW = 25
Times = dict[str, list[tuple[float, float]]]


def main() -> None:
    """Print a table of both, and one of our steps."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument(
        "--model", type=Path, required=True, help="folder of the other's model; made if it is not there"
    )
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measured(options.index, options.model, headlines(options.index, 0)[: options.questions + _WARM])
    print("\n".join(_table(found)))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measured(index_dir: Path, model_dir: Path, questions: Sequence[str]) -> dict[str, Any]:
    """Return medians and so on in ms, and the memory of our side in bytes."""
    # FAISS, numpy and torch alike: threads that wait for each other cost as much as those that work.
    threadpool_limits(1)
    torch.set_num_threads(1)
    before = Memory.of()
    times: Times = defaultdict(list)

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        wall, processor = time.perf_counter(), time.process_time()
        yield
        times[name].append((time.perf_counter() - wall, time.process_time() - processor))

    with closing(Generation.open(index_dir)) as generation:
        opened = Memory.of()
        encoder = load_encoder(generation.manifest.encoder.model)
        loaded = Memory.of()
        engine = SearchEngine(generation, encoder, step=timed)
        for question in questions[:_WARM]:
            engine.search(question)
        for question in questions[_WARM:]:
            engine.search(question)
        asked = Memory.of()
        model = torch_twin(model_dir)
        flat = faiss.IndexFlatIP(generation.vectors.dimension)
        flat.add(generation.vectors.vectors(np.arange(generation.vectors.count)))
        times.clear()
        for start in trange(_WARM, len(questions), _IN_A_ROW, unit=" rounds", disable=None):
            for question in questions[start : start + _IN_A_ROW]:
                with timed("veille"):
                    engine.search(question)
            for question in questions[start : start + _IN_A_ROW]:
                with timed("plain"):
                    flat.search(model.encode([question], prompt="query: ", show_progress_bar=False), 10)
        counts = generation.manifest.articles, generation.manifest.passages
    return {
        "articles": counts[0],
        "passages": counts[1],
        "questions": len(questions) - _WARM,
        "memory": {
            "index": opened.own - before.own,
            "encoder": loaded.own - opened.own,
            "answering": asked.own - loaded.own,
            "mapped": asked.mapped - before.mapped,
        },
        "times": {name: _summary(taken) for name, taken in times.items()},
    }


def _summary(taken: list[tuple[float, float]]) -> dict[str, float]:
    wall, processor = np.array(taken).T * 1e3
    return {
        "p50": round(float(np.median(wall)), 2),
        "p99": round(float(np.quantile(wall, 0.99)), 2),
        "processor": round(float(np.median(processor)), 2),
    }


def _table(found: dict[str, Any]) -> Iterator[str]:
    times = found["times"]
    yield f"{found['passages']:,} passages, {found['questions']} headlines, one thread"
    yield "| | p50 ms | p99 ms | processor ms |\n| --- | --- | --- | --- |"
    for name, label in {"plain": "sentence-transformers, IndexFlatIP", "veille": "Veille, all of it"}.items():
        yield f"| {label} | {times[name]['p50']} | {times[name]['p99']} | {times[name]['processor']} |"
    for name, own in times.items():
        if name not in ("plain", "veille"):
            yield f"| of which {name} | {own['p50']} | {own['p99']} | {own['processor']} |"
    yield f"ratio of medians {times['plain']['p50'] / times['veille']['p50']:.2f}"
    memory = {name: f"{size / 1e6:.0f} MB" for name, size in found["memory"].items()}
    yield (
        f"memory beside the libraries: index {memory['index']}, encoder {memory['encoder']}, answering "
        f"{memory['answering']}; and {memory['mapped']} of mapped files, most of them the index's"
    )


if __name__ == "__main__":
    main()
