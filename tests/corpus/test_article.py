"""Articles: dates, ids, content hashes."""

from __future__ import annotations

import dataclasses

import pytest

from corpus.article import Article, new_article_id, parse_date


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2023-04-20", "2023-04-20"),
        ("20230420", "2023-04-20"),
        (" 2023-04-20 ", "2023-04-20"),
        ("2023-04-20T10:00:00+02:00", "2023-04-20T08:00:00Z"),
        ("2023-04-20T10:00:00Z", "2023-04-20T10:00:00Z"),
        ("2023-04-20 10:00", "2023-04-20T10:00:00Z"),
        ("Thu, 20 Apr 2023 10:00:00 +0200", "2023-04-20T08:00:00Z"),
    ],
)
def test_dates(written: str, kept: str) -> None:
    assert parse_date(written) == kept


@pytest.mark.parametrize("written", ["", "yesterday", "2023-02-30", "2023", "2023-04", "20/04/2023", "0" * 5000, "\0"])
def test_no_dates(written: str) -> None:
    with pytest.raises(ValueError, match="date|day|month|range"):
        parse_date(written)


def test_ids_come_from_the_url_or_the_content() -> None:
    assert new_article_id("https://x.org/a", "s", "t", "b") == new_article_id("https://x.org/a", "", "", "")
    assert new_article_id(None, "s", "t", "b") != new_article_id(None, "s", "t", "c")
    assert len(new_article_id(None, "", "", "")) == 20


def test_the_content_hash_follows_what_is_shown() -> None:
    article = Article(id="a", text="x", metadata={"b": 1, "a": [2]})
    assert article.content_hash == dataclasses.replace(article, id="b", metadata={"a": [2], "b": 1}).content_hash
    for change in ({"text": "y"}, {"title": "t"}, {"lang": "fr"}, {"published": "2023-01-01"}, {"metadata": {}}):
        assert article.content_hash != dataclasses.replace(article, **change).content_hash
