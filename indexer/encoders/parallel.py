"""The vectors of the parallel questions, which every index asks for: they are an encoder's, so it has them once."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import Encoder, KeepingEncoder, fingerprint_of
from indexer.encoders import once
from indexer.neutral import every_question

Kind = Literal["query", "passage"]


def parallel_vectors(encoder: Encoder, kind: Kind) -> NDArray[np.float32]:
    """Return `every_question` encoded as questions or as passages: float32 (questions, dimension).

    Computed once where the encoder has a folder to keep it in.
    """
    texts = every_question()
    encode = encoder.encode_queries if kind == "query" else encoder.encode_passages
    if not isinstance(encoder, KeepingEncoder):
        return encode(texts)
    key = fingerprint_of(encoder=encoder.spec.fingerprint, kind=kind, texts="\0".join(texts))
    kept = once.found(encoder.folder, key, "vectors")
    if kept is None:
        computed = encode(texts)
        once.keep(encoder.folder, key, "vectors", computed.astype("<f4").tobytes())
        return computed
    return np.frombuffer(kept, "<f4").reshape(len(texts), -1).astype(np.float32)
