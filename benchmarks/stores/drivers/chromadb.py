"""Chroma: a collection that is given its embeddings (https://docs.trychroma.com/docs/collections/add-data), HNSW."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chromadb

from benchmarks.stores.drivers import Ask

NAME = "passages"


def build(vectors: Any, folder: Path) -> None:
    """Add everything in batches of the size that the client allows."""
    client = chromadb.PersistentClient(path=str(folder))
    collection = client.create_collection(NAME, embedding_function=None, configuration={"hnsw": {"space": "cosine"}})
    size = client.get_max_batch_size()
    for start in range(0, len(vectors), size):
        batch = vectors[start : start + size]
        collection.add(ids=[str(start + place) for place in range(len(batch))], embeddings=batch)


def opened(folder: Path) -> Ask:
    """Open the collection."""
    collection = chromadb.PersistentClient(path=str(folder)).get_collection(NAME, embedding_function=None)

    def ask(vector: Any, k: int) -> list[int]:
        found = collection.query(query_embeddings=[vector], n_results=k, include=[])
        return [int(row) for row in found["ids"][0]]

    return ask
