"""The sentence that answers: which of a passage's sentences comes nearest to what a question asks.

Each token of the question looks for the token nearest to it in each sentence (Khattab and Zaharia 2020, "ColBERT");
tokens are compared as they stand in their passage, so that "he" is near the name it stands for, and across
languages. Encoders that tell only what whole texts mean encode the sentences, when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from corpus import terms
from corpus.passages import Span
from indexer.codes import Codes
from indexer.encoder import Encoder, QueryTokens, TokenEncoder, TokenPlaces
from indexer.generation import Generation

# Measured on xquad (docs/choices.md). How much it counts that a sentence's tokens are near some token of the
# question, beside the question's being near some of the sentence's; and which sentence is nearest to each token
# of the question, whatever the others' distance.
_RETURNED = 0.3
_NEAREST = 0.1
_NEAREST_SHARPNESS = 20.0
# Where sentences are encoded by themselves: what it is worth that all of the question's words stand in one.
_WORDS = 0.2
_KEPT = 4_096


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage to choose from: what was embedded, of which the text begins at `offset`, and spans of sentences.

    `sentences` are code points in the passage's own text; `codes` those of what was embedded, if they are kept.
    """

    embedded: str
    offset: int
    sentences: tuple[Span, ...]
    codes: Codes | None

    def text(self, sentence: Span) -> str:
        """Return the text of a sentence."""
        return self.embedded[self.offset + sentence[0] : self.offset + sentence[1]]


class Highlighter:
    """Scores the sentences of passages for questions. Threads may share it."""

    def __init__(self, generation: Generation, encoder: Encoder) -> None:
        """Take the encoder that the generation was built with."""
        self._encoder = encoder
        self._words = generation.words
        self._lock = Lock()
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._by_tokens = encoder if generation.codes is not None and isinstance(encoder, TokenEncoder) else None

    def scores(self, query: str, excerpts: Sequence[Excerpt]) -> list[NDArray[np.float64]]:
        """Return for each excerpt the scores of its sentences, float64 (sentences,): more is better."""
        if self._by_tokens is not None:
            tokens = self._by_tokens.query_tokens(query)
            places = self._by_tokens.token_places([excerpt.embedded for excerpt in excerpts])
            return [_token_scores(tokens, *pair) for pair in zip(excerpts, places, strict=True)]
        return self._sentence_scores(query, excerpts)

    def _sentence_scores(self, query: str, excerpts: Sequence[Excerpt]) -> list[NDArray[np.float64]]:
        texts = [[excerpt.text(sentence) for sentence in excerpt.sentences] for excerpt in excerpts]
        known = self._encoded(dict.fromkeys(text for group in texts for text in group))
        vector = self._encoder.encode_queries([query])[0]
        rarity = self._words.rarity(query)
        return [
            np.array([float(known[text] @ vector) + _WORDS * _shared(rarity, text) for text in group])
            for group in texts
        ]

    def _encoded(self, wanted: dict[str, None]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            known = {text: self._vectors[text] for text in wanted if text in self._vectors}
        missing = [text for text in wanted if text not in known]
        if missing:
            known |= zip(missing, self._encoder.encode_passages(missing), strict=True)
        with self._lock:
            for text in wanted:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > _KEPT:
                self._vectors.popitem(last=False)
        return known


def _token_scores(query: QueryTokens, excerpt: Excerpt, places: TokenPlaces) -> NDArray[np.float64]:
    assert excerpt.codes is not None  # noqa: S101  # the generation keeps them
    sentences = len(excerpt.sentences)
    if not len(query.weights) or len(excerpt.codes) != len(places.weights):
        return np.zeros(sentences)
    signs = np.unpackbits(excerpt.codes, axis=1).astype(np.float32) * 2 - 1
    near = query.vectors @ signs.T / np.sqrt(signs.shape[1])
    owner = _owners(excerpt, places)
    found = np.full((sentences, len(query.weights)), -1.0)
    returned = np.zeros(sentences)
    best = near.max(axis=0)
    for number in range(sentences):
        own = owner == number
        if own.any():
            found[number] = near[:, own].max(axis=1)
            weights = places.weights[own]
            returned[number] = float(weights @ best[own] / max(float(weights.sum()), 1e-9))
    nearest = np.exp(_NEAREST_SHARPNESS * (found - found.max(axis=0)))
    nearest /= nearest.sum(axis=0)
    scores: NDArray[np.float64] = (found + _NEAREST * nearest) @ query.weights + _RETURNED * returned
    return scores


def _owners(excerpt: Excerpt, places: TokenPlaces) -> NDArray[np.int64]:
    """Return the sentence that holds each token's last character, -1 for none: int64 (tokens,)."""
    last = places.spans[:, 1] - 1 - excerpt.offset
    starts = np.array([start for start, _ in excerpt.sentences])
    ends = np.array([end for _, end in excerpt.sentences])
    owner = np.searchsorted(starts, last, side="right") - 1
    inside = (owner >= 0) & (last < ends[owner])
    return np.where(inside, owner, -1)


def _shared(rarity: dict[str, float], text: str) -> float:
    """Return the part of a question's terms that a text has, each counting as much as it is rare."""
    own = {term for word in terms.words(text) for term in word.terms}
    return sum(weight for term, weight in rarity.items() if term in own) / (sum(rarity.values()) or 1)
