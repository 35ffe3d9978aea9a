"""The sentence that answers: which of a passage's sentences comes nearest to what a question asks.

Each token of the question looks for the token nearest to it in each sentence (Khattab and Zaharia 2020, "ColBERT");
tokens are compared as they stand in their passage, so that "he" is near the name it stands for, and across
languages. Encoders that tell only what whole texts mean encode the sentences, when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from corpus import terms
from corpus.article import Article
from corpus.passages import Span
from indexer.codes import behind, weights
from indexer.compared import Compared, Near
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder, QueryTokens, TokenEncoder
from indexer.facts import StoredPassage
from indexer.generation import Generation
from search_api.results import Highlight
from search_api.retrieval import ScoredPassage

# Measured on xquad (docs/choices.md). How much it counts that a sentence's tokens are near some token of the
# question, beside the question's being near some of the sentence's; and which sentence is nearest to each token
# of the question, whatever the others' distance.
_RETURNED = 0.5
_NEAREST = 0.7
_NEAREST_SHARPNESS = 15.0
# Where sentences are encoded by themselves: what it is worth that all of the question's words stand in one.
_WORDS = 0.2
_KEPT = 4_096
_TINY = 1e-9

Scores = NDArray[np.float64]
Read = tuple[NDArray[np.float32], QueryTokens | None]
Group = tuple[Article, Sequence[ScoredPassage]]
# Farther than any article is long, so that passages lie apart on one line.
_APART = 1 << 32


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage to choose from: what was embedded, of which the passage's own text begins at `offset`."""

    passage: StoredPassage
    embedded: str
    offset: int

    @property
    def sentences(self) -> list[Span]:
        """Where the sentences stand in what was embedded, in code points."""
        shift = self.offset - self.passage.start
        return [(start + shift, end + shift) for start, end in self.passage.sentences]


class Highlighter:
    """Chooses the sentences that answer. Threads may share it."""

    def __init__(self, generation: Generation, encoder: Encoder) -> None:
        """Take the encoder that the generation was built with."""
        self._encoder = encoder
        self._words = generation.words
        self._with_title = generation.manifest.with_title
        self._codes = generation.codes
        self._tokens = encoder if generation.codes is not None and isinstance(encoder, TokenEncoder) else None
        self._lock = Lock()
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()

    def read(self, query: str) -> Read:
        """Return a question's vector, float32 (dimension,), and its tokens where sentences are chosen by them."""
        return self.read_together([query])[0]

    def read_together(self, queries: Sequence[str]) -> list[Read]:
        """Return for each question what `read` gives for it alone, encoded together."""
        if self._tokens is not None:
            return list(self._tokens.read_queries(queries))
        return [(vector, None) for vector in self._encoder.encode_queries(queries)]

    def best(self, query: str, read: Read, groups: Sequence[Group]) -> list[Highlight]:
        """Return for each article the sentence of its given passages that answers `query` best.

        `read` is what `read` gives for it. Equal sentences: the first.
        """
        vector, tokens = read
        spans = [[span for scored in passages for span in scored.passage.sentences] for _, passages in groups]
        places = [0] * len(groups)
        several = [place for place, own in enumerate(spans) if len(own) > 1]
        chosen = [groups[place] for place in several]
        scores = self._by_sentences(query, vector, chosen) if tokens is None else self._by_tokens(tokens, chosen)
        for place, own in zip(several, scores, strict=True):
            places[place] = int(own.argmax())
        return [
            _highlight(article, *own[place]) for (article, _), own, place in zip(groups, spans, places, strict=True)
        ]

    def _excerpt(self, article: Article, passage: StoredPassage) -> Excerpt:
        text = article.text[passage.start : passage.end]
        title = embedded_title(self._encoder, article.title) if self._with_title else ""
        embedded = embedded_text(title, text)
        return Excerpt(passage, embedded, len(embedded) - len(text))

    def _by_tokens(self, tokens: QueryTokens, groups: Sequence[Group]) -> list[Scores]:
        """Return what the sentences of each group are worth, float64 (sentences,) each."""
        assert self._codes is not None  # noqa: S101  # or there were no tokens
        if not groups:
            return []
        scored = [part for _, passages in groups for part in passages]
        compared, places = scored[0].compared, [part.place for part in scored]
        if compared is None:
            rows = np.array([part.passage.row for part in scored])
            compared, places = Compared.of(tokens, *self._codes.of_each(rows)), list(range(len(rows)))
        passages = [part.passage for part in scored]
        return token_scores(tokens, compared.at(places), passages, [len(own) for _, own in groups])

    def _by_sentences(self, query: str, vector: NDArray[np.float32], groups: Sequence[Group]) -> Iterator[Scores]:
        """Yield what the sentences of each group are worth, float64 (sentences,) each."""
        rarity = self._words.rarity(query)
        for article, passages in groups:
            excerpts = [self._excerpt(article, scored.passage) for scored in passages]
            texts = [excerpt.embedded[start:end] for excerpt in excerpts for start, end in excerpt.sentences]
            known = self._encoded(dict.fromkeys(texts))
            yield np.array([float(known[text] @ vector) + _WORDS * _shared(rarity, text) for text in texts])

    def _encoded(self, wanted: dict[str, None]) -> dict[str, NDArray[np.float32]]:
        with self._lock:
            known = {text: self._vectors[text] for text in wanted if text in self._vectors}
        missing = [text for text in wanted if text not in known]
        if missing:
            # Copies: a row that is kept would keep all the others of its batch.
            vectors = (vector.copy() for vector in self._encoder.encode_passages(missing))
            known |= zip(missing, vectors, strict=True)
        with self._lock:
            for text in wanted:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > _KEPT:
                self._vectors.popitem(last=False)
        return known


def token_scores(
    query: QueryTokens, near: Near, passages: Sequence[StoredPassage], sizes: Sequence[int]
) -> list[Scores]:
    """Return how near the sentences of some passages come to a question, float64 (sentences,) for each article.

    `near`: of the `passages`; `sizes`: how many of these each article has, one at least.
    """
    own, returned = _nearness(query, near, passages)
    ends = np.cumsum([0, *sizes]).tolist()
    counts = [sum(len(part.sentences) for part in passages[start:end]) for start, end in pairwise(ends)]
    article = np.repeat(np.arange(len(counts)), counts)
    starts = np.cumsum([0, *counts[:-1]])
    nearest = np.exp(_NEAREST_SHARPNESS * (own - np.maximum.reduceat(own, starts)[article]))
    nearest /= np.add.reduceat(nearest, starts)[article]
    # Row by row, unlike a BLAS product, gives equal sentences equal scores.
    scores = np.einsum("st,t->s", own + _NEAREST * nearest, query.weights.astype(np.float64)) + _RETURNED * returned
    return np.split(scores, starts[1:])


def owners(near: Near, passages: Sequence[StoredPassage]) -> NDArray[np.int64]:
    """Return the sentence of each token, int64 (tokens,): a place among those of all `passages`, or -1 for none."""
    apart = np.arange(len(passages)) * _APART
    last = np.repeat(apart + [part.end for part in passages], near.lengths) - behind(near.codes) - 1
    spans = np.array([span for part in passages for span in part.sentences], np.int64)
    starts, ends = (spans + np.repeat(apart, [len(part.sentences) for part in passages])[:, np.newaxis]).T
    owner = np.searchsorted(starts, last, side="right") - 1
    return np.where((owner >= 0) & (last < ends[owner]), owner, -1)


def _nearness(query: QueryTokens, near: Near, passages: Sequence[StoredPassage]) -> tuple[Scores, Scores]:
    """Return how near each sentence comes to each of the question's tokens, and how near its own come to any.

    float64 (sentences, tokens of the question) and (sentences,), passage by passage.
    """
    found = np.full((sum(len(part.sentences) for part in passages), len(query.weights)), -1.0)
    returned = np.zeros(len(found))
    owner = owners(near, passages)
    # Sentences follow each other, and so do their tokens.
    held = np.flatnonzero(owner >= 0)
    if len(held) and len(query.weights):
        tokens = near.cosines[:, held]
        rarity = weights(near.codes)[held] + _TINY
        starts = np.flatnonzero(np.diff(owner[held], prepend=-1))
        numbers = owner[held[starts]]
        found[numbers] = np.maximum.reduceat(tokens, starts, axis=1).T
        returned[numbers] = np.add.reduceat(tokens.max(axis=0) * rarity, starts) / np.add.reduceat(rarity, starts)
    return found, returned


def _highlight(article: Article, start: int, end: int) -> Highlight:
    return Highlight(article.text[start:end], start, end)


def _shared(rarity: dict[str, float], text: str) -> float:
    """Return the part of a question's terms that a text has, each counting as much as it is rare."""
    own = {term for word in terms.words(text) for term in word.terms}
    return sum(weight for term, weight in rarity.items() if term in own) / (sum(rarity.values()) or 1)
