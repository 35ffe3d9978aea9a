"""What one would write without Veille: FastAPI, sentence-transformers and FAISS, the same weights, the same passages.

It answers with passages and nothing more: no words, no tokens, no sentence that answers. So that it need not embed
a corpus for an hour, passages and vectors are those of an index of Veille; what it costs to answer is the same.

python -m benchmarks.plain_service --index DIR --model FOLDER --port 8001
"""

from __future__ import annotations

import argparse
import sqlite3
from pathlib import Path
from typing import Any

import faiss
import uvicorn
from fastapi import FastAPI

from benchmarks.torch_twin import torch_twin
from indexer.facts import NAME
from indexer.generation import current_name
from indexer.naming import FOLDER
from indexer.vectors import VECTORS


def make_app(index_dir: Path, model_dir: Path) -> FastAPI:
    """Return the service over the passages of an index; the model is made in `model_dir` if it is not there."""
    folder = index_dir / FOLDER / current_name(index_dir)
    index = faiss.read_index(str(folder / VECTORS))
    passages = _passages(folder / NAME)
    model = torch_twin(model_dir)
    app = FastAPI()

    @app.get("/search")
    def search(q: str, k: int = 10) -> dict[str, Any]:
        vector = model.encode([q], prompt="query: ", normalize_embeddings=True, show_progress_bar=False)
        scores, rows = index.search(vector, k)
        hits = [
            {**passages[row], "score": float(score)} for score, row in zip(scores[0], rows[0].tolist(), strict=True)
        ]
        return {"query": q, "hits": hits}

    return app


def _passages(file: Path) -> list[dict[str, Any]]:
    connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    found = connection.execute(
        "SELECT articles.id, title, source, published, lang, url, substr(text, start + 1, end - start) "
        "FROM passages JOIN articles ON articles.row = passages.article ORDER BY passages.row"
    ).fetchall()
    connection.close()
    names = ("article_id", "title", "source", "published", "lang", "url", "text")
    return [dict(zip(names, record, strict=True)) for record in found]


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model; made if it is not there")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args()
    uvicorn.run(make_app(options.index, options.model), port=options.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
