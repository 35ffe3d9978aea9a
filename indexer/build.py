"""Sources in, a published generation out: read, cut, embed what is new, stage, check, publish."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from corpus.fetching import Fetcher
from corpus.readers import ReadOptions, ReadReport
from corpus.readers.given import directly
from indexer import lineage, publishing
from indexer.cache import FOLDER as CACHE
from indexer.changes import Changes
from indexer.draft import Draft, OnError
from indexer.encoder import Encoder
from indexer.errors import IndexMissing
from indexer.gathering import Gathering, gathered
from indexer.generation import Generation
from indexer.left_out import SourceBoilerplate
from indexer.lock import building
from indexer.manifest import Manifest, Verified
from indexer.recipe import Recipe
from indexer.removals import Removals
from indexer.run import Run
from indexer.space import check_room, writing
from indexer.stores import store_of
from indexer.verification import Canaries
from indexer.workers import Workers

PASSAGE_BUDGET = 120


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `reused` + `embedded` = `passages`; `removed` counts passages that are gone.

    `boilerplate` says by source what is in no passage; `changes` counts articles. `vectors_bytes`: the memory that
    vectors take while they are searched; `memory`: what they may take, 0 for no limit.
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
    vectors_bytes: int
    memory: int
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
    memory: int | None = None,
    prune: bool = False,
    reading: ReadOptions | None = None,
    fetcher: Fetcher | None = None,
    follow: bool = False,
    canaries: Canaries | None = None,
    keep: int | None = None,
    wait: float = 0.0,
    workers: Workers | None = None,
) -> BuildReport:
    """Bring the index in `index_dir` up to date with `sources`, and return what was done.

    Articles already there that the sources do not hold stay. `prune` removes what was read from them before and is in
    no other source; `fresh` starts from nothing instead (which is also how a damaged index is mended). `plain` leaves
    the languages in the vectors, for comparison. `keep_codes` False leaves out the codes of tokens: the index is less
    than half as large, and the sentences that answer are found by encoding when a question is asked.
    `keep_boilerplate` embeds also the paragraphs that recur over many articles of one source. While they are searched,
    vectors take at most `memory` bytes, 0 for no limit (indexer/ladder.py); None means as before.

    `reading` says how sources are read (names of columns, ...). Sources that are addresses of feeds or pages are read
    by `fetcher` before the index is locked, with `follow` the pages too that entries of feeds link to; a Gathering
    holds sources whose addresses were read already.

    Where nothing changes, nothing is published. The served generation changes only at the very end, once the new one
    was verified and every one of `canaries` was answered as it must be: any error leaves it as it was. `keep`
    generations (1 or more) are kept, from now on; None keeps as many as before. Where another process builds in the
    folder, `wait` so many seconds for it. `workers` read, cut and encode in place of this process. Raises SourceError,
    EncoderError, an IndexProblem, or what `workers` do; VerificationFailed says what is wrong with the new one.
    """
    started = time.perf_counter()
    with (
        gathered(sources, index_dir, fetcher, follow=follow, fresh=fresh, quiet=quiet) as gathering,
        building(index_dir, wait=wait, quiet=quiet),
    ):
        with writing(index_dir):
            publishing.clear(index_dir)
            if workers:
                workers.begin(index_dir)
        kept = lineage.how_many(index_dir) if keep is None else lineage.check_keep(keep)
        previous = None if fresh else previous_generation(index_dir)
        basis = previous.manifest.build if previous else None
        memory = _memory(previous) if memory is None else memory
        store_of(index_dir).prepare(memory)
        recipe = Recipe.of(
            encoder,
            with_title=with_title,
            budget=budget,
            plain=plain,
            keep_codes=keep_codes,
            keep_boilerplate=keep_boilerplate,
            memory=memory,
        )

        def finish(served: str) -> None:
            gathering.remember(served, basis)
            lineage.settle(index_dir, kept, remember=keep is not None)
            if workers:
                workers.end()

        with (
            closing(previous) if previous else nullcontext(),
            Draft(previous.facts if previous else None, Removals(index_dir)) as draft,
        ):
            reading = reading or ReadOptions()
            through = workers.reading(gathering.sources, reading) if workers else directly
            read = draft.take(
                gathering.sources, on_error=on_error, quiet=quiet, prune=prune, reading=reading, through=through
            )
            changes = draft.settle()
            if previous and not changes.any and recipe == Recipe.behind(previous.manifest):
                finish(previous.manifest.build)
                return _report(previous.manifest, read, changes, started, published=False)
            before = previous.manifest if previous else None
            check_room(index_dir, index_dir / CACHE, draft, before, recipe, encoder.spec.dimension)
            run = Run(index_dir, encoder, previous, recipe, canaries, quiet=quiet, workers=workers)
            manifest = run.publish(draft)
        finish(manifest.build)
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


def previous_generation(index_dir: Path) -> Generation | None:
    """Return the generation that is served, None where there is none yet. Raises IndexDamaged or SchemaMismatch."""
    try:
        return Generation.open(index_dir)
    except IndexMissing:
        return None


def _memory(previous: Generation | None) -> int:
    return previous.manifest.memory if previous else 0


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
        vectors_bytes=manifest.vectors_bytes,
        memory=manifest.memory,
        read=read,
        changes=changes,
        verified=manifest.verified,
    )
