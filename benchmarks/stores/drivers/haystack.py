"""Haystack: documents with embeddings in memory (https://docs.haystack.deepset.ai/docs/inmemorydocumentstore)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from haystack import Document
from haystack.document_stores.in_memory import InMemoryDocumentStore

from benchmarks.stores.drivers import Ask

STORE = "store.json"


def build(vectors: Any, folder: Path) -> None:
    """Write the documents, and save the store."""
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    store.write_documents(
        [Document(id=str(row), content="", embedding=vector.tolist()) for row, vector in enumerate(vectors)]
    )
    store.save_to_disk(str(folder / STORE))


def opened(folder: Path) -> Ask:
    """Load the store."""
    store = InMemoryDocumentStore.load_from_disk(str(folder / STORE))
    return lambda vector, k: [
        int(document.id) for document in store.embedding_retrieval(vector.tolist(), top_k=k, return_embedding=False)
    ]
