"""What an adapter is worth.

python -m training.judge ADAPTER [SHARE] shows roles as `veille evaluate --roles` tells them, on pairs kept from
training, and both benchmarks in one pool of all languages, ranked by vectors without what languages add; each without
the adapter and with it, or with a SHARE of it (0.8 ...), by the encoder in int8.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from corpus.errors import VeilleError
from indexer.encoder import Encoder
from indexer.encoders.bundled import BundledEncoder
from indexer.neutral import fit
from search_api.evaluation.benchmark import Benchmark, read_benchmark
from search_api.evaluation.roles import evaluate_roles, read_pairs
from training.finish import finish
from training.news import PAIRS, SHARED
from training.ranking import AT, Ranked, means

# Languages, and every so-many-th question.
SETS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "xquad": (("ar", "de", "en", "es", "ru", "tr", "zh"), 9),
    "debian_headlines": ((), 1),
}


def ranked(encoder: Encoder, benchmark: Benchmark) -> Ranked:
    """Rank all documents for each question by cosine, without what languages add."""
    languages = [document.get("lang", "und") for document in benchmark.documents]
    told = encoder.encode_passages([document["text"] for document in benchmark.documents])
    asked = encoder.encode_queries([query.text for query in benchmark.queries])
    transform = fit(told, languages, encoder.encode_queries, encoder.encode_passages)
    scores = transform.questions(asked) @ transform.passages(told, languages).T
    ids = [document["id"] for document in benchmark.documents]
    right = [np.isin(ids, list(benchmark.relevant[query.id])) for query in benchmark.queries]
    return means(np.take_along_axis(np.array(right), np.argsort(-scores, axis=1), axis=1))


def lines(encoders: Sequence[Encoder]) -> list[str]:
    """Return a table with a column for each encoder."""
    pairs = read_pairs(PAIRS)
    scores = [evaluate_roles(encoder, pairs) for encoder in encoders]
    rows = {
        "roles, all": [one.overall.right for one in scores],
        "roles, weakest language": [min(share.right for share in one.by_kind["lang"].values()) for one in scores],
        "roles, sentences from the news": [one.by_kind["real"]["yes"].right for one in scores],
    }
    for name, (langs, every) in SETS.items():
        benchmark = read_benchmark(SHARED / "data/crosslingual" / name, langs=langs, every=every)
        found = [ranked(encoder, benchmark) for encoder in encoders]
        rows[f"{name}, mAP"] = [one.average_precision for one in found]
        rows[f"{name}, MRR@{AT}"] = [one.reciprocal_rank for one in found]
    head = ["| | without | with |", "| --- | --- | --- |"]
    return head + [f"| {name} | {' | '.join(f'{value:.3f}' for value in values)} |" for name, values in rows.items()]


def main() -> None:
    """Judge the adapter that is named."""
    if len(sys.argv) not in {2, 3}:
        sys.exit(__doc__)
    adapter, *share = sys.argv[1:]
    try:
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "adapter.npz"
            finish(Path(adapter), kept, *map(float, share or ["1"]))
            encoders = BundledEncoder.load(adapter=None), BundledEncoder.load(adapter=kept, folder=Path(folder))
        print("\n".join(lines(encoders)))
    except (VeilleError, ValueError) as error:
        sys.exit(f"training: {error}")


if __name__ == "__main__":
    main()
