"""Writes the articles and passages of a new generation in the order of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from corpus.passages import Passage, cut
from indexer.draft import Draft
from indexer.embedded import rules_for
from indexer.encoder import Encoder
from indexer.facts import FactsWriter, StoredPassage
from indexer.generation import Generation
from indexer.left_out import LeftOut, SourceBoilerplate, leaves_out


@dataclass(frozen=True, slots=True)
class Staged:
    """How much was written, the language of each passage by row, and what boilerplate each source had."""

    articles: int
    split_sentences: int
    languages: list[str]
    boilerplate: dict[str, SourceBoilerplate]


def stage_facts(
    file: Path,
    draft: Draft,
    reusable: Generation | None,
    encoder: Encoder,
    *,
    with_title: bool,
    budget: int,
    keep_boilerplate: bool,
    quiet: bool,
) -> Staged:
    """Write `file` in the order of article ids: the same articles always give the same rows.

    Passages of unchanged articles are taken from `reusable`; the others are cut anew, and so are those of which
    something else is boilerplate now.
    """
    rules = rules_for(encoder, budget, with_title=with_title)
    left_out = LeftOut(None)
    if not keep_boilerplate:
        left_out = LeftOut.among((article for article, _, _ in draft.merged()), quiet=quiet)
    writer = FactsWriter(file)
    articles, split_total = 0, 0
    languages: list[str] = []
    try:
        for article, previous_row, known_splits in tqdm(
            draft.merged(), desc="cutting", unit=" articles", disable=True if quiet else None
        ):
            boilerplate = left_out.of(article)
            passages: Sequence[Passage | StoredPassage] | None = None
            if reusable and previous_row is not None:
                rows = reusable.places.rows_of(previous_row)
                passages, splits = reusable.facts.passages(rows.tolist()), known_splits
            if passages is None or not leaves_out(article, passages, boilerplate):
                passages, splits = cut(article, encoder.count_tokens, rules, boilerplate)
            writer.add(article, passages, splits)
            languages += [article.lang] * len(passages)
            split_total += splits
            articles += 1
        writer.close()
    except BaseException:
        writer.abandon()
        raise
    return Staged(articles, split_total, languages, left_out.by_source())
