"""Writes the articles and passages of a new generation in the order of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from corpus.article import Article
from corpus.passages import Passage, Span
from indexer.cutting import Cut, cut_article
from indexer.draft import Draft, Planned
from indexer.embedded import rules_for
from indexer.encoder import Encoder
from indexer.facts import FactsWriter, StoredPassage
from indexer.generation import Generation
from indexer.left_out import LeftOut, SourceBoilerplate, leaves_out
from indexer.workers import Workers


@dataclass(frozen=True, slots=True)
class Staged:
    """How much was written, what boilerplate each source had; of each passage, by row, the language and its row before.

    `previous_rows` int64 (passages,): the row in the index before, -1 for what is new.
    """

    articles: int
    split_sentences: int
    languages: list[str]
    boilerplate: dict[str, SourceBoilerplate]
    previous_rows: NDArray[np.int64]


def stage_facts(
    file: Path,
    draft: Draft,
    reusable: Generation | None,
    encoder: Encoder,
    *,
    with_title: bool,
    budget: int,
    keep_boilerplate: bool,
    replaced: str,
    quiet: bool,
    workers: Workers | None = None,
) -> Staged:
    """Write `file` in the order of article ids: the same articles always give the same rows.

    Passages of unchanged articles are taken from `reusable`; the others are cut anew, and so are those of which
    something else is boilerplate now: by `workers` where there are any. What a changed article was until `replaced` (a
    UTC second) is remembered.
    """
    rules = rules_for(encoder, budget, with_title=with_title)
    left_out = LeftOut(None)
    if not keep_boilerplate:
        left_out = LeftOut.among((planned.article for planned in draft.merged()), quiet=quiet)
    elsewhere: Iterator[Cut] | None = None
    if workers:
        elsewhere = workers.cut(_to_cut(draft, reusable, left_out), budget=budget, with_title=with_title)
    writer = FactsWriter(file)
    articles, split_total = 0, 0
    languages: list[str] = []
    previous_rows: list[NDArray[np.int64]] = []
    try:
        for planned in tqdm(draft.merged(), desc="cutting", unit=" articles", disable=True if quiet else None):
            article = planned.article
            boilerplate = left_out.of(article)
            kept = _kept(planned, reusable, boilerplate)
            passages: Sequence[Passage | StoredPassage]
            if kept:
                rows, passages = kept
                splits, keys = planned.split_sentences, [passage.key for passage in kept[1]]
            else:
                cut = (
                    next(elsewhere)
                    if elsewhere
                    else cut_article(article, encoder, rules, boilerplate, with_title=with_title)
                )
                passages, splits, keys = cut.passages, cut.split_sentences, cut.keys
                rows = np.full(len(passages), -1, np.int64)
            writer.add(article, passages, keys, splits)
            languages += [article.lang] * len(passages)
            previous_rows.append(rows)
            split_total += splits
            articles += 1
        writer.remember(draft.origins(), draft.previous, replaced)
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    rows = np.concatenate([np.empty(0, np.int64), *previous_rows])
    return Staged(articles, split_total, languages, left_out.by_source(), rows)


def _kept(
    planned: Planned, reusable: Generation | None, boilerplate: Sequence[Span]
) -> tuple[NDArray[np.int64], list[StoredPassage]] | None:
    """Return the rows and the passages that an article had, None where it is to be cut."""
    if not reusable or planned.kept is None:
        return None
    rows = reusable.places.rows_of(planned.kept)
    passages = reusable.facts.passages(rows.tolist())
    return (rows, passages) if leaves_out(planned.article, passages, boilerplate) else None


def _to_cut(draft: Draft, reusable: Generation | None, left_out: LeftOut) -> Iterator[tuple[Article, list[Span]]]:
    for planned in draft.merged():
        boilerplate = left_out.within(planned.article)
        if not _kept(planned, reusable, boilerplate):
            yield planned.article, boilerplate
