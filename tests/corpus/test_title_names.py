"""Names that recur in titles."""

from __future__ import annotations

from corpus.title_names import names_in

TITLES = (
    ("Entretien avec Andrew Tridgell", "fr"),
    ("Why Andrew Tridgell left", "en"),
    ("Tridgell again: an interview", "en"),
    ("What Andrew Tridgell’s friends say", "en"),
    ("New port of GNU/Hurd", "en"),
    ("Le GNU/Hurd, enfin", "fr"),
    ("New kernel for GNU/Hurd", "en"),
    ("New day", "en"),
)


def found(*titles: tuple[str, str]) -> dict[str, int]:
    return {name.text: name.count for name in names_in((*told, story) for story, told in enumerate(titles))}


def test_words_with_capitals_that_come_again() -> None:
    assert found(*TITLES) == {"Andrew Tridgell": 3, "GNU/Hurd": 3}


def test_what_begins_a_title_or_is_written_small_as_often_is_none() -> None:
    assert found(*[("New things", "en")] * 5) == {}
    assert found(*[("A new Release", "en"), ("A new release", "en")] * 3) == {}
    assert found(*[("Old New Things", "en")] * 3) == {"Old New Things": 3}


def test_titles_where_every_word_or_every_noun_has_a_capital_say_nothing() -> None:
    assert found(*[("The Rise And Fall Of Many Great Things", "en")] * 5) == {}
    assert found(*[("Eine neue Sicherheitslücke", "de")] * 5) == {}


def test_a_mark_parts_names() -> None:
    assert found(*[("Says Musk: Twitter is sold", "en")] * 3) == {"Says Musk": 3, "Twitter": 3}
    assert found(*[("Il dit « Twitter » à l’Europe", "fr")] * 3) == {"Twitter": 3, "Europe": 3}


def test_translations_of_one_story_are_no_recurrence() -> None:
    told = [("An interview with Tridgell", "en"), ("Entretien avec Tridgell", "fr"), ("Intervista a Tridgell", "it")]
    assert names_in((*one, 7) for one in told) == []
