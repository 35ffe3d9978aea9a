"""Coverage in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from search_api.bars import coverage_lines
from search_api.coverage import Bucket, By, Coverage, Facets
from tests.search_api.test_cli import veille


def coverage(by: By, *totals: tuple[str, int], complete: bool = True, undated: int = 0) -> Coverage:
    languages = {"fr": 1_200, "de": 2, "en": 1, "es": 1}
    return Coverage(
        query="?",
        build="b1",
        by=by,
        stories=sum(total for _, total in totals),
        articles=1_234,
        undated=undated,
        complete=complete,
        buckets=tuple(Bucket(start, total, languages, {}) for start, total in totals),
        languages=languages,
        sources={"": 3, "Evil\x1b[2J": 1},
        categories={},
        facets=Facets({}, {}, {}),
        seconds=0.0421,
    )


def test_bars_are_as_long_as_there_are_stories() -> None:
    found = coverage("month", ("2022-12", 20), ("2023-01", 10), ("2023-04", 1), undated=3)
    assert list(coverage_lines(found, 68, mark="#")) == [
        "2022-12  20  ####################  fr 1,200, de 2, en 1 and 1 more",
        "2023-01  10  ##########            fr 1,200, de 2, en 1 and 1 more",
        "...",
        "2023-04   1  #                     fr 1,200, de 2, en 1 and 1 more",
        "languages  fr 1,200, de 2, en 1, es 1",
        "sources    (none) 3, Evil[2J 1",
        "31 stories (1,234 articles, 3 without a date), 42 ms, build b1",
    ]


@pytest.mark.parametrize("width", [1, 40, 80, 400])
def test_any_width(width: int) -> None:
    lines = list(coverage_lines(coverage("day", ("2024-02-28", 1), ("2024-03-01", 99_999)), width, mark="#"))
    assert lines[1] == "..."
    assert 10 <= lines[2].count("#") <= 40


def test_days_follow_each_other_over_a_month() -> None:
    lines = list(coverage_lines(coverage("day", ("2024-02-29", 1), ("2024-03-01", 1)), 80, mark="#"))
    assert "..." not in lines


def test_nothing_and_not_everything() -> None:
    assert list(coverage_lines(coverage("day"), 80, mark="#"))[-1] == "0 stories (1,234 articles), 42 ms, build b1"
    last = list(coverage_lines(coverage("day", ("2024-02-29", 1), complete=False), 80, mark="#"))[-1]
    assert last.startswith("at least 1 story (")


def test_the_command(sample_index: Path) -> None:
    asked = ("coverage", "When was Debian 7.0 released?", "--index", sample_index, "--lang", "fr", "--lang", "de")
    answer = veille(*asked)
    assert answer.returncode == 0
    assert answer.stderr == ""
    assert "2013-05" in answer.stdout
    assert "█" in answer.stdout
    assert "\nlanguages  " in answer.stdout
    told = json.loads(veille(*asked, "--json", "--by", "month").stdout)
    assert (told["by"], set(told["languages"])) == ("month", {"fr", "de"})
    assert set(told["facets"]["languages"]) > {"fr", "de"}
    plain = veille(*asked, PYTHONIOENCODING="ascii").stdout
    assert "#" in plain
    assert plain.isascii()
    everything = veille("coverage", "--index", sample_index, "--lang", "xh")
    assert everything.stdout.startswith("0 stories (0 articles)")
    assert "no article has the language 'xh'" in everything.stderr
