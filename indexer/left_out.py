"""What a build leaves out of passages as boilerplate, and what it says about it by source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from corpus.article import Article
from corpus.boilerplate import Boilerplate, Census, key_of
from corpus.paragraphs import Paragraph
from corpus.passages import Passage, Span, uncovered
from indexer.facts import StoredPassage

LISTED = 20
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Recurring:
    """A paragraph that recurs: how it begins in one of its articles, and how many of them it was left out of."""

    begins: str
    lang: str
    articles: int


@dataclass(frozen=True, slots=True)
class SourceBoilerplate:
    """What was left out of one source: how many paragraphs unlike each other, the articles that held any, code points.

    `most` lists those that were left out of most articles, twenty at most.
    """

    paragraphs: int
    articles: int
    characters: int
    most: tuple[Recurring, ...]


@dataclass(slots=True)
class _Source:
    articles: int = 0
    characters: int = 0
    counts: dict[int, int] = field(default_factory=dict)
    samples: dict[int, tuple[str, str]] = field(default_factory=dict)


class LeftOut:
    """Finds the boilerplate of articles and adds up what of it there was."""

    def __init__(self, boilerplate: Boilerplate | None) -> None:
        """Take what recurs; with None nothing is left out."""
        self._boilerplate = boilerplate
        self._sources: dict[str, _Source] = {}

    @classmethod
    def among(cls, articles: Iterable[Article], *, quiet: bool) -> LeftOut:
        """Count the paragraphs of all articles."""
        census = Census()
        for article in tqdm(articles, desc="comparing", unit=" articles", disable=True if quiet else None):
            census.add(article)
        return cls(census.boilerplate())

    def of(self, article: Article) -> list[Span]:
        """Return the spans of an article to leave out, in order, and count them. For each article once."""
        found = self._boilerplate.within(article) if self._boilerplate else []
        if found:
            self._count(article, found)
        return [(paragraph.start, paragraph.end) for paragraph in found]

    def within(self, article: Article) -> list[Span]:
        """Return the spans of an article to leave out, in order, without counting them."""
        return [(p.start, p.end) for p in self._boilerplate.within(article)] if self._boilerplate else []

    def by_source(self) -> dict[str, SourceBoilerplate]:
        """Return what was left out, the sources in the order of their names."""
        return {name: _summary(source) for name, source in sorted(self._sources.items())}

    def _count(self, article: Article, found: Sequence[Paragraph]) -> None:
        source = self._sources.setdefault(article.source, _Source())
        source.articles += 1
        source.characters += sum(paragraph.end - paragraph.start for paragraph in found)
        held = {key_of((article.source, article.lang), paragraph): paragraph for paragraph in found}
        for key, paragraph in held.items():
            source.counts[key] = source.counts.get(key, 0) + 1
            begins = paragraph.same if paragraph.announces else article.text[paragraph.start : paragraph.end]
            source.samples.setdefault(key, (begins[:SHOWN], article.lang))


def leaves_out(article: Article, passages: Sequence[Passage | StoredPassage], left_out: Sequence[Span]) -> bool:
    """Say whether what `passages` do not cover of their article is what is to be left out of it."""
    absent = uncovered(article.text, [(passage.start, passage.end) for passage in passages])
    return absent == uncovered(article.text, uncovered(article.text, left_out))


def _summary(source: _Source) -> SourceBoilerplate:
    ranked = sorted(source.counts.items(), key=lambda pair: (-pair[1], pair[0]))
    most = tuple(Recurring(*source.samples[key], articles=count) for key, count in ranked[:LISTED])
    return SourceBoilerplate(len(source.counts), source.articles, source.characters, most)
