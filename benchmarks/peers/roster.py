"""Who is compared, and what must be known to read their figures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
REQUIREMENTS = Path(__file__).parent / "requirements"
OURS = "veille"


@dataclass(frozen=True, slots=True)
class Peer:
    """One that is compared. `note` says how it is driven and what it does differently.

    `distributions`: whose versions are shown; `questions`: how many the time of a question is measured on.
    """

    name: str
    distributions: tuple[str, ...]
    note: str
    questions: int = 300

    @property
    def is_veille(self) -> bool:
        """Whether it is ours, which is installed from this folder and indexes articles by its own command."""
        return self.name == OURS

    @property
    def requirements(self) -> list[str]:
        """What pip is told to install: pinned versions of everything."""
        if self.is_veille:
            return ["-c", str(ROOT / "constraints.txt"), "-e", str(ROOT)]
        return ["-r", str(REQUIREMENTS / f"{self.name}.txt")]

    @property
    def pins(self) -> str:
        """The digest of the file that pins the versions."""
        file = ROOT / "constraints.txt" if self.is_veille else REQUIREMENTS / f"{self.name}.txt"
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


# In the order in which they are measured, where time may not allow all.
ROSTER = (
    Peer(
        "plain",
        ("sentence-transformers", "faiss-cpu"),
        "SentenceTransformer.encode (batches of 32, its default) and IndexFlatIP; texts beside them as JSON",
    ),
    Peer(
        OURS,
        ("veille", "onnxruntime", "faiss-cpu"),
        "`veille index` and SearchEngine with their defaults: int8, words, token codes, highlighted sentence; it cuts "
        "documents into passages; ranks of the benchmarks are those of `veille evaluate` (near-copies not joined)",
    ),
    Peer(
        "txtai",
        ("txtai", "faiss-cpu"),
        "Embeddings with `instructions` for the prompts and `content` to keep the texts; exact up to 5,000 texts, "
        "FAISS IVF beyond (its defaults)",
    ),
    Peer(
        "chromadb",
        ("chromadb", "sentence-transformers"),
        "PersistentClient, HNSW by cosine; a custom embedding function, as the one for sentence-transformers knows no "
        "prompts",
    ),
    Peer(
        "lancedb",
        ("lancedb", "sentence-transformers"),
        "a table with an embedding function of the registry; no vector index, as its documentation advises below some "
        "100,000 rows; a custom function, as the one for sentence-transformers knows no prompts",
    ),
    Peer(
        "haystack",
        ("haystack-ai", "sentence-transformers"),
        "InMemoryDocumentStore by cosine, sentence-transformers embedders with `prefix`; kept as one JSON file",
    ),
    Peer(
        "semantra",
        ("semantra", "transformers"),
        "its command and its HTTP server, one text file an article, `--doc-token-pre` and `--query-token-pre`; it cuts "
        "the files itself into windows of 128 tokens (its default), and asks the index of each file in turn",
        questions=30,
    ),
)
