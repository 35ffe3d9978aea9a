"""Fills in the vectors of passages: from the cache, or with the encoder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from indexer.cache import EmbeddingCache, key_of
from indexer.code_cache import CodeCache
from indexer.codes import Codes, TokenCodesWriter
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder, Progress, TokenEncoder
from indexer.encoders.parallel import Kind, parallel_vectors
from indexer.facts import Facts
from indexer.neutral import Encode, every_question

# Written to the cache this often: what a killed build loses at most, some seconds of work. Texts of one length are
# encoded together, and of fewer texts fewer have the same.
CHUNK = 1024


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

    def passages(self, facts: Facts, vectors: NDArray[np.float32], coding: Coding | None = None) -> int:
        """Fill in the vectors of all passages, float32 (passages, dimension), and return how many were computed.

        With `coding` the codes of their tokens are written as well; a passage that lacks them counts as computed.
        """
        count, embedded = len(vectors), 0
        bar = tqdm(total=count, desc="embedding", unit=" passages", disable=True if self._quiet else None)
        with bar:
            for start in range(0, count, CHUNK):
                keys = facts.keys(start, start + CHUNK)
                wanted = self._wanted(keys, coding)
                # Two passages of one text are computed once.
                rows = {key: start + place for place, key in enumerate(keys) if key in wanted}
                texts = dict(zip(rows, self.texts(facts, np.fromiter(rows.values(), np.int64, len(rows))), strict=True))
                self._compute(texts, coding, bar.update)
                vectors[start : start + CHUNK] = self._cache.get_many(keys)[0]
                if coding:
                    for codes in coding.cache.get_many(keys):
                        assert codes is not None  # noqa: S101  # what was not known was computed
                        coding.writer.add(codes)
                bar.update(len(keys) - len(texts))
                embedded += len(texts)
        return embedded

    def lacking(self, facts: Facts, count: int, coding: Coding | None = None) -> Iterator[dict[bytes, str]]:
        """Yield what `passages` would have to compute, by its key: each text once."""
        seen: set[bytes] = set()
        for start in range(0, count, CHUNK):
            keys = facts.keys(start, start + CHUNK)
            wanted = self._wanted(keys, coding) - seen
            seen |= wanted
            rows = {key: start + place for place, key in enumerate(keys) if key in wanted}
            yield dict(zip(rows, self.texts(facts, np.fromiter(rows.values(), np.int64, len(rows))), strict=True))

    def keep(
        self,
        keys: Sequence[bytes],
        vectors: NDArray[np.float32],
        codes: Sequence[Codes] | None,
        coding: Coding | None = None,
    ) -> None:
        """Put what others computed into the cache: vectors, float32 (len(keys), dimension), and codes, if wanted."""
        lacking = np.flatnonzero(~self._cache.get_many(keys)[1])
        self._cache.put_many([keys[place] for place in lacking.tolist()], vectors[lacking])
        if coding and codes is not None:
            known = coding.cache.get_many(keys)
            coding.cache.put_many((key, own) for key, own, old in zip(keys, codes, known, strict=True) if old is None)

    def texts(self, facts: Facts, rows: NDArray[np.int64]) -> Iterator[str]:
        """Yield what is embedded for the passages at `rows`."""
        for start in range(0, len(rows), CHUNK):
            yield from self._texts(rows[start : start + CHUNK], facts)

    def sample(self, facts: Facts, rows: NDArray[np.int64]) -> tuple[list[str], NDArray[np.float32]]:
        """Return what is embedded for the passages at `rows`, and its vectors, float32 (len(rows), dimension).

        The cache has them once `passages` was called.
        """
        texts = self._texts(rows, facts)
        return texts, self._cached(self._encoder.encode_passages, texts, map(key_of, texts))[0]

    def questions(self, kind: Kind) -> NDArray[np.float32]:
        """Return the parallel questions encoded as questions or as passages, float32 (questions, dimension).

        The cache keeps them, apart from passages.
        """
        texts = every_question()

        def encode(wanted: Sequence[str]) -> NDArray[np.float32]:
            return parallel_vectors(self._encoder, kind)[[texts.index(text) for text in wanted]]

        return self._cached(encode, texts, (key_of(f"{kind}\0{text}") for text in texts))[0]

    def _wanted(self, keys: Sequence[bytes], coding: Coding | None) -> set[bytes]:
        """Return those of `keys` whose vectors or codes are lacking, or damaged."""
        whole = self._cache.get_many(keys)[1].tolist()
        coded = [codes is not None for codes in coding.cache.get_many(keys)] if coding else whole
        return {key for key, *both in zip(keys, whole, coded, strict=True) if not all(both)}

    def _compute(self, texts: Mapping[bytes, str], coding: Coding | None, progress: Progress) -> None:
        """Put the vectors of `texts`, and their codes, into the cache, by their keys."""
        keys, computed = list(texts), dict[bytes, Codes]()
        if not keys:
            return
        if coding:
            vectors = coding.encoder.encode_with_codes(
                list(texts.values()), lambda place, codes: computed.update({keys[place]: codes}), progress
            )
        else:
            vectors = self._encoder.encode_passages(list(texts.values()), progress=progress)
        lacking = np.flatnonzero(~self._cache.get_many(keys)[1])
        self._cache.put_many([keys[place] for place in lacking], vectors[lacking])
        if coding:
            coding.cache.put_many(computed.items())

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
