"""Writes the articles and passages of a new generation in the order of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from corpus.passages import Passage, cut
from indexer.cache import key_of
from indexer.draft import Draft
from indexer.embedded import embedded_text, embedded_title, rules_for
from indexer.encoder import Encoder
from indexer.facts import FactsWriter, StoredPassage
from indexer.generation import Generation
from indexer.left_out import LeftOut, SourceBoilerplate, leaves_out


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
) -> Staged:
    """Write `file` in the order of article ids: the same articles always give the same rows.

    Passages of unchanged articles are taken from `reusable`; the others are cut anew, and so are those of which
    something else is boilerplate now. What a changed article was until `replaced` (a UTC second) is remembered.
    """
    rules = rules_for(encoder, budget, with_title=with_title)
    left_out = LeftOut(None)
    if not keep_boilerplate:
        left_out = LeftOut.among((planned.article for planned in draft.merged()), quiet=quiet)
    writer = FactsWriter(file)
    articles, split_total = 0, 0
    languages: list[str] = []
    previous_rows: list[NDArray[np.int64]] = []
    try:
        for planned in tqdm(draft.merged(), desc="cutting", unit=" articles", disable=True if quiet else None):
            article = planned.article
            boilerplate = left_out.of(article)
            passages: Sequence[Passage | StoredPassage] | None = None
            if reusable and planned.kept is not None:
                rows = reusable.places.rows_of(planned.kept)
                stored = reusable.facts.passages(rows.tolist())
                passages, splits, keys = stored, planned.split_sentences, [passage.key for passage in stored]
            if passages is None or not leaves_out(article, passages, boilerplate):
                passages, splits = cut(article, encoder.count_tokens, rules, boilerplate)
                rows = np.full(len(passages), -1, np.int64)
                title = embedded_title(encoder, article.title) if with_title else ""
                keys = [key_of(embedded_text(title, passage.text)) for passage in passages]
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
