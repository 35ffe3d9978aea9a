"""Haystack: pipelines around a document store in memory (https://docs.haystack.deepset.ai/docs/inmemorydocumentstore)."""

from __future__ import annotations

from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from benchmarks.peers.drivers import PASSAGE, QUERY, TEXTS, Ask, Hits, read

STORE = "store.json"


def build(model: str, source: Path, folder: Path) -> None:
    """Run the indexing pipeline, and save the store."""
    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    pipeline = Pipeline()
    pipeline.add_component(
        "embedder", SentenceTransformersDocumentEmbedder(model=model, prefix=PASSAGE, progress_bar=False)
    )
    pipeline.add_component("writer", DocumentWriter(document_store=store))
    pipeline.connect("embedder", "writer")
    documents = [Document(id=text.id, content=text.text) for text in read(source / TEXTS)]
    pipeline.run({"embedder": {"documents": documents}})
    store.save_to_disk(str(folder / STORE))


def opened(model: str, folder: Path) -> Ask:
    """Load the store, and assemble the pipeline that asks it."""
    store = InMemoryDocumentStore.load_from_disk(str(folder / STORE))
    pipeline = Pipeline()
    pipeline.add_component("embedder", SentenceTransformersTextEmbedder(model=model, prefix=QUERY, progress_bar=False))
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(document_store=store, return_embedding=False))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")

    def ask(question: str, k: int) -> Hits:
        found = pipeline.run({"embedder": {"text": question}, "retriever": {"top_k": k}})
        return [(document.id, document.score) for document in found["retriever"]["documents"]]

    return ask
