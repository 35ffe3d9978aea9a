"""Chroma: a persistent collection that embeds what it is given (https://docs.trychroma.com/docs/embeddings)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb import Documents, EmbeddingFunction, Embeddings
from chromadb.utils.embedding_functions import register_embedding_function
from sentence_transformers import SentenceTransformer

from benchmarks.peers.drivers import PASSAGE, QUERY, TEXTS, Ask, Hits, batches, read

NAME = "passages"


@register_embedding_function
class Prompted(EmbeddingFunction[Documents]):
    """What SentenceTransformerEmbeddingFunction does, with the prompts of the model."""

    def __init__(self, model: str) -> None:
        self._name = model
        self._model = SentenceTransformer(model, device="cpu")

    def __call__(self, input: Documents) -> Embeddings:  # noqa: A002  # Chroma's name
        """Embed passages."""
        return self._encoded(input, PASSAGE)

    def embed_query(self, input: Documents) -> Embeddings:  # noqa: A002  # Chroma's name
        """Embed questions."""
        return self._encoded(input, QUERY)

    def _encoded(self, texts: Documents, prompt: str) -> Embeddings:
        vectors = self._model.encode(list(texts), prompt=prompt, show_progress_bar=False)
        return [np.array(vector, dtype=np.float32) for vector in vectors]

    @staticmethod
    def name() -> str:
        """Return what the collection remembers."""
        return "prompted"

    def get_config(self) -> dict[str, Any]:
        """Return what `build_from_config` needs."""
        return {"model": self._name}

    @staticmethod
    def build_from_config(config: dict[str, Any]) -> Prompted:
        """Make it anew when the collection is opened."""
        return Prompted(config["model"])


def build(model: str, source: Path, folder: Path) -> None:
    """Add everything in batches of the size that the client allows."""
    client = chromadb.PersistentClient(path=str(folder))
    collection = client.create_collection(
        NAME, embedding_function=Prompted(model), configuration={"hnsw": {"space": "cosine"}}
    )
    for batch in batches(read(source / TEXTS), client.get_max_batch_size()):
        collection.add(ids=[text.id for text in batch], documents=[text.text for text in batch])


def opened(model: str, folder: Path) -> Ask:
    """Open the collection."""
    client = chromadb.PersistentClient(path=str(folder))
    collection = client.get_collection(NAME, embedding_function=Prompted(model))

    def ask(question: str, k: int) -> Hits:
        found = collection.query(query_texts=[question], n_results=k)
        return [(id_, 1 - distance) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)]

    return ask
