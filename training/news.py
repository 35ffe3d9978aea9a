"""The articles that are learnt from: stories told in several languages, and ordinary text in all of them.

They come from the shared technews, of which no text is kept in what is learnt. The stories of the benchmark
debian_headlines, and those that the pairs of `veille evaluate --roles` come from, are left out altogether.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus import readers, sentences
from corpus.article import Article
from corpus.passages import PassageRules, TokenCounter, cut
from search_api.evaluation.benchmark import read_benchmark
from search_api.evaluation.roles import read_pairs

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))
NEWS = Path("data/technews")
BENCHMARK = Path("data/crosslingual/debian_headlines")
PAIRS = Path(__file__).parents[1] / "tests/quality/roles.jsonl"
# Every so many-th story is kept, to see how far what is learnt holds for others.
KEPT_EVERY = 17
# How often a passage of a story has its headline before it, as indexed passages have, and how often a story is asked
# for with a sentence of its own rather than with its headline.
WITH_TITLE = 0.5
BY_SENTENCE = 0.4
# In code points: what is shorter says too little.
SHORTEST = 80
SHORTEST_SENTENCE = 30
PASSAGES = 2
_RULES = PassageRules(budget=70, limit=90)


@dataclass(frozen=True, slots=True)
class Telling:
    """A story in one language: its headline and its first passages."""

    language: str
    title: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """A story in two languages or more. Those of one `issue` stood in one newsletter: the hardest to tell apart."""

    name: str
    issue: str
    tellings: tuple[Telling, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A story asked for, and a passage of it in each of two other languages where there are so many."""

    question: str
    language: str
    passages: tuple[tuple[str, str], ...]
    """Languages and texts."""


@dataclass(frozen=True, slots=True)
class News:
    """Stories to train on by issue, stories kept, and ordinary texts by language."""

    issues: Sequence[Sequence[Story]]
    kept: Sequence[Story]
    texts: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, count_tokens: TokenCounter, shared: Path = SHARED) -> News:
        """Read technews. Raises SourceError or BenchmarkError where it is not there."""
        articles = [article for file in sorted((shared / NEWS).glob("*.jsonl")) for article in readers.read(file)]
        asked_for = {document["id"] for document in read_benchmark(shared / BENCHMARK).documents}
        asked_for |= {pair["source"] for pair in read_pairs(PAIRS) if pair["real"]}
        tested = {_story_of(article) for article in articles if article.id in asked_for} - {""}
        texts, told = defaultdict(list), defaultdict(list)
        for article in articles:
            name = _story_of(article)
            if name in tested or article.id in asked_for:
                continue
            passages = [passage.text for passage in cut(article, count_tokens, _RULES)[0]]
            texts[article.lang] += [text for text in passages if len(text) >= SHORTEST]
            if name and passages:
                telling = Telling(article.lang, article.title, tuple(passages[:PASSAGES]))
                told[name, (article.url or "").rsplit("/", 1)[0]].append(telling)
        stories = [Story(*key, tuple(tellings)) for key, tellings in sorted(told.items()) if len(tellings) > 1]
        issues = defaultdict(list)
        for number, story in enumerate(stories):
            if number % KEPT_EVERY:
                issues[story.issue].append(story)
        return cls([issues[issue] for issue in sorted(issues)], stories[::KEPT_EVERY], dict(sorted(texts.items())))

    def batch(self, draw: random.Random, size: int) -> list[Asked]:
        """Return so many stories asked for, issue by issue."""
        stories: list[Story] = []
        while len(stories) < size:
            issue = draw.choice(self.issues)
            stories += draw.sample(issue, min(len(issue), 8))
        return [asked(draw, story) for story in stories[:size]]

    def sentence(self, draw: random.Random, language: str) -> str:
        """Return a sentence of an ordinary text."""
        return draw.choice(sentences_of(draw.choice(self.texts[language]), language))

    def sample(self, draw: random.Random, size: int, neighbours: int) -> list[tuple[str, str]]:
        """Return so many ordinary texts behind their languages, in runs of neighbours; every language as often."""
        found: list[tuple[str, str]] = []
        while len(found) < size:
            language = draw.choice(sorted(self.texts))
            start = draw.randrange(max(len(self.texts[language]) - neighbours, 0) + 1)
            found += [(language, text) for text in self.texts[language][start : start + neighbours]]
        return found[:size]


def asked(draw: random.Random, story: Story) -> Asked:
    """Ask for a story with its headline, or with a sentence, in one of its languages."""
    asking, *others = draw.sample(story.tellings, min(len(story.tellings), 3))
    # Now and then in its own language too: what is there already must stay.
    chosen = [draw.choice((asking, *others)), *others][:2]
    question = asking.title
    if not question or draw.random() < BY_SENTENCE:
        question = _sentence(draw, asking) or question or asking.passages[0]
    return Asked(question, asking.language, tuple((telling.language, _passage(draw, telling)) for telling in chosen))


def sentences_of(text: str, language: str) -> list[str]:
    """Return the sentences of a text."""
    return [text[start:end] for start, end in sentences.split(text, language)]


def _passage(draw: random.Random, telling: Telling) -> str:
    text = draw.choice(telling.passages)
    return f"{telling.title}\n{text}" if telling.title and draw.random() < WITH_TITLE else text


def _sentence(draw: random.Random, telling: Telling) -> str:
    found = sentences_of(telling.passages[0], telling.language)
    long = [sentence for sentence in found if len(sentence) >= SHORTEST_SENTENCE]
    return draw.choice(long) if long else ""


def _story_of(article: Article) -> str:
    return str(article.metadata.get("parallel_id") or "")
