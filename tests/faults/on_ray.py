"""Builds an index on a cluster, and prints how many passages were embedded.

python -m tests.faults.on_ray CLUSTER SOURCE INDEX ARTICLES TEXTS      the last two: how many go into a shard
"""

from __future__ import annotations

import sys
from pathlib import Path

from indexer.build import build
from indexer.cluster.joining import joined
from indexer.encoders import BUNDLED, load_encoder


def main(cluster: str, source: Path, index: Path, articles: int, texts: int) -> None:
    """Build."""
    encoder = load_encoder()
    with joined(cluster):
        from indexer.cluster.job import RayWorkers

        workers = RayWorkers(encoder, BUNDLED, articles=articles, texts=texts)
        report = build([source], index, encoder=encoder, quiet=True, workers=workers)
    print(report.embedded)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), *map(int, sys.argv[4:]))
