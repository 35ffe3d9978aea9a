"""What articles leave in an index, and whether anything of it is left after they were taken out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from corpus.article import Article
from indexer import cache_pruning
from indexer.embedded import embedded_text, embedded_title
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.kept import Kept
from indexer.words import indexed_terms

# Vectors of one text differ by less, whatever they were encoded beside.
_EQUAL = 1 - 1e-5


@dataclass(frozen=True, slots=True)
class Finding:
    """Where was looked for what was taken out, what for, and how often it was found."""

    where: str
    what: str
    found: int


@dataclass(slots=True)
class Traces:
    """What articles left: themselves, by id; ids and texts of passages; keys of the cache; generations."""

    articles: dict[str, Article] = field(default_factory=dict)
    passage_ids: set[str] = field(default_factory=set)
    texts: list[tuple[Article, str]] = field(default_factory=list)
    keys: set[bytes] = field(default_factory=set)
    holding: list[Path] = field(default_factory=list)

    def take(self, kept: Kept, rows: Sequence[int]) -> None:
        """Add what a generation holds of the articles at `rows`."""
        if rows:
            self.holding.append(kept.directory)
        for row, article in kept.facts.articles(rows).items():
            self.articles[article.id] = article
            for passage in kept.facts.passages_of(row):
                self.passage_ids.add(passage.id)
                self.keys.add(passage.key)
                self.texts.append((article, article.text[passage.start : passage.end]))
            for revision in kept.facts.revisions(row):
                self.keys.update(revision.keys)


def look(traces: Traces, index_dir: Path, before: Generation, now: Generation, encoder: Encoder) -> list[Finding]:
    """Look for articles that were in `before` in all parts of `now`, and in the cache."""
    name = now.directory.name
    articles = sum(now.facts.article_row(article_id) is not None for article_id in traces.articles)
    passages = len(traces.passage_ids & now.facts.passage_ids())
    vectors, terms = _equal_vectors(traces, now, encoder), _lonely_terms(traces, before, now)
    return [
        Finding(f"facts of {name}", f"its articles among {now.manifest.articles:,}", articles),
        Finding(f"facts of {name}", f"its passages among {now.manifest.passages:,}", passages),
        Finding(f"vectors of {name}", f"its vectors among {now.vectors.count:,}", vectors),
        Finding(f"words of {name}", "terms that stood in it alone", terms),
        *(
            Finding(f"cache {file}", f"its {len(traces.keys)} texts", found)
            for file, found in cache_pruning.count(index_dir, traces.keys, (before.manifest, now.manifest)).items()
        ),
    ]


def _equal_vectors(traces: Traces, now: Generation, encoder: Encoder) -> int:
    """Return how many vectors are those of the texts, but stand for other words."""
    if not traces.texts or not now.vectors.count:
        return 0
    with_title = now.manifest.with_title
    texts = [
        embedded_text(embedded_title(encoder, article.title) if with_title else "", text)
        for article, text in traces.texts
    ]
    known = set(now.neutral.passage_languages)
    # Where nothing in the language is left, nothing can be equal.
    own = [place for place, (article, _) in enumerate(traces.texts) if article.lang in known]
    if not own:
        return 0
    raw = encoder.encode_passages([texts[place] for place in own])
    vectors = now.neutral.passages(raw, [traces.texts[place][0].lang for place in own])
    said = {_words(text) for _, text in traces.texts}
    nearest = now.vectors.search(vectors, 1, exactly=True)
    found = {int(row) for scores, rows in nearest for row in rows[scores >= np.float32(_EQUAL)]}
    return sum(_words(text) not in said for text in now.facts.texts(sorted(found)))


def _lonely_terms(traces: Traces, before: Generation, now: Generation) -> int:
    """Return how many terms that no other article had are still found."""
    own = [row for name in traces.articles if (row := before.facts.article_row(name)) is not None]
    rows = {int(passage) for row in own for passage in before.places.rows_of(row)}
    terms = {term for article, text in traces.texts for term in indexed_terms(embedded_text(article.title, text))}
    lonely = [term for term in terms if rows.issuperset(before.words.holding(term).tolist())]
    return sum(len(now.words.holding(term)) > 0 for term in lonely)


def _words(text: str) -> str:
    return " ".join(text.split()).casefold()
