"""The encoder that comes with the package: multilingual-e5-small in int8, run by ONNX Runtime."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from indexer.codes import pack
from indexer.encoder import (
    CodeSink,
    EncoderError,
    EncoderSpec,
    Progress,
    QueryTokens,
    fingerprint_of,
    readable,
)
from indexer.encoders import BUNDLED, BUNDLED_PLAIN, once
from indexer.encoders.adapter import Adapter
from indexer.encoders.batches import Batch, computed, equal_batches
from indexer.encoders.centres import token_centres
from indexer.encoders.interaction import SHIPPED as INTERACTION
from indexer.encoders.interaction import Interaction
from indexer.encoders.precision import VERSION, Precision
from indexer.encoders.prepared import prepared_graph
from indexer.encoders.tokenizer import make_tokenizer
from indexer.encoders.weights import SHA256, Weights, dequantise, path

# Texts are tokenised this many at a time.
WINDOW = 2048
# How much more a rare token of a question counts than a common one: its surprise to this power. Measured on
# xquad (docs/choices.md).
SURPRISE_POWER = 1.5
# What the package adds to the weights (docs/roles.md).
SHIPPED = Path(__file__).with_name("adapter.npz")
QUERY_PROMPT, PASSAGE_PROMPT = "query: ", "passage: "
_TINY = np.finfo(np.float32).tiny


class BundledEncoder:
    """multilingual-e5-small without torch. Safe to share between threads."""

    def __init__(
        self,
        weights: Weights,
        tokenizer: Tokenizer,
        session: onnxruntime.InferenceSession,
        spec: EncoderSpec,
        threads: int,
        folder: Path,
        interaction: Interaction | None = None,
    ) -> None:
        """Take the parts as they are; `load` makes them."""
        self._tokenizer = tokenizer
        self._session = session
        self._spec = spec
        self._threads = threads
        self._folder = folder
        self._interaction = interaction
        self._embeddings = Embeddings(weights)
        # SentencePiece's scores are log probabilities.
        self._surprise = np.maximum(-weights.scores, 0).astype(np.float32)
        own = weights.adapter.centres if weights.adapter else None
        centres: Iterable[NDArray[np.float32]] = token_centres() if own is None else own
        self._query_centre, self._passage_centre = centres

    @classmethod
    def load(
        cls,
        *,
        quiet: bool = True,
        precision: Precision = Precision.INT8,
        folder: Path | None = None,
        threads: int = 0,
        adapter: Path | None = SHIPPED,
        interaction: Path | None = INTERACTION,
    ) -> BundledEncoder:
        """Return the encoder; what it makes once is kept in `folder` (default: the user's cache): its ONNX file first.

        What the file `adapter` adds becomes part of its weights, and its name part of the fingerprint; None leaves
        the weights as they are. The file `interaction` says how passages are ranked by tokens; it was learnt with the
        shipped adapter and goes with no other. None ranks them by tokens as they are.
        So many `threads` compute at once, 0 meaning one a core: best for passages. Where several questions are read at
        once, each by a thread of its own, one is best: more would only get in each other's way.
        Raises EncoderError where the weights, the adapter or the interaction are missing or not what they should be.
        """
        weights = Weights(path(), None if adapter is None else Adapter.load(adapter))
        folder = folder or once.own_folder()
        graph = prepared_graph(weights, precision, quiet=quiet, folder=folder)
        tokenizer = make_tokenizer(weights)
        tokenizer.enable_truncation(weights.positions)
        threads = threads or len(os.sched_getaffinity(0))
        learnt = Interaction.load(interaction) if interaction and adapter == SHIPPED else None
        return cls(weights, tokenizer, open_session(graph), _spec(weights, precision), threads, folder, learnt)

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        return self._spec

    @property
    def folder(self) -> Path:
        """Where what is made once is kept."""
        return self._folder

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (len(texts), 384), each row of length 1. What lies beyond 512 tokens is not seen."""
        return self._encode(self._spec.query_prompt, texts)

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return float32 (len(texts), 384), each row of length 1. What lies beyond 512 tokens is not seen."""
        return self._encode(self._spec.passage_prompt, texts, progress)

    def encode_with_codes(
        self, texts: Sequence[str], codes: CodeSink, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Return what `encode_passages` does, and give `codes` each text's codes, uint8 (n, 51)."""

        def packed(place: int, states: NDArray[np.float32], tokens: _Tokens) -> _Handing:
            behind = len(texts[place]) - tokens.ends
            return partial(codes, place, pack(states > self._passage_centre, behind, self._surprise[tokens.ids]))

        return self._encode(self._spec.passage_prompt, texts, progress, packed)

    def read_queries(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], QueryTokens]]:
        """Return each question's vector, float32 (384,), and its tokens, whatever it is read together with."""
        read: dict[int, QueryTokens] = {}

        def keep(place: int, states: NDArray[np.float32], tokens: _Tokens) -> _Handing:
            return partial(read.__setitem__, place, self._query_tokens(states, self._surprise[tokens.ids]))

        vectors = self._encode(self._spec.query_prompt, texts, None, keep)
        return [(vector, read[place]) for place, vector in enumerate(vectors)]

    def _query_tokens(self, states: NDArray[np.float32], surprise: NDArray[np.float32]) -> QueryTokens:
        vectors = states - self._query_centre
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
        weights = surprise**SURPRISE_POWER
        tokens = QueryTokens(vectors, weights / np.maximum(weights.sum(), _TINY))
        return tokens if self._interaction is None else replace(tokens, ranking=self._interaction.of(tokens))

    def token_states(self, prompt: str, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """Return for each text what its tokens mean where they stand, float32 (n, 384), before they are centred."""
        found: dict[int, NDArray[np.float32]] = {}
        self._encode(prompt, texts, None, lambda place, states, _: partial(found.__setitem__, place, states))
        return [found[place] for place in range(len(texts))]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without the prompt and the two special tokens.

        No count exceeds 510, the most that is ever seen: a longer text counts as 511.
        """
        encodings = self._tokenizer.encode_batch_fast(readable(texts), add_special_tokens=False)
        return [len(encoding.ids) if not encoding.overflowing else self._spec.max_tokens - 1 for encoding in encodings]

    def _encode(
        self, prompt: str, texts: Sequence[str], progress: Progress | None = None, read: _Reader | None = None
    ) -> NDArray[np.float32]:
        texts = [prompt + text for text in readable(texts)]
        vectors = np.empty((len(texts), self._spec.dimension), np.float32)
        # Without offsets, tokens are counted a fifth faster.
        tokenise = self._tokenizer.encode_batch if read else self._tokenizer.encode_batch_fast
        for start in range(0, len(texts), WINDOW):
            encodings = tokenise(texts[start : start + WINDOW])
            batches = equal_batches([len(encoding) for encoding in encodings])
            work = partial(self._batch, encodings, start, len(prompt), read)
            with closing(computed(work, batches, self._threads)) as results:
                for batch, (found, handings) in zip(batches, results, strict=True):
                    vectors[start + batch] = found
                    for hand in handings:
                        hand()
                    if progress:
                        progress(len(batch))
        return vectors

    def _batch(
        self, encodings: Sequence[Encoding], start: int, prompt: int, read: _Reader | None, batch: Batch
    ) -> tuple[NDArray[np.float32], list[_Handing]]:
        """Return the vectors of the texts at `batch`, and what hands on what was read of them."""
        ids = np.array([encodings[place].ids for place in batch])
        given = {"embeddings": self._embeddings.of(ids)}
        vectors, *states = self._session.run(["vectors", "states"] if read else ["vectors"], given)
        if not np.isfinite(vectors).all():
            raise EncoderError("the encoder returned numbers that are not finite", "Report this text as a bug")
        if not read:
            return vectors, []
        kept = [_Tokens.of(encodings[place], prompt) for place in batch]
        return vectors, [
            read(int(start + place), own[tokens.places], tokens)
            for place, own, tokens in zip(batch, states[0], kept, strict=True)
        ]


class Embeddings:
    """What the graph reads of tokens: the sums of their word, position and type embeddings."""

    def __init__(self, weights: Weights) -> None:
        """Leave the words' where they are, 4 bits each, in a memory map that processes share."""
        self._words = weights.blocks("emb.word", weights.hidden)
        types = weights.plain("emb.type")[: weights.hidden]
        self._places = weights.plain("emb.pos").reshape(-1, weights.hidden) + types

    def of(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return those of token ids, int64 (texts, tokens), as float32 (texts, tokens, hidden)."""
        found: NDArray[np.float32] = dequantise(self._words[ids.ravel()]).reshape(*ids.shape, -1)
        return found + self._places[: ids.shape[1]]


@dataclass(frozen=True, slots=True)
class _Tokens:
    """The tokens of a text without its prompt: where each is among all, its id, and where it ends in the text.

    All int64 (n,), the ends in code points.
    """

    places: NDArray[np.int64]
    ids: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, encoding: Encoding, prompt: int) -> _Tokens:
        """Leave out a prompt of so many code points, and what stands for none."""
        spans = np.array(encoding.offsets, np.int64).reshape(-1, 2)
        places = np.flatnonzero((spans[:, 1] > spans[:, 0]) & (spans[:, 1] > prompt))
        return cls(places, np.array(encoding.ids, np.int64)[places], spans[places, 1] - prompt)


_Handing = Callable[[], object]
_Reader = Callable[[int, NDArray[np.float32], _Tokens], _Handing]
"""Makes something of what a text's tokens mean, in any thread; what it returns hands that on, in the caller's."""


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Return a session that runs a serialised graph on one thread: batches are what is computed side by side."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    # Above that, additions and normalisations become SkipLayerNormalization, which takes six times as long.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def _spec(weights: Weights, precision: Precision) -> EncoderSpec:
    facts = {
        "model": BUNDLED if weights.adapter else BUNDLED_PLAIN,
        "revision": SHA256[:12],
        "dimension": weights.hidden,
        "query_prompt": QUERY_PROMPT,
        "passage_prompt": PASSAGE_PROMPT,
        "max_tokens": weights.positions,
    }
    fingerprint = fingerprint_of(**facts, graph=VERSION, precision=precision.value, **weights.facts)
    return EncoderSpec(**facts, fingerprint=fingerprint)
