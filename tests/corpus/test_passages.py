"""Cutting: nothing lost, nothing over the limit, offsets that fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.article import Article
from corpus.passages import PassageRules, cut
from indexer.encoder import Encoder


def words(texts: Sequence[str]) -> list[int]:
    """Count a token for every ten characters, begun or full, of a word."""
    return [sum(-(-len(word) // 10) for word in text.split()) for text in texts]


def article(text: str, lang: str = "fr") -> Article:
    return Article(id="a", text=text, lang=lang)


def test_sentences_are_gathered_up_to_the_budget() -> None:
    passages, too_long = cut(article("Un deux trois. Quatre cinq six. Sept huit neuf."), words, PassageRules(6, 50))
    assert [passage.text for passage in passages] == ["Un deux trois. Quatre cinq six.", "Sept huit neuf."]
    assert [len(passage.sentences) for passage in passages] == [2, 1]
    assert too_long == 0


def test_a_half_full_passage_ends_with_its_paragraph() -> None:
    text = "Un deux trois quatre.\n\nCinq six."
    assert [p.text for p in cut(article(text), words, PassageRules(8, 50))[0]] == [
        "Un deux trois quatre.",
        "Cinq six.",
    ]
    assert len(cut(article(text), words, PassageRules(20, 50))[0]) == 1


def test_a_sentence_over_the_limit_is_split_between_words_and_counted() -> None:
    text = " ".join(["mot"] * 30) + "."
    passages, too_long = cut(article(text), words, PassageRules(10, 10))
    assert too_long == 1
    assert all(words([passage.text])[0] <= 10 for passage in passages)
    assert " ".join(passage.text for passage in passages) == text


def test_ids_stay_while_the_text_does() -> None:
    first, second = (cut(article("Une phrase. Une autre."), words, PassageRules(2, 50))[0] for _ in range(2))
    assert [passage.id for passage in first] == [passage.id for passage in second]
    assert len({passage.id for passage in first}) == len(first) == 2


@given(st.text(max_size=400), st.integers(1, 12))
@settings(deadline=None, max_examples=150)
def test_every_character_lies_in_one_passage(text: str, limit: int) -> None:
    passages, _ = cut(article(text, "und"), words, PassageRules(limit, limit))
    covered = [place for passage in passages for place in range(passage.start, passage.end)]
    assert len(covered) == len(set(covered))
    assert {place for place, character in enumerate(text) if not character.isspace()} <= set(covered)
    for passage in passages:
        assert passage.text == text[passage.start : passage.end]
        assert words([passage.text])[0] <= limit or len(passage.text) == 1


@pytest.mark.parametrize("text", ["字" * 5000, "a" * 5000, "e\u0301" * 2000, "🚀" * 3000, "." * 5000])
def test_text_without_spaces_fits_the_real_encoder(encoder: Encoder, text: str) -> None:
    rules = PassageRules(120, 400)
    passages, _ = cut(article(text, "und"), encoder.count_tokens, rules)
    assert "".join(passage.text for passage in passages) == text
    assert max(encoder.count_tokens([passage.text for passage in passages])) <= 400
