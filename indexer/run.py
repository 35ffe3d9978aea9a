"""One build that has something to do: a draft in, a published generation out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer import facts, generation, groups, naming, neutral, publishing, words
from indexer.cache import FOLDER as CACHE
from indexer.cache import EmbeddingCache
from indexer.calibrating import calibrate
from indexer.code_cache import CodeCache
from indexer.codes import TokenCodes, TokenCodesWriter
from indexer.draft import Draft
from indexer.embedding import Coding, Embedding
from indexer.encoder import Encoder, QueryTokens, TokenEncoder
from indexer.encoders.parallel import parallel_tokens
from indexer.facts import Facts
from indexer.generation import Generation
from indexer.manifest import SCHEMA, Manifest, Verified
from indexer.naming import next_name
from indexer.neutral import NeutralTransform
from indexer.recipe import Recipe
from indexer.scratch import scratch
from indexer.space import writing
from indexer.staging import Staged, stage_facts
from indexer.store import Content
from indexer.stores import store_of
from indexer.translations import Yardstick
from indexer.verification import Canaries, check_staged, sample
from indexer.words import WordIndex
from indexer.workers import Workers


class Run:
    """One build that has something to do."""

    def __init__(
        self,
        index_dir: Path,
        encoder: Encoder,
        previous: Generation | None,
        recipe: Recipe,
        canaries: Canaries | None,
        *,
        quiet: bool,
        workers: Workers | None = None,
    ) -> None:
        self._index_dir = index_dir
        self._encoder = encoder
        self._previous = previous
        self._recipe = recipe
        self._canaries = canaries
        self._quiet = quiet
        self._workers = workers
        self.embedded = 0
        self.removed = 0

    def publish(self, draft: Draft) -> Manifest:
        """Stage everything, verify it, then let it be served. Raises VerificationFailed or IndexUnwritable."""
        staged_manifest: list[Manifest] = []
        created = datetime.now(UTC)
        name = next_name(self._index_dir / naming.FOLDER, created)
        with writing(self._index_dir):
            embedding = self._embedding()
            publishing.publish(
                self._index_dir,
                name,
                lambda folder: staged_manifest.append(self._fill(folder, name, created, draft, embedding)),
                lambda folder: check_staged(folder, embedding, self._encoder, self._canaries),
            )
        return staged_manifest[0]

    def _fill(self, folder: Path, name: str, created: datetime, draft: Draft, embedding: Embedding) -> Manifest:
        reusable = self._previous
        if reusable and Recipe.behind(reusable.manifest).cutting != self._recipe.cutting:
            reusable = None
        staged = stage_facts(
            folder / facts.NAME,
            draft,
            reusable,
            self._encoder,
            with_title=self._recipe.with_title,
            budget=self._recipe.budget,
            keep_boilerplate=not self._recipe.boilerplate_version,
            replaced=f"{created:%Y-%m-%dT%H:%M:%SZ}",
            quiet=self._quiet,
            workers=self._workers,
        )
        passages, dimension = len(staged.languages), self._encoder.spec.dimension
        with closing(Facts(folder / facts.NAME)) as written, scratch(folder, passages, dimension) as vectors:
            with self._coding(folder) as coding:
                if self._workers:
                    self.embedded = self._elsewhere(self._workers, embedding, written, passages, coding)
                self.embedded += embedding.passages(written, vectors, coding)
            transform = self._transform(embedding, vectors, staged.languages)
            transform.save(folder)
            transform.apply(vectors, staged.languages)
            questions = embedding.questions("query")
            content = Content(
                vectors,
                staged.languages,
                transform.questions(questions),
                self._recipe.memory,
                written,
                self._encoder.spec,
            )
            kept = store_of(self._index_dir).write(folder, name, content)
            grouped = groups.find(written, vectors, self._yardstick(embedding), quiet=self._quiet)
            grouped.save(folder)
            lexical = self._words(embedding, staged, written)
            lexical.save(folder)
            if self._previous:
                self.removed = len(self._previous.facts.passage_ids() - written.passage_ids())
            several, copied, translated = grouped.counts()
            manifest = Manifest(
                schema=SCHEMA,
                build=name,
                previous=generation.served_name(self._index_dir) or "",
                created=f"{created:%Y-%m-%dT%H:%M:%SZ}",
                encoder=self._encoder.spec,
                with_title=self._recipe.with_title,
                passage_budget=self._recipe.budget,
                articles=staged.articles,
                passages=passages,
                languages=written.tally("lang"),
                sources=written.tally("source"),
                split_sentences=staged.split_sentences,
                vector_kind=kept.kind,
                vectors_kept=kept.kept,
                vector_breadth=kept.breadth,
                memory=self._recipe.memory,
                neutral_version=self._recipe.neutral_version,
                words_version=self._recipe.words_version,
                codes_version=self._recipe.codes_version,
                calibration_version=self._recipe.calibration_version,
                boilerplate_version=self._recipe.boilerplate_version,
                boilerplate=staged.boilerplate,
                calibration=calibrate(vectors, questions, transform, lexical, *self._tokens(folder, passages)),
                groups_version=self._recipe.groups_version,
                groups=several,
                copies=copied,
                translations=translated,
                verified=Verified(len(sample(passages)), len(self._canaries or ())),
                files=publishing.file_sums(folder),
            )
        manifest.write(folder)
        return manifest

    def _elsewhere(
        self, workers: Workers, embedding: Embedding, written: Facts, passages: int, coding: Coding | None
    ) -> int:
        """Let others embed what is not in the cache; return how much of it they had to compute."""
        texts = embedding.lacking(written, passages, coding)
        return workers.encode(texts, partial(embedding.keep, coding=coding), with_codes=coding is not None)

    def _tokens(self, folder: Path, passages: int) -> tuple[Sequence[QueryTokens], TokenCodes | None]:
        """Return the tokens of the parallel questions, and the codes of all passages; nothing where none are kept."""
        if not self._recipe.codes_version or not isinstance(self._encoder, TokenEncoder):
            return (), None
        codes = TokenCodes.open(folder, passages, self._encoder.spec.dimension)
        return parallel_tokens(self._encoder), codes

    def _embedding(self) -> Embedding:
        spec = self._encoder.spec
        cache = EmbeddingCache(self._index_dir / CACHE, spec.fingerprint, spec.dimension)
        return Embedding(self._encoder, cache, with_title=self._recipe.with_title, quiet=self._quiet)

    def _words(self, embedding: Embedding, staged: Staged, written: Facts) -> WordIndex:
        known = self._previous and self._previous.manifest.words_version == words.VERSION
        kept = staged.previous_rows if known else np.full(len(staged.languages), -1, np.int64)
        texts = embedding.texts(written, np.flatnonzero(kept < 0))
        return WordIndex.build(texts, self._previous.words if self._previous and known else None, kept)

    def _transform(self, embedding: Embedding, raw: NDArray[np.float32], languages: Sequence[str]) -> NeutralTransform:
        if not self._recipe.neutral_version:
            return NeutralTransform.none(languages, self._encoder.spec.dimension)
        # All that is encoded for it are the parallel questions.
        return neutral.fit(
            raw, languages, lambda _: embedding.questions("query"), lambda _: embedding.questions("passage")
        )

    def _yardstick(self, embedding: Embedding) -> Yardstick | None:
        """Measure what cosines are worth; nothing where the languages are left in the vectors."""
        if not self._recipe.neutral_version:
            return None
        stated = embedding.questions("passage")
        return Yardstick.of(stated, len(neutral.parallel_questions()))

    @contextmanager
    def _coding(self, folder: Path) -> Iterator[Coding | None]:
        if not self._recipe.codes_version:
            yield None
            return
        assert isinstance(self._encoder, TokenEncoder)  # noqa: S101  # or the recipe would have no codes
        spec = self._encoder.spec
        cache = CodeCache(self._index_dir / CACHE, spec.fingerprint, spec.dimension)
        with TokenCodesWriter(folder) as writer:
            yield Coding(self._encoder, cache, writer)
