"""Real sentences with two names exchanged, and pieces of text that stand for questions."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.exchanges import ABROAD, Exchanges, exchanged
from training.news import PAIRS, News, Story, Telling
from training.pieces import QUESTION_WORDS, piece

TOLD = {
    "en": "On Monday the maintainers of Gentoo thanked everybody who packages Apache for their patience.",
    "de": "Am Montag dankten die Leute von Gentoo allen, die Pakete von Apache bauen, für ihre Geduld.",
    "sv": "I måndags tackade folket bakom Gentoo alla som paketerar Apache för deras tålamod.",
}


def news(texts: dict[str, str], copies: int = 50) -> News:
    story = Story("s", "i", tuple(Telling(language, "", (text,)) for language, text in texts.items()))
    return News([[story]], [], {language: [text] * copies for language, text in texts.items()})


def test_names_are_exchanged_where_they_stand() -> None:
    text = "Arch thanks Gentoo; Gentoo Foundation is not Gentoo, and archives are no Arch (https://Gentoo.org)."
    names = frozenset({"Arch", "Gentoo"})
    swapped = "Gentoo thanks Arch; Gentoo Foundation is not Arch, and archives are no Gentoo (https://Gentoo.org)."
    assert exchanged(text, names) == swapped
    assert exchanged(swapped, names) == text


def test_contrasts_come_from_their_own_language_and_from_another() -> None:
    made = [Exchanges.read(news(TOLD)).contrast(random.Random(seed)) for seed in range(100)]
    abroad = 0
    for one in made:
        assert one.sentence == TOLD[one.language]
        assert one.twin == exchanged(one.sentence, frozenset({"Gentoo", "Apache"})) != one.sentence
        assert "Gentoo" in one.question
        assert "Apache" in one.question
        assert one.question in TOLD[one.question_language]
        abroad += one.language != one.question_language
    assert ABROAD * 100 - 20 < abroad < ABROAD * 100 + 20


@pytest.mark.parametrize(
    "text",
    [
        "This week the packages of Gentoo, Apache and others were built again by everybody.",
        "- this week somebody of Gentoo built all the packages of Apache again.",
        "This week somebody built all the packages of Apache again, and then again.",
        "Too short: Gentoo is built by Apache.",
    ],
    ids=["side by side", "an item of a list", "one name", "short"],
)
def test_what_says_the_same_or_too_little_is_left_out(text: str) -> None:
    whole = news(TOLD)
    texts = {**whole.texts, "fr": [text] * 50}
    languages = {
        Exchanges.read(News(whole.issues, [], texts)).contrast(random.Random(seed)).language for seed in range(60)
    }
    assert languages == set(TOLD)


def test_stories_of_the_pairs_are_left_out(shared_data: Path) -> None:
    pairs = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    real = {pair["sentence"] for pair in pairs if pair["real"]}
    read = News.read(lambda texts: [len(text.split()) for text in texts], shared_data.parent)
    assert len(real) > 80
    joined = "\n".join(text for texts in read.texts.values() for text in texts)
    assert not [sentence for sentence in real if sentence in joined]


def test_a_piece_is_of_the_text_and_often_a_question() -> None:
    text = TOLD["de"] * 3
    made = [piece(random.Random(seed), text, "de") for seed in range(100)]
    asked = [one for one in made if one.endswith("?")]
    assert 40 < len(asked) < 80
    for one in asked:
        word = next(word for word in QUESTION_WORDS["de"] if one.startswith(f"{word} "))
        assert one.removeprefix(f"{word} ").removesuffix("?") in text
    assert all(piece(random.Random(seed), text, "fi") in text for seed in range(20))
