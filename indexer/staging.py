"""Writes the articles and passages of a new generation and says which vectors it needs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from corpus.article import Article
from corpus.passages import Passage, PassageRules, cut
from indexer.draft import Draft
from indexer.embedded import rules_for
from indexer.encoder import Encoder
from indexer.facts import FactsWriter, StoredPassage
from indexer.generation import Generation


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows are of the new generation, except `previous_rows`, which are where `kept_rows` were before."""

    articles: int
    passages: int
    split_sentences: int
    kept_rows: NDArray[np.int64]
    previous_rows: NDArray[np.int64]
    new_rows: NDArray[np.int64]


def stage_facts(
    file: Path,
    draft: Draft,
    reusable: Generation | None,
    encoder: Encoder,
    *,
    with_title: bool,
    budget: int,
    quiet: bool,
) -> Staged:
    """Write `file` in the order of article ids: the same articles always give the same rows.

    Passages of unchanged articles are taken from `reusable`; the others are cut anew.
    """
    rules = rules_for(encoder, budget, with_title=with_title)
    writer = FactsWriter(file)
    articles, split_total = 0, 0
    kept: list[int] = []
    before: list[int] = []
    new: list[int] = []
    try:
        for article, previous_row, known_splits in tqdm(
            draft.merged(), desc="cutting", unit=" articles", disable=True if quiet else None
        ):
            first = writer.passages
            if reusable and previous_row is not None:
                rows = reusable.facts.passage_rows(previous_row)
                writer.add(article, reusable.facts.passages(rows.tolist()), known_splits)
                kept += range(first, writer.passages)
                before += rows.tolist()
                split_total += known_splits
            else:
                split_total += _add_cut(writer, article, encoder, rules)
                new += range(first, writer.passages)
            articles += 1
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return Staged(articles, writer.passages, split_total, _rows(kept), _rows(before), _rows(new))


def _add_cut(writer: FactsWriter, article: Article, encoder: Encoder, rules: PassageRules) -> int:
    passages: list[Passage] | list[StoredPassage]
    passages, too_long = cut(article, encoder.count_tokens, rules)
    writer.add(article, passages, too_long)
    return too_long


def _rows(rows: Iterable[int]) -> NDArray[np.int64]:
    return np.array(list(rows), np.int64)
