"""The encoder that comes with the package: multilingual-e5-small in int8, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from indexer.encoder import EncoderError, EncoderSpec, Progress, fingerprint_of, readable
from indexer.encoders.precision import VERSION, Precision
from indexer.encoders.prepared import prepared_graph
from indexer.encoders.tokenizer import make_tokenizer
from indexer.encoders.weights import SHA256, Weights, dequantise, path

# Texts are tokenised this many at a time, sorted by length, and run in batches of about so many tokens:
# enough to keep two cores busy, few enough to stay in their cache.
WINDOW = 2048
BATCH_TOKENS = 768


class BundledEncoder:
    """multilingual-e5-small without torch. Safe to share between threads."""

    def __init__(
        self, weights: Weights, tokenizer: Tokenizer, session: onnxruntime.InferenceSession, spec: EncoderSpec
    ) -> None:
        """Take the parts as they are; `load` makes them."""
        self._tokenizer = tokenizer
        self._session = session
        self._spec = spec
        self._words = weights.blocks("emb.word", weights.hidden)
        types = weights.plain("emb.type")[: weights.hidden]
        self._places = weights.plain("emb.pos").reshape(-1, weights.hidden) + types

    @classmethod
    def load(
        cls, *, quiet: bool = True, precision: Precision = Precision.INT8, folder: Path | None = None
    ) -> BundledEncoder:
        """Return the encoder; its ONNX file is made in `folder` (default: the user's cache) if need be.

        Raises EncoderError where the weights are missing or not what they should be.
        """
        weights = Weights(path())
        graph = prepared_graph(weights, precision, quiet=quiet, folder=folder)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        tokenizer = make_tokenizer(weights)
        tokenizer.enable_truncation(weights.positions)
        return cls(weights, tokenizer, session, _spec(weights, precision))

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self._spec

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (len(texts), 384), each row of length 1. What lies beyond 512 tokens is not seen."""
        return self._encode([self._spec.query_prompt + text for text in readable(texts)], None)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return float32 (len(texts), 384), each row of length 1. What lies beyond 512 tokens is not seen."""
        return self._encode([self._spec.passage_prompt + text for text in readable(texts)], progress)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without the prompt and the two special tokens.

        No count exceeds 510, the most that is ever seen: a longer text counts as 511.
        """
        encodings = self._tokenizer.encode_batch_fast(readable(texts), add_special_tokens=False)
        return [len(encoding.ids) if not encoding.overflowing else self._spec.max_tokens - 1 for encoding in encodings]

    def _encode(self, texts: list[str], progress: Progress | None) -> NDArray[np.float32]:
        vectors = np.empty((len(texts), self._spec.dimension), np.float32)
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            tokens = [np.array(e.ids) for e in self._tokenizer.encode_batch_fast(window)]
            for batch in _batches(tokens):
                vectors[start + batch] = self._run([tokens[place] for place in batch])
                if progress:
                    progress(len(batch))
        return vectors

    def _run(self, tokens: list[NDArray[np.int64]]) -> NDArray[np.float32]:
        lengths = np.array([len(ids) for ids in tokens], np.int32)
        embeddings = np.zeros((len(tokens), int(lengths.max()), self._spec.dimension), np.float32)
        rows = dequantise(self._words[np.concatenate(tokens)])
        for place, own in enumerate(np.split(rows, np.cumsum(lengths)[:-1])):
            embeddings[place, : len(own)] = own + self._places[: len(own)]
        found = self._session.run(None, {"embeddings": embeddings, "lengths": lengths})[0]
        if not np.isfinite(found).all():
            raise EncoderError("the encoder returned numbers that are not finite", "Report this text as a bug")
        return np.asarray(found, np.float32)


def _batches(tokens: Sequence[NDArray[np.int64]]) -> Iterator[NDArray[np.int64]]:
    """Yield the places of `tokens` by falling length, in groups of at most BATCH_TOKENS, padding counted."""
    lengths = np.array([len(ids) for ids in tokens])
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        size = max(1, BATCH_TOKENS // int(lengths[order[start]]))
        yield order[start : start + size]
        start += size


def _spec(weights: Weights, precision: Precision) -> EncoderSpec:
    facts = {
        "model": "bundled",
        "revision": SHA256[:12],
        "dimension": weights.hidden,
        "query_prompt": "query: ",
        "passage_prompt": "passage: ",
        "max_tokens": weights.positions,
    }
    fingerprint = fingerprint_of(**facts, weights=SHA256, graph=VERSION, precision=precision.value)
    return EncoderSpec(**facts, fingerprint=fingerprint)
