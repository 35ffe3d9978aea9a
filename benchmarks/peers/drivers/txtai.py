"""txtai: an Embeddings database with the texts in it (https://neuml.github.io/txtai/embeddings/)."""

from __future__ import annotations

from pathlib import Path

from txtai import Embeddings

from benchmarks.peers.drivers import PASSAGE, QUERY, TEXTS, Ask, Hits, read


def build(model: str, source: Path, folder: Path) -> None:
    """Index with the default backend (FAISS) and the default batches."""
    embeddings = Embeddings(path=model, instructions={"query": QUERY, "data": PASSAGE}, content=True)
    embeddings.index((text.id, text.text, None) for text in read(source / TEXTS))
    embeddings.save(str(folder))


def opened(model: str, folder: Path) -> Ask:
    """Load the index, which names its model itself."""
    embeddings = Embeddings()
    embeddings.load(str(folder))

    def ask(question: str, k: int) -> Hits:
        return [(hit["id"], hit["score"]) for hit in embeddings.search(question, k)]

    return ask
