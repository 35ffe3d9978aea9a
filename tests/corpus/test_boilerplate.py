"""What counts as boilerplate, and what only looks like it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import further_reading
from corpus.article import Article
from corpus.boilerplate import Boilerplate, Census
from corpus.paragraphs import paragraphs

ABOUT = "The Debian Project was founded in 1993 by Ian Murdock to be a truly free community project."
SENTENCES = (
    "The kernel of the new release brings drivers for many network cards that were missing until now.",
    "A court in Berlin has decided that the licence holds, which lawyers had long been waiting for.",
    "Volunteers met in Porto Alegre to translate the installer into languages of South America.",
)


def article(number: int, *lines: str, lang: str = "en", source: str = "S") -> Article:
    """Return an article of its own: three sentences that no other has, then `lines`."""
    own = [f"{sentence} That is news {word(number)}." for sentence in SENTENCES]
    return Article(id=str(number), text="\n\n".join((*own, *lines)), lang=lang, source=source)


def word(number: int) -> str:
    """Return a word for a number: figures count, but so few that they could be taken for a date."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def counted(articles: Sequence[Article]) -> Boilerplate:
    census = Census()
    for one in articles:
        census.add(one)
    return census.boilerplate()


def left_out(articles: Sequence[Article]) -> list[list[str]]:
    """Return the paragraphs that are boilerplate in each article."""
    found = counted(articles)
    return [[one.text[p.start : p.end] for p in found.within(one)] for one in articles]


@pytest.mark.parametrize(("holders", "expected"), [(4, 0), (5, 5)])
def test_five_articles_are_needed(holders: int, expected: int) -> None:
    articles = [article(n, *([ABOUT] if n < holders else [])) for n in range(30)]
    assert [lines for lines in left_out(articles) if lines] == [[ABOUT]] * expected


def test_and_a_hundredth_of_the_articles_of_the_source_in_that_language() -> None:
    held = [article(n, ABOUT) for n in range(6)]
    assert len(counted([*held, *(article(n) for n in range(6, 600))])) == 1
    assert len(counted([*held, *(article(n) for n in range(6, 601))])) == 0
    elsewhere = [article(n, source="T") for n in range(6, 601)]
    translated = [article(n, lang="fr") for n in range(6, 601)]
    assert len(counted([*held, *elsewhere, *translated])) == 1


def test_articles_of_several_sources_do_not_add_up() -> None:
    assert len(counted([article(n, ABOUT, source=f"S{n // 4}") for n in range(40)])) == 0


def test_each_language_has_its_own() -> None:
    german = "Das Debian-Projekt wurde 1993 von Ian Murdock als freies Gemeinschaftsprojekt gegründet."
    articles = [article(n, ABOUT) for n in range(5)] + [article(n, german, lang="de") for n in range(5, 10)]
    assert left_out(articles) == [[ABOUT]] * 5 + [[german]] * 5


def test_twice_in_one_article_counts_once() -> None:
    assert len(counted([article(n, ABOUT, ABOUT) for n in range(4)])) == 0
    assert left_out([article(n, ABOUT, ABOUT) for n in range(5)]) == [[ABOUT, ABOUT]] * 5


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("About  the\u00a0PROJECT", "about the project"),
        ("More at https://example.org/a?b=1 today", "More at http://example.com today"),
        ("- Published at 2024-05-01 10:00:00 (UTC)", "- Published at 2023-12-24 09:30:15 (UTC)"),
        ("Veröffentlicht am 3. Mai 2024", "Veröffentlicht am 24. Dezember 2023"),
        ("Posted May 3, 2024", "Posted December 24, 2023"),
        ("发布于 2024年5月3日", "发布于 2023年12月24日"),
        ("© 2019 The Paper", "© 2024 The Paper"),
        ("Lire aussi : Une puce nouvelle", "LIRE AUSSI — Le noyau libre"),
    ],
)
def test_what_is_the_same(first: str, second: str) -> None:
    one, other = (next(paragraphs(text)).same for text in (first, second))
    assert one == other


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ruby 3.4.1 has been released", "Ruby 3.4.2 has been released"),
        ("Debian 8 is out", "Debian 9 is out"),
        ("12 comments", "13 comments"),
        ("Lire aussi : Une puce nouvelle", "À lire aussi : Une puce nouvelle"),
    ],
)
def test_what_is_not(first: str, second: str) -> None:
    one, other = (next(paragraphs(text)).same for text in (first, second))
    assert one != other


def test_offsets_are_code_points_without_white_space() -> None:
    text = "\n  🚀 Eins \r\n\u2029Zwei\r\r \t\nDrei"
    assert [text[p.start : p.end] for p in paragraphs(text)] == ["🚀 Eins", "Zwei", "Drei"]


def test_a_heading_goes_with_what_it_heads() -> None:
    articles = [article(n, "Details", f"The parser {word(n)} fails.", "About Debian", ABOUT) for n in range(8)]
    articles += [article(n) for n in range(8, 16)]
    assert left_out(articles)[:8] == [["About Debian", ABOUT]] * 8


def test_a_heading_of_nearly_all_articles_is_no_heading() -> None:
    articles = [article(n, "Advertisement", f"The parser {word(n)} fails.") for n in range(9)]
    assert left_out(articles) == [["Advertisement"]] * 9
    assert left_out([*articles, *(article(n) for n in range(9, 15))])[0] == []


def test_rows_replies_and_headlines_stay() -> None:
    rows = ["iPhone 13", "Pixel Watch", "“No comment.”", "- Ruby 2.0 series: 2.0.0 and earlier", "- Xfce"]
    articles = [article(n, *rows, f"Then it went on {word(n)}.") for n in range(8)] + [article(n) for n in range(8, 16)]
    assert not any(left_out(articles))
    # At the end a row is content all the same, which releases share.
    numbered = [article(n, "- RubyGems 3.6.2") for n in range(8)] + [article(n) for n in range(8, 16)]
    assert not any(left_out(numbered))


def test_versions_of_one_story_keep_what_they_share() -> None:
    versions = [article(1, f"Update: {word(n)} people are said to be hurt in the fire.") for n in range(6)]
    others = [article(n) for n in range(100, 120)]
    assert not any(left_out([*versions, *others]))


def test_a_form_letter_does_not_make_boilerplate_but_loses_it() -> None:
    letter = Article(
        id="l", text=f"Short news of today.\n\nToday is Monday.\n\n{ABOUT[:70]}\n\n{ABOUT}", source="S", lang="en"
    )
    others = [article(n) for n in range(10, 30)]
    articles = [*others, *(article(n, ABOUT[:70], ABOUT) for n in range(4))]
    assert not any(left_out([*articles, letter]))
    assert left_out([*articles, article(5, ABOUT[:70], ABOUT), letter])[-1] == [ABOUT[:70], ABOUT]


def test_briefs_shorter_than_their_boilerplate() -> None:
    other = "For further information, please visit the Debian web pages or send mail to the press team."
    briefs = [
        Article(
            id=str(n), text=f"A brief about town {word(n)}, as every day.\n\n{other}\n\n{ABOUT}", source="S", lang="en"
        )
        for n in range(6)
    ]
    assert left_out(briefs) == [[other, ABOUT]] * 6


def test_an_article_of_nothing_else_keeps_its_text() -> None:
    other = "For further information, please visit the Debian web pages or send mail to the press team."
    bare = [Article(id=f"b{n}", text=f"{ABOUT}\n\n{other}\n\n***", source="S", lang="en") for n in range(3)]
    found = left_out([*(article(n, ABOUT, other) for n in range(6)), *bare])
    assert found[0] == [ABOUT, other]
    assert found[-3:] == [[], [], []]


def test_a_line_of_stars_goes_with_what_it_introduces() -> None:
    found = left_out([article(n, "* * *", ABOUT, "---") for n in range(6)])
    assert found == [["* * *", ABOUT]] * 6


def test_links_alone_are_content() -> None:
    assert not any(left_out([article(n, f"https://example.org/{word(n)}") for n in range(9)]))


def test_lines_that_lead_elsewhere_go_wherever_they_stand() -> None:
    articles = [article(n, f"Lire aussi : La puce {word(n)}", f"Et puis {word(n)}.") for n in range(6)]
    articles += [article(n) for n in range(6, 30)]
    assert left_out(articles)[:6] == [[f"Lire aussi : La puce {word(n)}"] for n in range(6)]
    assert not any(left_out(articles[2:]))


@pytest.mark.parametrize(
    ("line", "opens"),
    [
        ("Lire aussi Notre dossier sur les puces", "lire aussi"),
        ("→ Lesen Sie auch: Der neue Kern", "lesen sie auch"),
        ("**Read more:** The new kernel", "read more"),
        ("Read more", "read more"),
        ("関連記事：新しいカーネル", "関連記事"),
        ("Читайте также: Новое ядро", "читайте также"),
        ("Read more about it in the guide", None),
        ("Siehe auch das Handbuch von 2004", None),
        ("Lire aussitôt après", None),
        ("Lire aussi " + "x" * 200, None),
        ("", None),
    ],
)
def test_opening(line: str, opens: str | None) -> None:
    assert further_reading.opening(line) == opens


def test_no_article_and_no_letter() -> None:
    assert len(counted([])) == 0
    blank = Article(id="a", text=" \n\n***\n", source="S")
    assert counted([blank] * 9).within(blank) == []


def test_hostile_lines_take_linear_time() -> None:
    text = "\n".join(("1." * 100_000, "a" * 200_000, "_" * 200_000, "12 " * 60_000, "http://" * 30_000, " \r" * 90_000))
    assert left_out([Article(id=str(n), text=text, source="S") for n in range(2)]) == [[], []]


@given(st.lists(st.lists(st.sampled_from([ABOUT, "Details", "Lire aussi : x", "***", "3", *SENTENCES]), max_size=6)))
@settings(deadline=None, max_examples=60)
def test_whatever_the_articles_something_stays_and_order_does_not_matter(texts: list[list[str]]) -> None:
    articles = [Article(id=str(n), text="\n".join(lines), source="S") for n, lines in enumerate(texts)]
    forward, backward = counted(articles), counted(articles[::-1])
    for one in articles:
        found = forward.within(one)
        assert found == backward.within(one)
        assert len(found) < max(len(list(paragraphs(one.text))), 1)


def test_real_press_releases(shared_data: Path) -> None:
    lines = (shared_data / "technews" / "debian_news.jsonl").read_text(encoding="utf-8").splitlines()
    records = [record for record in map(json.loads, lines) if record["lang"] in ("en", "de")]
    articles = [Article(**{key: r[key] for key in ("id", "text", "title", "lang", "source")}) for r in records]
    found = [set(lines) for lines in left_out(articles)]
    assert sum("Contact Information" in lines for lines in found) > 100
    assert sum("Über Debian" in lines for lines in found) > 50
    titles = {one.title.casefold() for one in articles}
    assert not {line.casefold() for lines in found for line in lines} & titles
