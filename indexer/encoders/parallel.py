"""The vectors and tokens of the parallel questions, which every index asks for: an encoder has them once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import Encoder, KeepingEncoder, QueryTokens, TokenEncoder, fingerprint_of
from indexer.encoders import once
from indexer.neutral import every_question

Kind = Literal["query", "passage"]
T = TypeVar("T")


def parallel_vectors(encoder: Encoder, kind: Kind) -> NDArray[np.float32]:
    """Return `every_question` encoded as questions or as passages: float32 (questions, dimension).

    Computed once where the encoder has a folder to keep it in.
    """
    texts = every_question()
    encode = encoder.encode_queries if kind == "query" else encoder.encode_passages
    return _once(
        encoder,
        kind,
        "vectors",
        lambda: encode(texts),
        lambda vectors: vectors.astype("<f4").tobytes(),
        lambda kept: np.frombuffer(kept, "<f4").reshape(len(texts), -1).astype(np.float32),
    )


def parallel_tokens(encoder: TokenEncoder) -> list[QueryTokens]:
    """Return the tokens of `every_question` as questions. Computed once, as their vectors are."""

    def compute() -> list[QueryTokens]:
        return [tokens for _, tokens in encoder.read_queries(every_question())]

    return _once(encoder, "query", "tokens", compute, _written, _read)


def _once(
    encoder: Encoder,
    kind: Kind,
    suffix: str,
    compute: Callable[[], T],
    written: Callable[[T], bytes],
    read: Callable[[bytes], T],
) -> T:
    """Return what was kept of the questions as so `written`, or compute and keep it."""
    if not isinstance(encoder, KeepingEncoder):
        return compute()
    key = fingerprint_of(encoder=encoder.spec.fingerprint, kind=kind, texts="\0".join(every_question()))
    kept = once.found(encoder.folder, key, suffix)
    if kept is not None:
        return read(kept)
    computed = compute()
    once.keep(encoder.folder, key, suffix, written(computed))
    return computed


def _written(tokens: Sequence[QueryTokens]) -> bytes:
    written = BytesIO()
    np.savez(
        written,
        allow_pickle=False,
        vectors=np.concatenate([own.vectors for own in tokens]).astype("<f4"),
        weights=np.concatenate([own.weights for own in tokens]).astype("<f4"),
        counts=np.array([len(own.weights) for own in tokens], "<i8"),
    )
    return written.getvalue()


def _read(written: bytes) -> list[QueryTokens]:
    with np.load(BytesIO(written), allow_pickle=False) as kept:
        vectors, weights, counts = kept["vectors"], kept["weights"], kept["counts"]
    ends = np.cumsum(counts)[:-1]
    return [QueryTokens(*own) for own in zip(np.split(vectors, ends), np.split(weights, ends), strict=True)]
