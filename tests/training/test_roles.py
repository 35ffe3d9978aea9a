"""Contrasts differ in who did it and in nothing else."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from training.roles import KEPT_VERBS, Contrast, Roles


@pytest.fixture(scope="module")
def roles() -> Roles:
    return Roles.read()


@pytest.fixture(scope="module")
def made(roles: Roles) -> list[Contrast]:
    return [roles.contrast(random.Random(number)) for number in range(2_000)]


def test_the_same_seed_makes_the_same(roles: Roles, made: list[Contrast]) -> None:
    assert [roles.contrast(random.Random(number)) for number in range(50)] == made[:50]


def test_a_twin_is_the_sentence_with_two_names_exchanged(made: list[Contrast]) -> None:
    for one in made:
        assert one.sentence != one.twin
        assert Counter(one.sentence.casefold()) == Counter(one.twin.casefold()), one


def test_no_slot_is_left(made: list[Contrast]) -> None:
    for one in made:
        assert not set("{}") & set(one.question + one.sentence + one.twin), one


def test_kept_verbs_are_made_only_when_asked_for(roles: Roles, made: list[Contrast]) -> None:
    assert not {one.verb for one in made} & set(KEPT_VERBS)
    asked = [roles.contrast(random.Random(number), verbs=KEPT_VERBS) for number in range(50)]
    assert {one.verb for one in asked} == set(KEPT_VERBS)


def test_every_language_asks_and_answers(roles: Roles, made: list[Contrast]) -> None:
    assert {one.language for one in made} == {one.question_language for one in made} == set(roles.grammars)
    abroad = sum(one.language != one.question_language for one in made) / len(made)
    assert 0.25 < abroad < 0.45


def test_alone_a_contrast_is_one_sentence_in_one_language(roles: Roles) -> None:
    for number in range(200):
        one = roles.contrast(random.Random(number), alone=True)
        assert one.language == one.question_language
        assert "\n" not in one.sentence
