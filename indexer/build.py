"""Sources in, a published generation out: read, cut, embed what is new, stage, check, publish."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.fetching import Fetcher
from corpus.readers import ReadOptions, ReadReport
from indexer import facts, generation, lineage, neutral, publishing, words
from indexer.cache import FOLDER as CACHE
from indexer.cache import EmbeddingCache
from indexer.calibration import calibrate
from indexer.changes import Changes
from indexer.code_cache import CodeCache
from indexer.codes import TokenCodesWriter
from indexer.draft import Draft, OnError
from indexer.embedding import Coding, Embedding
from indexer.encoder import Encoder, TokenEncoder
from indexer.errors import IndexDamaged, IndexMissing
from indexer.facts import Facts
from indexer.gathering import Gathering, gathered
from indexer.generation import Generation
from indexer.left_out import SourceBoilerplate
from indexer.lock import building
from indexer.manifest import SCHEMA, Manifest, Verified
from indexer.neutral import NeutralTransform
from indexer.recipe import Recipe
from indexer.removals import Removals
from indexer.space import check_room, written
from indexer.staging import Staged, stage_facts
from indexer.vectors import KIND, VectorIndex
from indexer.verification import Canaries, check_staged, sample
from indexer.words import WordIndex

PASSAGE_BUDGET = 120


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `reused` + `embedded` = `passages`; `removed` counts passages that are gone.

    `boilerplate` says by source what is in no passage; `changes` counts articles.
    """

    articles: int
    passages: int
    reused: int
    embedded: int
    removed: int
    languages: dict[str, int]
    split_sentences: int
    boilerplate: dict[str, SourceBoilerplate]
    seconds: float
    published: bool
    build: str
    read: ReadReport
    changes: Changes
    verified: Verified


def build(
    sources: Sequence[str | Path] | Gathering,
    index_dir: Path,
    *,
    encoder: Encoder,
    on_error: OnError = "stop",
    quiet: bool = False,
    with_title: bool = True,
    budget: int = PASSAGE_BUDGET,
    fresh: bool = False,
    plain: bool = False,
    keep_codes: bool = True,
    keep_boilerplate: bool = False,
    prune: bool = False,
    reading: ReadOptions | None = None,
    fetcher: Fetcher | None = None,
    follow: bool = False,
    canaries: Canaries | None = None,
    keep: int | None = None,
    wait: float = 0.0,
) -> BuildReport:
    """Bring the index in `index_dir` up to date with `sources`, and return what was done.

    Articles already there that the sources do not hold stay. `prune` removes what was read from them before and is in
    no other source; `fresh` starts from nothing instead (which is also how a damaged index is mended). `plain` leaves
    the languages in the vectors, for comparison. `keep_codes` False leaves out the codes of tokens: the index is less
    than half as large, and the sentences that answer are found by encoding when a question is asked.
    `keep_boilerplate` embeds also the paragraphs that recur over many articles of one source.

    `reading` says how sources are read (names of columns, ...). Sources that are addresses of feeds or pages are read
    by `fetcher` before the index is locked, with `follow` the pages too that entries of feeds link to; a Gathering
    holds sources whose addresses were read already.

    Where nothing changes, nothing is published. The served generation changes only at the very end, once the new one
    was verified and every one of `canaries` was answered as it must be: any error leaves it as it was. `keep`
    generations (1 or more) are kept, from now on; None keeps as many as before. Where another process builds in the
    folder, `wait` so many seconds for it. Raises SourceError, EncoderError, or an IndexProblem; VerificationFailed says
    what is wrong with the new one.
    """
    started = time.perf_counter()
    with (
        gathered(sources, index_dir, fetcher, follow=follow, fresh=fresh, quiet=quiet) as gathering,
        building(index_dir, wait=wait, quiet=quiet),
        written(index_dir),
    ):
        publishing.clear(index_dir)
        kept = lineage.how_many(index_dir) if keep is None else lineage.check_keep(keep)
        previous = None if fresh else previous_generation(index_dir)
        basis = previous.manifest.build if previous else None
        recipe = Recipe.of(
            encoder,
            with_title=with_title,
            budget=budget,
            plain=plain,
            keep_codes=keep_codes,
            keep_boilerplate=keep_boilerplate,
        )
        with (
            closing(previous) if previous else nullcontext(),
            Draft(previous.facts if previous else None, Removals(index_dir)) as draft,
        ):
            read = draft.take(gathering.sources, on_error=on_error, quiet=quiet, prune=prune, reading=reading)
            changes = draft.settle()
            if previous and not changes.any and recipe == Recipe.behind(previous.manifest):
                gathering.remember(previous.manifest.build, basis)
                lineage.settle(index_dir, kept, remember=keep is not None)
                return _report(previous.manifest, read, changes, started, published=False)
            before = previous.manifest if previous else None
            check_room(index_dir, index_dir / CACHE, draft, before, recipe, encoder.spec.dimension)
            run = Run(index_dir, encoder, previous, recipe, canaries, quiet=quiet)
            manifest = run.publish(draft)
        gathering.remember(manifest.build, basis)
        lineage.settle(index_dir, kept, remember=keep is not None)
        return _report(manifest, read, changes, started, embedded=run.embedded, removed=run.removed)


def preview(
    sources: Sequence[str | Path],
    index_dir: Path,
    *,
    on_error: OnError = "stop",
    quiet: bool = False,
    fresh: bool = False,
    prune: bool = False,
    reading: ReadOptions | None = None,
    fetcher: Fetcher | None = None,
    follow: bool = False,
) -> tuple[Changes, ReadReport]:
    """Return what `build` would do to the articles, and what was read; nothing is written. Raises as `build` does."""
    previous = None if fresh else previous_generation(index_dir)
    with (
        closing(previous) if previous else nullcontext(),
        gathered(sources, index_dir, fetcher, follow=follow, fresh=fresh, quiet=quiet) as gathering,
        Draft(previous.facts if previous else None, Removals(index_dir)) as draft,
    ):
        read = draft.take(gathering.sources, on_error=on_error, quiet=quiet, prune=prune, reading=reading)
        return draft.settle(), read


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
    ) -> None:
        self._index_dir = index_dir
        self._encoder = encoder
        self._previous = previous
        self._recipe = recipe
        self._canaries = canaries
        self._quiet = quiet
        self.embedded = 0
        self.removed = 0

    def publish(self, draft: Draft) -> Manifest:
        """Stage everything, verify it, then let it be served. Raises VerificationFailed or OSError."""
        staged_manifest: list[Manifest] = []
        created = datetime.now(UTC)
        # Names sort by time, also within a second: the oldest generations are swept first.
        name = f"{created:%Y%m%dT%H%M%SZ}-{created.microsecond // 16:04x}"
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
        )
        with closing(Facts(folder / facts.NAME)) as written:
            raw = self._raw(folder, embedding, staged, written)
            transform = self._transform(embedding, raw, staged.languages)
            transform.save(folder)
            vectors = transform.passages(raw, staged.languages)
            del raw
            VectorIndex.build(vectors).save(folder / generation.VECTORS)
            lexical = self._words(embedding, staged, written)
            lexical.save(folder)
            questions = embedding.known_or(self._encoder.encode_queries, neutral.every_question(), "query")
            if self._previous:
                self.removed = len(self._previous.facts.passage_ids() - written.passage_ids())
            manifest = Manifest(
                schema=SCHEMA,
                build=name,
                previous=_served(self._index_dir),
                created=f"{created:%Y-%m-%dT%H:%M:%SZ}",
                encoder=self._encoder.spec,
                with_title=self._recipe.with_title,
                passage_budget=self._recipe.budget,
                articles=staged.articles,
                passages=len(staged.languages),
                languages=written.tally("lang"),
                sources=written.tally("source"),
                split_sentences=staged.split_sentences,
                vector_kind=KIND,
                neutral_version=self._recipe.neutral_version,
                words_version=self._recipe.words_version,
                codes_version=self._recipe.codes_version,
                calibration_version=self._recipe.calibration_version,
                boilerplate_version=self._recipe.boilerplate_version,
                boilerplate=staged.boilerplate,
                calibration=calibrate(vectors, questions, transform, lexical),
                verified=Verified(len(sample(len(staged.languages))), len(self._canaries or ())),
                files=publishing.file_sums(folder),
            )
        manifest.write(folder)
        return manifest

    def _embedding(self) -> Embedding:
        spec = self._encoder.spec
        cache = EmbeddingCache(self._index_dir / CACHE, spec.fingerprint, spec.dimension)
        return Embedding(self._encoder, cache, with_title=self._recipe.with_title, quiet=self._quiet)

    def _raw(self, folder: Path, embedding: Embedding, staged: Staged, written: Facts) -> NDArray[np.float32]:
        with self._coding(folder) as coding:
            raw, self.embedded = embedding.passages(written, len(staged.languages), coding)
        return raw

    def _words(self, embedding: Embedding, staged: Staged, written: Facts) -> WordIndex:
        known = self._previous and self._previous.manifest.words_version == words.VERSION
        kept = staged.previous_rows if known else np.full(len(staged.languages), -1, np.int64)
        texts = embedding.texts(written, np.flatnonzero(kept < 0))
        return WordIndex.build(texts, self._previous.words if self._previous and known else None, kept)

    def _transform(self, embedding: Embedding, raw: NDArray[np.float32], languages: Sequence[str]) -> NeutralTransform:
        if not self._recipe.neutral_version:
            return NeutralTransform.none(languages, self._encoder.spec.dimension)
        return neutral.fit(
            raw,
            languages,
            lambda texts: embedding.known_or(self._encoder.encode_queries, texts, "query"),
            lambda texts: embedding.known_or(self._encoder.encode_passages, texts, "passage"),
        )

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


def previous_generation(index_dir: Path) -> Generation | None:
    """Return the generation that is served, None where there is none yet. Raises IndexDamaged or SchemaMismatch."""
    try:
        return Generation.open(index_dir)
    except IndexMissing:
        return None


def _served(index_dir: Path) -> str:
    """Return what is served while the next generation is made, "" where that is nothing or cannot be known."""
    try:
        return generation.current_name(index_dir)
    except (IndexMissing, IndexDamaged):
        return ""


def _report(
    manifest: Manifest,
    read: ReadReport,
    changes: Changes,
    started: float,
    *,
    embedded: int = 0,
    removed: int = 0,
    published: bool = True,
) -> BuildReport:
    return BuildReport(
        articles=manifest.articles,
        passages=manifest.passages,
        reused=manifest.passages - embedded,
        embedded=embedded,
        removed=removed,
        languages=manifest.languages,
        split_sentences=manifest.split_sentences,
        boilerplate=manifest.boilerplate,
        seconds=time.perf_counter() - started,
        published=published,
        build=manifest.build,
        read=read,
        changes=changes,
        verified=manifest.verified,
    )
