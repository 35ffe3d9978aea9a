"""Measures what the channels inside the bundled encoder look like, for balance.py.

Done once, on the parallel questions in 32 languages and the articles of the sample; the result comes with the package:
python -m indexer.encoders.channels [FILE]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tqdm import tqdm

from corpus import sample
from corpus.readers import read
from indexer.encoders.adapter import Adapter
from indexer.encoders.balance import NAME, Channels, readers
from indexer.encoders.bundled import PASSAGE_PROMPT, QUERY_PROMPT, SHIPPED, Embeddings, open_session
from indexer.encoders.graph import make_graph
from indexer.encoders.precision import Precision
from indexer.encoders.tokenizer import make_tokenizer
from indexer.encoders.weights import Weights, path
from indexer.neutral import every_question

# The share of numbers on each side that a channel's reach leaves out.
TAIL = 0.01
# How many code points of an article are read: about a passage.
PASSAGE = 500


def measure(texts: Sequence[str]) -> Channels:
    """Return what they look like with the adapter in texts with their prompts, each token counting the same."""
    weights = Weights(path(), Adapter.load(SHIPPED))
    norms, inner = list(readers(weights.layers)), [f"l{number}.gelu" for number in range(weights.layers)]
    graph = make_graph(weights, Precision.FP32)
    graph.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in norms + inner)
    session = open_session(graph.SerializeToString())
    embeddings, tokenizer = Embeddings(weights), make_tokenizer(weights)
    tokenizer.enable_truncation(weights.positions)
    seen: list[list[NDArray[np.float32]]] = []
    for text in tqdm(texts, unit="text", disable=None):
        rows = embeddings.of(np.array([tokenizer.encode(text).ids]))
        seen.append([found[0] for found in session.run(norms + inner, {"embeddings": rows})])
    channels = [np.concatenate(found) for found in zip(*seen, strict=True)]
    normed, inside = channels[: len(norms)], channels[len(norms) :]
    middles = np.mean(normed, axis=1)
    lows, highs = np.quantile(normed, [TAIL, 1 - TAIL], axis=1)
    reaches = np.maximum(highs - middles, middles - lows)
    return Channels(middles.astype(np.float16), reaches.astype(np.float16), np.mean(inside, axis=1).astype(np.float16))


def read_texts() -> Iterator[str]:
    """Yield what they are measured on."""
    for question in every_question():
        yield QUERY_PROMPT + question
        yield PASSAGE_PROMPT + question
    for article in read(sample.path()):
        yield PASSAGE_PROMPT + article.text[:PASSAGE]


def main() -> None:
    """Measure it again."""
    file = Path(sys.argv[1] if len(sys.argv) > 1 else NAME)
    found = measure(list(read_texts()))
    np.savez_compressed(file, allow_pickle=False, middles=found.middles, reaches=found.reaches, inner=found.inner)


if __name__ == "__main__":
    main()
