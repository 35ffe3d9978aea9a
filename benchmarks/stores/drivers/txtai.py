"""txtai: external vectors (https://neuml.github.io/txtai/embeddings/configuration/vectors/), FAISS by its defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from txtai import Embeddings

from benchmarks.stores.drivers import Ask


def build(vectors: Any, folder: Path) -> None:
    """Index with the default backend."""
    embeddings = Embeddings(method="external")
    embeddings.index((row, vector, None) for row, vector in enumerate(vectors))
    embeddings.save(str(folder))


def opened(folder: Path) -> Ask:
    """Load the index."""
    embeddings = Embeddings()
    embeddings.load(str(folder))
    return lambda vector, k: [row for row, _ in embeddings.search(vector, k)]
