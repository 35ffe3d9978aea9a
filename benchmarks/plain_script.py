"""What one would write without Veille: sentence-transformers and FAISS, chunks of so many characters.

Prints JSON: articles, chunks, seconds, peak memory and the size of what it leaves on disk.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path

import faiss

from benchmarks.torch_twin import torch_twin

CHUNK = 480


def main() -> None:
    """Index JSON Lines files into one folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sources", type=Path, nargs="+")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model; made if it is not there")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    start = time.perf_counter()
    model = torch_twin(options.model)
    chunks = []
    articles = 0
    for source in options.sources:
        for line in source.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            articles += 1
            text = record["text"]
            for at in range(0, len(text), CHUNK):
                chunks.append(
                    {"id": record["id"], "start": at, "text": text[at : at + CHUNK], "title": record["title"]}
                )
    texts = [f"{chunk['title']}\n{chunk['text']}" for chunk in chunks]
    vectors = model.encode(texts, prompt="passage: ", batch_size=32, show_progress_bar=False)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    options.out.mkdir(parents=True, exist_ok=True)
    faiss.write_index(index, str(options.out / "vectors.faiss"))
    (options.out / "chunks.json").write_text(json.dumps(chunks, ensure_ascii=False), encoding="utf-8")
    result = {
        "articles": articles,
        "chunks": len(chunks),
        "seconds": round(time.perf_counter() - start, 1),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "disk_mb": round(sum(file.stat().st_size for file in options.out.iterdir()) / 1e6, 1),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
