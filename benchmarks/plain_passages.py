"""Encodes passages from a file and keeps their vectors: by sentence-transformers and FAISS, or by the bundled encoder.

The first is the plain script that `benchmarks.throughput` compares with. Prints JSON: seconds of encoding by the clock
and of the processor, apart from loading.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.spent import Taken


def main() -> None:
    """Encode, write the index, print what encoding took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=Path, help="JSON Lines with the field text")
    parser.add_argument("--out", type=Path, required=True, help="file of the FAISS index")
    parser.add_argument("--model", type=Path, help="a sentence-transformers model; without it the bundled encoder")
    parser.add_argument("--batch-size", type=int, default=32)
    options = parser.parse_args()
    with options.passages.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    encode = by_plain_script(options.model, options.batch_size) if options.model else by_bundled()
    vectors = np.empty((0, 0), np.float32)

    def work() -> None:
        nonlocal vectors
        vectors = encode(texts)

    taken = Taken.by(work)
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(options.out))
    print(json.dumps(asdict(taken)))


def by_plain_script(model: Path, batch_size: int) -> Callable[[list[str]], NDArray[np.float32]]:
    """Return what encodes with sentence-transformers, which sorts texts by length itself."""
    from sentence_transformers import SentenceTransformer

    encode = SentenceTransformer(str(model), device="cpu").encode
    return partial(encode, prompt_name="passage", batch_size=batch_size, show_progress_bar=False)


def by_bundled() -> Callable[[list[str]], NDArray[np.float32]]:
    """Return what encodes with the bundled encoder."""
    from indexer.encoders.bundled import BundledEncoder

    return BundledEncoder.load().encode_passages


if __name__ == "__main__":
    main()
