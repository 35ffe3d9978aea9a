"""The sample corpus holds what its licence note and the README say."""

from __future__ import annotations

from collections import Counter, defaultdict

from corpus import sample
from corpus.readers import read


def test_counts_languages_and_dates() -> None:
    articles = list(read(sample.path()))
    languages = Counter(article.lang for article in articles)
    assert 300 <= len(articles) <= 600
    assert len([lang for lang, count in languages.items() if count >= 3]) >= 10
    # Older texts of the Debian site are under another licence.
    assert all(article.published and article.published >= "2012-01-25" for article in articles)


def test_the_worked_example() -> None:
    (musk,) = (article for article in read(sample.path()) if article.source != "Debian News")
    assert (musk.id, musk.lang, musk.published) == ("musk-menace-microsoft", "fr", "2023-04-20")
    assert musk.text.startswith("Elon Musk menace d’intenter une action en justice contre Microsoft")


def test_stories_are_kept_together() -> None:
    stories = defaultdict(set)
    for article in read(sample.path()):
        stories[article.metadata.get("parallel_id")].add(article.lang)
    del stories[None]
    assert all(len(langs) >= 3 for langs in stories.values())
