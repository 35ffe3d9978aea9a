"""The newest stories that match a standing question, each with the sentence that answers it best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from indexer.facts import Facts
from indexer.filter import Filter

MOST_STORIES = 50


@dataclass(frozen=True, slots=True)
class Story:
    """A story by its earliest article that matches and passes the filters.

    `sentence` is the one that answers best, the first one where nothing was asked. `updated` is a UTC second: when a
    build last found the article changed, else when it was published.
    """

    article: Article
    sentence: str
    updated: str


@dataclass(frozen=True, slots=True)
class News:
    """Stories, the newest first. `query` is the question as it was understood, None where none was asked."""

    query: str | None
    wanted: Filter
    build: str
    stories: tuple[Story, ...]


def moment(published: str) -> str:
    """Return a date of publication, a day or a UTC second, as a UTC second: a day is its beginning."""
    return published if "T" in published else f"{published}T00:00:00Z"


def stories_at(facts: Facts, rows: Sequence[int], sentences: Sequence[str] | None) -> tuple[Story, ...]:
    """Return the stories whose articles are at `rows`, all dated, with `sentences` or else their first ones."""
    articles = facts.articles(rows)
    if sentences is None:
        sentences = [_first_sentence(facts, row, articles[row]) for row in rows]
    return tuple(
        Story(articles[row], sentence, _updated(facts, row, articles[row]))
        for row, sentence in zip(rows, sentences, strict=True)
    )


def _first_sentence(facts: Facts, row: int, article: Article) -> str:
    spans = (span for passage in facts.passages_of(row) for span in passage.sentences)
    start, end = next(spans, (0, 0))
    return article.text[start:end]


def _updated(facts: Facts, row: int, article: Article) -> str:
    revisions = facts.revisions(row)
    return revisions[0].replaced if revisions else moment(article.published or "")
