"""Takes articles out of an index for good, and looks whether anything of them is left.

The order is such that a run which was killed is finished by the next one: first the list that keeps them out, then the
cache, then a generation without them; older generations, from which all can still be told, go last.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Article
from corpus.urls import canonical_url
from indexer import cache_pruning, lineage, publishing
from indexer.draft import Draft
from indexer.encoder import Encoder
from indexer.errors import ArticleUnknown, IndexDamaged
from indexer.facts import Facts
from indexer.generation import Generation, current_name
from indexer.kept import kept_generations
from indexer.lock import building
from indexer.recipe import Recipe
from indexer.removals import Removals
from indexer.run import Run
from indexer.space import AGAIN, writing
from indexer.traces import Finding, Traces, look
from indexer.workers import FOLDER as SHARDS


@dataclass(frozen=True, slots=True)
class RemovalReport:
    """What was taken out, what was looked at afterwards, and which older generations still hold it.

    `unreadable` are older generations that may hold it. `blocked`: whether the next builds leave it out.
    """

    build: str
    articles: tuple[Article, ...]
    findings: tuple[Finding, ...]
    holding: tuple[str, ...]
    unreadable: tuple[str, ...]
    purged: tuple[str, ...]
    blocked: bool

    @property
    def clean(self) -> bool:
        """Whether nothing was found where nothing may be."""
        return not any(finding.found for finding in self.findings)


def remove(
    wanted: Sequence[str],
    index_dir: Path,
    *,
    encoder: Encoder,
    purge: bool = False,
    allow_again: bool = False,
    quiet: bool = False,
) -> RemovalReport:
    """Take out the articles with these ids, or of these pages, and look for what is left of them.

    They are kept out of later builds, unless `allow_again`. `purge` also deletes older generations that hold them or
    that cannot be read. What they share with other articles stays for those. Raises ArticleUnknown, and then nothing
    has changed, or what `build` does.
    """
    current_name(index_dir)
    with building(index_dir):
        publishing.clear(index_dir)
        removals = Removals(index_dir)
        with closing(Generation.open(index_dir)) as served, kept_generations(index_dir) as (kept, unreadable):
            traces = Traces()
            for own in kept:
                try:
                    traces.take(own, [row for name in wanted for row in _rows(own.facts, name)])
                except IndexDamaged:
                    if own.directory == served.directory:
                        raise
                    unreadable.append(own.directory)
            names = [(a.id, a.url) for a in traces.articles.values()]
            _check_known(wanted, names, removals)
            traces.keys -= served.facts.keys_but_of(traces.articles)
            with writing(index_dir, AGAIN):
                if allow_again:
                    removals.forget([*wanted, *traces.articles])
                else:
                    removals.add(names)
                # What an unfinished build left may hold it in any form; it can be made again.
                if (index_dir / SHARDS).exists():
                    shutil.rmtree(index_dir / SHARDS)
                cache_pruning.forget(index_dir, traces.keys, (own.manifest for own in kept))
            _publish_without(traces.articles, index_dir, served, removals, encoder, quiet=quiet)
            with closing(Generation.open(index_dir)) as now:
                findings = look(traces, index_dir, served, now, encoder)
            holding = [path for path in traces.holding if path != now.directory and path not in unreadable]
        purged = [*holding, *unreadable] if purge else []
        with writing(index_dir, AGAIN):
            for directory in purged:
                publishing.discard(index_dir, directory.name)
            lineage.sweep(index_dir, lineage.how_many(index_dir))
        return RemovalReport(
            build=now.manifest.build,
            articles=tuple(traces.articles.values()),
            findings=tuple(findings),
            holding=tuple(p.name for p in holding if p.exists()),
            unreadable=tuple(p.name for p in unreadable if p.exists()),
            purged=tuple(p.name for p in purged),
            blocked=not allow_again,
        )


def _rows(facts: Facts, name: str) -> list[int]:
    """Return the rows of the article with this id, or of this page, and of all others of its page."""
    row = facts.article_row(name)
    page = canonical_url((facts.article(row).url if row is not None else name) or "")
    ids = [own for own, url in facts.addresses() if url and canonical_url(url) == page]
    return sorted({found for found in (row, *map(facts.article_row, ids)) if found is not None})


def _check_known(wanted: Sequence[str], names: Sequence[tuple[str, str | None]], removals: Removals) -> None:
    known = {own for own, _ in names} | {canonical_url(url) for _, url in names if url}
    for name in wanted:
        if name not in known and canonical_url(name) not in known and not removals.holds(name, name):
            raise ArticleUnknown(
                f"no article has the id or the url {name[:200]!r}",
                "Nothing was changed; take the article_id or the url of a hit",
            )


def _publish_without(
    articles: dict[str, Article],
    index_dir: Path,
    served: Generation,
    removals: Removals,
    encoder: Encoder,
    *,
    quiet: bool,
) -> None:
    with Draft(served.facts, removals) as draft:
        draft.drop(articles)
        if draft.settle().any:
            recipe = Recipe.again(encoder, served.manifest)
            Run(index_dir, encoder, served, recipe, None, quiet=quiet).publish(draft)
