"""Fills in the vectors of passages: from the cache, or with the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from indexer.cache import EmbeddingCache, key_of
from indexer.code_cache import CodeCache
from indexer.codes import Codes, TokenCodesWriter
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder, Progress, TokenEncoder
from indexer.facts import Facts
from indexer.neutral import Encode

# Written to the cache this often: what a killed build loses at most, some seconds of work. Texts of like length are
# encoded together: with four times as many at once there would be a hundredth less padding.
CHUNK = 256


@dataclass(frozen=True, slots=True)
class Coding:
    """Where the codes of tokens come from and where they go."""

    encoder: TokenEncoder
    cache: CodeCache
    writer: TokenCodesWriter


class Embedding:
    """Embeds equal text once, and what the cache holds never."""

    def __init__(self, encoder: Encoder, cache: EmbeddingCache, *, with_title: bool, quiet: bool) -> None:
        """Take the parts as they are."""
        self._encoder = encoder
        self._cache = cache
        self._with_title = with_title
        self._quiet = quiet

    def passages(self, facts: Facts, count: int, coding: Coding | None = None) -> tuple[NDArray[np.float32], int]:
        """Return the vectors of all `count` passages, float32 (count, dimension), and how many were computed.

        With `coding` the codes of their tokens are written as well; a passage that lacks them counts as computed.
        """
        vectors = np.empty((count, self._encoder.spec.dimension), np.float32)
        rows = np.arange(count)
        embedded = 0
        bar = tqdm(total=len(rows), desc="embedding", unit=" passages", disable=True if self._quiet else None)
        with bar:
            for start in range(0, len(rows), CHUNK):
                texts = self._texts(rows[start : start + CHUNK], facts)
                if coding:
                    found, computed = self._coded(texts, coding, bar.update)
                else:
                    found, computed = self._cached(
                        lambda wanted: self._encoder.encode_passages(wanted, progress=bar.update),
                        texts,
                        map(key_of, texts),
                    )
                bar.update(len(texts) - computed)
                vectors[start : start + CHUNK] = found
                embedded += computed
        return vectors, embedded

    def texts(self, facts: Facts, count: int) -> Iterator[str]:
        """Yield what is embedded for each of `count` passages, by row."""
        bar = tqdm(total=count, desc="words", unit=" passages", disable=True if self._quiet else None)
        with bar:
            for start in range(0, count, CHUNK):
                texts = self._texts(np.arange(start, min(start + CHUNK, count)), facts)
                yield from texts
                bar.update(len(texts))

    def sample(self, facts: Facts, rows: NDArray[np.int64]) -> tuple[list[str], NDArray[np.float32]]:
        """Return what is embedded for the passages at `rows`, and its vectors, float32 (len(rows), dimension).

        The cache has them once `passages` was called.
        """
        texts = self._texts(rows, facts)
        return texts, self._cached(self._encoder.encode_passages, texts, map(key_of, texts))[0]

    def known_or(self, encode: Encode, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        """Return `encode(texts)`, computed once: the cache keeps it under `kind`, apart from passages."""
        return self._cached(encode, texts, (key_of(f"{kind}\0{text}") for text in texts))[0]

    def _coded(self, texts: Sequence[str], coding: Coding, progress: Progress) -> tuple[NDArray[np.float32], int]:
        """Do what `_cached` does with passages, and write their codes in the order of `texts`."""
        keys = [key_of(text) for text in texts]
        known = dict(zip(keys, coding.cache.get_many(keys), strict=True))
        wanted = {key: text for key, text in zip(keys, texts, strict=True) if known[key] is None}
        computed: dict[bytes, Codes] = {}
        if wanted:
            places = list(wanted)
            vectors = coding.encoder.encode_with_codes(
                list(wanted.values()), lambda place, codes: computed.update({places[place]: codes}), progress
            )
            # A damaged vector counts as lacking: it would be computed, and counted, once more below.
            lacking = np.flatnonzero(~self._cache.get_many(places)[1])
            self._cache.put_many([places[place] for place in lacking], vectors[lacking])
            coding.cache.put_many(computed.items())
        found, embedded = self._cached(
            lambda texts: self._encoder.encode_passages(texts, progress=progress), texts, keys
        )
        for key in keys:
            codes = computed[key] if key in computed else known[key]
            assert codes is not None  # noqa: S101  # what was not known was computed
            coding.writer.add(codes)
        return found, len(wanted) + embedded

    def _cached(self, encode: Encode, texts: Sequence[str], keys: Iterable[bytes]) -> tuple[NDArray[np.float32], int]:
        """Return the vectors of `texts`, float32 (n, dimension), and how many of them were computed."""
        keys = list(keys)
        found, known = self._cache.get_many(keys)
        wanted = {key: text for key, text, have in zip(keys, texts, known, strict=True) if not have}
        if wanted:
            computed = encode(list(wanted.values()))
            self._cache.put_many(list(wanted), computed)
            place = {key: number for number, key in enumerate(wanted)}
            missing = np.flatnonzero(~known)
            found[missing] = computed[[place[keys[row]] for row in missing]]
        return found, len(wanted)

    def _texts(self, rows: NDArray[np.int64], facts: Facts) -> list[str]:
        passages = facts.passages(rows.tolist())
        articles = facts.articles({passage.article_row for passage in passages})
        titles = {
            row: embedded_title(self._encoder, article.title) if self._with_title else ""
            for row, article in articles.items()
        }
        return [embedded_text(titles[p.article_row], articles[p.article_row].text[p.start : p.end]) for p in passages]
