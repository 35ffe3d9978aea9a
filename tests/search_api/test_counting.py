"""What is counted of stories, by hand: five stories of nine articles."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.filter import Filter
from indexer.registry import Column, Registry
from search_api.counting import count
from search_api.coverage import By, Coverage
from search_api.matching import Matching

# Language, source, category, date, and the story: the row of its first article.
ARTICLES = (
    ("fr", "Le Monde", "tech", "2023-04-02T09:00:00Z", 0),
    ("en", "The Verge", "tech", "2023-03-31", 0),
    ("fr", "Numerama", "", "2023-04-01", 0),
    ("de", "Heise", "tech", "", 3),
    ("de", "Heise", "tech", "2023-05-09", 3),
    ("de", "Heise", "", "", 5),
    ("fr", "Le Monde", "law", "2023-04-02", 6),
    ("fr", "Numerama", "law", "2023-04-02", 6),
    ("en", "The Verge", "law", "2021-01-01", 8),
)


def counted(wanted: Filter, rows: list[int] | None = None, by: By | None = None, *, group: bool = True) -> Coverage:
    langs, sources, categories, dates, stories = zip(*ARTICLES, strict=True)
    published = np.array([date.encode() for date in dates], np.bytes_)
    registry = Registry(Column.of(langs), Column.of(sources), Column.of(categories), Column.of(dates), published)
    together = np.array(stories if group else range(len(ARTICLES)), np.int32)
    found = Matching(np.array(range(8) if rows is None else rows, np.int64), complete=True)
    return count(registry, found, together, wanted, by, query="?", build="b")


def totals(found: Coverage) -> dict[str, int]:
    return {bucket.start: bucket.total for bucket in found.buckets}


def test_a_story_counts_once_on_the_day_of_its_earliest_article_and_once_for_each_language() -> None:
    found = counted(Filter())
    assert (found.by, found.stories, found.articles, found.undated) == ("day", 4, 8, 1)
    assert totals(found) == {"2023-03-31": 1, "2023-04-02": 1, "2023-05-09": 1}
    assert list(found.languages.items()) == [("de", 2), ("fr", 2), ("en", 1)]
    assert found.sources == {"Heise": 2, "Le Monde": 2, "Numerama": 2, "The Verge": 1}
    assert found.categories == {"tech": 2, "": 2, "law": 1}
    assert found.buckets[0].languages == {"fr": 1, "en": 1}
    assert found.buckets[0].sources == {"Le Monde": 1, "Numerama": 1, "The Verge": 1}


def test_each_article_where_they_are_not_grouped() -> None:
    found = counted(Filter(), group=False)
    assert (found.stories, found.articles, found.undated) == (8, 8, 2)
    assert totals(found) == {"2023-03-31": 1, "2023-04-01": 1, "2023-04-02": 3, "2023-05-09": 1}
    assert found.languages == {"fr": 4, "de": 3, "en": 1}


def test_by_month_where_more_than_two_months_are_spanned_or_it_is_asked_for() -> None:
    assert totals(counted(Filter(), by="month")) == {"2023-03": 1, "2023-04": 1, "2023-05": 1}
    longer = counted(Filter(), [4, 6, 8])
    assert (longer.by, totals(longer)) == ("month", {"2021-01": 1, "2023-04": 1, "2023-05": 1})
    assert totals(counted(Filter(), [4, 6, 8], "day")) == {"2021-01-01": 1, "2023-04-02": 1, "2023-05-09": 1}


def test_only_articles_that_pass_count_for_their_story() -> None:
    french = counted(Filter(langs=("fr",)))
    assert totals(french) == {"2023-04-01": 1, "2023-04-02": 1}
    assert french.languages == {"fr": 2}
    assert french.sources == {"Le Monde": 2, "Numerama": 2}


def test_a_facet_ignores_its_own_filter_and_no_other() -> None:
    found = counted(Filter(langs=("fr",), sources=("Numerama",), categories=("law", "")))
    assert (found.stories, found.articles) == (2, 2)
    assert found.facets.languages == {"fr": 2}
    assert found.facets.sources == {"Numerama": 2, "Le Monde": 1}
    assert found.facets.categories == {"": 1, "law": 1}
    assert counted(Filter(langs=("fr",))).facets.languages == {"de": 2, "fr": 2, "en": 1}


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (Filter(since="2023-04-01"), 5),
        (Filter(since="2023-04-02", before="2023-04-02~"), 3),
        (Filter(before="2023-04-01~"), 3),
        (Filter(categories=("",)), 2),
        (Filter(langs=("xx",)), 0),
    ],
)
def test_filters(wanted: Filter, rows: int) -> None:
    assert counted(wanted, list(range(9))).articles == rows


def test_nothing() -> None:
    found = counted(Filter(), [])
    assert (found.stories, found.undated, found.buckets, found.languages, found.by) == (0, 0, (), {}, "day")
    assert counted(Filter(), [5]).undated == 1


def test_as_a_frame_days_without_stories_are_zero() -> None:
    frame = counted(Filter()).to_frame()
    assert len(frame) == 40
    assert list(frame.columns) == ["total", "de", "fr", "en"]
    assert frame.loc["2023-03-31"].to_dict() == {"total": 1, "de": 0, "fr": 1, "en": 1}
    assert frame.loc["2023-04-15", "total"] == 0
    assert counted(Filter(), []).to_frame().empty


def test_an_empty_registry() -> None:
    nothing = Column.of(())
    registry = Registry(nothing, nothing, nothing, nothing, np.array([], np.bytes_))
    found = count(
        registry,
        Matching(np.empty(0, np.int64), complete=True),
        np.empty(0, np.int32),
        Filter(),
        None,
        query=None,
        build="b",
    )
    assert found.stories == 0
