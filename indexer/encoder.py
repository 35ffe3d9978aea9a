"""What an encoder is, whatever runs it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from corpus.errors import VeilleError

Progress = Callable[[int], object]
SURROGATES = re.compile("[\ud800-\udfff]")


class EncoderError(VeilleError):
    """An encoder could not be made ready or was asked for something it cannot do."""


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """The facts that decide whether two vectors may be compared.

    `max_tokens` counts everything the model sees: prompt, text and the two special tokens.
    `fingerprint` changes whenever any of the others, the weights or the arithmetic do.
    """

    model: str
    revision: str
    dimension: int
    query_prompt: str
    passage_prompt: str
    max_tokens: int
    fingerprint: str

    def to_json(self) -> dict[str, Any]:
        """Return the fields as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> EncoderSpec:
        """Read what `to_json` wrote. Raises TypeError where a field is missing or unknown."""
        return cls(**data)


def fingerprint_of(**facts: str | int) -> str:
    """Return 32 hex digits naming `facts`, in whatever order they are given."""
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]


class Encoder(Protocol):
    """Turns texts into unit vectors. Prompts are added here, never by the caller."""

    @property
    def spec(self) -> EncoderSpec:
        """What this encoder is."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 (len(texts), dimension), each row of length 1."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float32]:
        """Return float32 (len(texts), dimension), each row of length 1.

        `progress` is called with the number of texts finished since its last call.
        """
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without special tokens and prompts."""
        ...


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """A question token by token: `vectors` float32 (n, dimension), of length 1; `weights` float32 (n,), of sum 1.

    `ranking`: what passages are ranked by in their place, where that was learnt; its vectors are of about that length.
    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float32]
    ranking: QueryTokens | None = None


CodeSink = Callable[[int, NDArray[np.uint8]], object]
"""Takes the place of a text and the codes of its tokens, as `indexer.codes.pack` makes them."""


@runtime_checkable
class TokenEncoder(Encoder, Protocol):
    """An encoder that also tells what each token of a text means where it stands."""

    def encode_with_codes(
        self, texts: Sequence[str], codes: CodeSink, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Do what `encode_passages` does, and hand the codes of each text's tokens to `codes`, in any order."""
        ...

    def read_queries(self, texts: Sequence[str]) -> list[tuple[NDArray[np.float32], QueryTokens]]:
        """Return each question's vector, float32 (dimension,), and its tokens, whatever it is read together with."""
        ...


@runtime_checkable
class KeepingEncoder(Encoder, Protocol):
    """An encoder with a folder of the user's for what it computes once, whatever the index."""

    @property
    def folder(self) -> Path:
        """Where that is kept."""
        ...


def readable(texts: Sequence[str]) -> list[str]:
    """Return `texts` with U+FFFD for lone surrogates, which no tokenizer takes.

    Raises EncoderError for anything but strings.
    """
    for text in texts:
        if not isinstance(text, str):
            raise EncoderError(f"cannot embed a {type(text).__name__}", "Give a list of strings")
    return [SURROGATES.sub("\ufffd", text) for text in texts]
