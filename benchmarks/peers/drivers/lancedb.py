"""LanceDB: a table whose vectors are made by an embedding function (https://docs.lancedb.com/embedding)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lancedb
from lancedb.embeddings import SentenceTransformerEmbeddings, get_registry, register
from lancedb.pydantic import LanceModel, Vector

from benchmarks.peers.drivers import PASSAGE, QUERY, TEXTS, Ask, Hits, read

TABLE = "passages"


@register("prompted")
class Prompted(SentenceTransformerEmbeddings):
    """The function for sentence-transformers, with the prompts of the model."""

    def generate_embeddings(self, texts: Any) -> list[Any]:
        """Embed passages."""
        return super().generate_embeddings([PASSAGE + text for text in texts])

    def compute_query_embeddings(self, query: str, *args: Any, **kwargs: Any) -> list[Any]:
        """Embed a question."""
        return super().generate_embeddings([QUERY + query])


def build(model: str, source: Path, folder: Path) -> None:
    """Add everything to a new table."""
    function = get_registry().get("prompted").create(name=model, device="cpu")

    class Passage(LanceModel):
        id: str
        text: str = function.SourceField()
        vector: Vector(function.ndims()) = function.VectorField()  # type: ignore[valid-type]

    table = lancedb.connect(str(folder)).create_table(TABLE, schema=Passage)
    table.add([text._asdict() for text in read(source / TEXTS)])


def opened(model: str, folder: Path) -> Ask:
    """Open the table, which names its embedding function itself."""
    table = lancedb.connect(str(folder)).open_table(TABLE)

    def ask(question: str, k: int) -> Hits:
        found = table.search(question).distance_type("dot").select(["id", "text", "_distance"]).limit(k).to_list()
        return [(row["id"], 1 - row["_distance"]) for row in found]

    return ask
