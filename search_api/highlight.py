"""The sentence that answers: which of a passage's sentences comes nearest to what a question asks.

Each token of the question looks for the token nearest to it in each sentence (Khattab and Zaharia 2020, "ColBERT");
tokens are compared as they stand in their passage, so that "he" is near the name it stands for, and across
languages. Encoders that tell only what whole texts mean encode the sentences, when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from corpus import terms
from corpus.article import Article
from corpus.passages import Span
from indexer.codes import Codes
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder, QueryTokens, TokenEncoder, TokenPlaces
from indexer.facts import StoredPassage
from indexer.generation import Generation
from search_api.late import cosines
from search_api.results import Highlight

# Measured on xquad (docs/choices.md). How much it counts that a sentence's tokens are near some token of the
# question, beside the question's being near some of the sentence's; and which sentence is nearest to each token
# of the question, whatever the others' distance.
_RETURNED = 0.3
_NEAREST = 0.2
_NEAREST_SHARPNESS = 20.0
# Where sentences are encoded by themselves: what it is worth that all of the question's words stand in one.
_WORDS = 0.2
_KEPT = 4_096
# Passages that answer come back: whose tokens stand in which sentence is kept of so many, about 1 KB each.
_KEPT_PASSAGES = 32_768
_TINY = 1e-9

Scores = NDArray[np.float64]
Read = tuple[NDArray[np.float32], QueryTokens | None]
Group = tuple[Article, Sequence[StoredPassage]]


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


@dataclass(frozen=True, slots=True)
class Owned:
    """The tokens of a passage: the sentence of each, -1 for none, int32 (n,), and how much it says, float32 (n,)."""

    owners: NDArray[np.int32]
    weights: NDArray[np.float32]
    sentences: int

    @classmethod
    def of(cls, places: TokenPlaces, sentences: Sequence[Span]) -> Owned:
        """Return whose the tokens at `places` are."""
        return cls(_owners(places.spans, sentences).astype(np.int32), places.weights, len(sentences))


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
        self._owned: OrderedDict[int, Owned] = OrderedDict()

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
        chosen = []
        for article, passages in groups:
            spans = [span for passage in passages for span in passage.sentences]
            place = 0
            if len(spans) > 1:
                if tokens is not None:
                    scores = self._by_tokens(tokens, article, passages)
                else:
                    excerpts = [self._excerpt(article, passage) for passage in passages]
                    scores = self._by_sentences(query, vector, excerpts)
                place = int(scores.argmax())
            start, end = spans[place]
            chosen.append(Highlight(article.text[start:end], start, end))
        return chosen

    def _excerpt(self, article: Article, passage: StoredPassage) -> Excerpt:
        text = article.text[passage.start : passage.end]
        title = embedded_title(self._encoder, article.title) if self._with_title else ""
        embedded = embedded_text(title, text)
        return Excerpt(passage, embedded, len(embedded) - len(text))

    def _by_tokens(self, tokens: QueryTokens, article: Article, passages: Sequence[StoredPassage]) -> Scores:
        assert self._codes is not None  # noqa: S101  # or there were no tokens
        owned = self._tokens_of(article, passages)
        return _token_scores(tokens, [(self._codes.of(p.row), own) for p, own in zip(passages, owned, strict=True)])

    def _tokens_of(self, article: Article, passages: Sequence[StoredPassage]) -> list[Owned]:
        """Return whose tokens stand in which sentence, reading only the passages of which it is not known."""
        assert self._tokens is not None  # noqa: S101  # or there were no tokens
        with self._lock:
            known = {p.row: self._owned[p.row] for p in passages if p.row in self._owned}
        missing = [self._excerpt(article, passage) for passage in passages if passage.row not in known]
        if missing:
            places = self._tokens.token_places([excerpt.embedded for excerpt in missing])
            for excerpt, place in zip(missing, places, strict=True):
                known[excerpt.passage.row] = Owned.of(place, excerpt.sentences)
        with self._lock:
            for passage in passages:
                self._owned[passage.row] = known[passage.row]
                self._owned.move_to_end(passage.row)
            while len(self._owned) > _KEPT_PASSAGES:
                self._owned.popitem(last=False)
        return [known[passage.row] for passage in passages]

    def _by_sentences(self, query: str, vector: NDArray[np.float32], excerpts: Sequence[Excerpt]) -> Scores:
        texts = [excerpt.embedded[start:end] for excerpt in excerpts for start, end in excerpt.sentences]
        known = self._encoded(dict.fromkeys(texts))
        rarity = self._words.rarity(query)
        return np.array([float(known[text] @ vector) + _WORDS * _shared(rarity, text) for text in texts])

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


def _token_scores(query: QueryTokens, parts: Iterable[tuple[Codes, Owned]]) -> Scores:
    """Return how near the sentences of some passages of one article come to a question, float64 (sentences,)."""
    near, returned = (np.concatenate(found) for found in zip(*(_nearness(query, *part) for part in parts), strict=True))
    nearest = np.exp(_NEAREST_SHARPNESS * (near - near.max(axis=0)))
    nearest /= nearest.sum(axis=0)
    scores: Scores = (near + _NEAREST * nearest) @ query.weights + _RETURNED * returned
    return scores


def _nearness(query: QueryTokens, codes: Codes, tokens: Owned) -> tuple[Scores, Scores]:
    """Return how near each sentence comes to each of the question's tokens, and how near its own come to any.

    float64 (sentences, tokens of the question) and (sentences,).
    """
    found = np.full((tokens.sentences, len(query.weights)), -1.0)
    returned = np.zeros(tokens.sentences)
    # As many as there are places, unless a damaged file has been read.
    if len(codes) != len(tokens.weights) or not codes.size or not len(query.weights):
        return found, returned
    near = cosines(query, codes)
    best = near.max(axis=0)
    # Sentences follow each other, and so do their tokens.
    held = np.flatnonzero(tokens.owners >= 0)
    if len(held):
        starts = np.flatnonzero(np.diff(tokens.owners[held], prepend=-1))
        numbers = tokens.owners[held[starts]]
        weights = tokens.weights[held] + _TINY
        found[numbers] = np.maximum.reduceat(near[:, held], starts, axis=1).T
        returned[numbers] = np.add.reduceat(best[held] * weights, starts) / np.add.reduceat(weights, starts)
    return found, returned


def _owners(spans: NDArray[np.int32], sentences: Sequence[Span]) -> NDArray[np.int64]:
    """Return the sentence that holds each token's last character, -1 for none: int64 (tokens,)."""
    last = spans[:, 1] - 1
    starts, ends = np.array(sentences).T
    owner = np.searchsorted(starts, last, side="right") - 1
    return np.where((owner >= 0) & (last < ends[owner]), owner, -1)


def _shared(rarity: dict[str, float], text: str) -> float:
    """Return the part of a question's terms that a text has, each counting as much as it is rare."""
    own = {term for word in terms.words(text) for term in word.terms}
    return sum(weight for term, weight in rarity.items() if term in own) / (sum(rarity.values()) or 1)
