"""What one would write oneself: sentence-transformers and FAISS."""

from __future__ import annotations

import json
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

from benchmarks.peers.drivers import PASSAGE, QUERY, TEXTS, Ask, Hits, Text, read

VECTORS, KEPT = "vectors.faiss", "texts.json"


def build(model: str, source: Path, folder: Path) -> None:
    """Encode everything at once, which sorts by length, for a search by brute force."""
    texts = read(source / TEXTS)
    encoder = SentenceTransformer(model, device="cpu")
    vectors = encoder.encode([text.text for text in texts], prompt=PASSAGE, show_progress_bar=False)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / VECTORS))
    (folder / KEPT).write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")


def opened(model: str, folder: Path) -> Ask:
    """Load all of it."""
    encoder = SentenceTransformer(model, device="cpu")
    index = faiss.read_index(str(folder / VECTORS))
    texts = [Text(*text) for text in json.loads((folder / KEPT).read_text(encoding="utf-8"))]

    def ask(question: str, k: int) -> Hits:
        vector = encoder.encode([question], prompt=QUERY, show_progress_bar=False)
        scores, rows = index.search(vector, k)
        found = zip(rows[0].tolist(), scores[0].tolist(), strict=True)
        return [(texts[row].id, score) for row, score in found if row >= 0]

    return ask
