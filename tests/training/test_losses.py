"""What is learnt pulls, and what is to stay holds: on the real encoder, and a little news."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

import training.losses
from indexer.encoder import Encoder
from indexer.neutral import fit
from tests.training.test_exchanges import TOLD, news
from training.exchanges import Exchanges
from training.losses import WEIGHTS, Lessons, Losses, Neutral
from training.roles import Roles
from training.student import Student

FEW = {"ROLES": 4, "ROLES_ALONE": 4, "EXCHANGES": 4, "STORIES": 2, "TEXTS": 8}
KEPT = ("vectors", "ranks", "levels", "states")


@pytest.fixture(scope="module")
def student() -> Student:
    torch.manual_seed(0)
    return Student.load(rank=4)


@pytest.fixture(scope="module")
def lessons(student: Student, encoder: Encoder) -> Iterator[Lessons]:
    little = news(TOLD)
    # The bundled encoder measures it faster.
    told = encoder.encode_passages(list(TOLD.values()))
    neutral = Neutral(fit(told, list(TOLD), encoder.encode_queries, encoder.encode_passages))
    with pytest.MonkeyPatch.context() as patch:
        for name, count in FEW.items():
            patch.setattr(training.losses, name, count)
        yield Lessons(student, Roles.read(), Exchanges.read(little), little, neutral, seed=1, alone=1)


def values(losses: Losses) -> dict[str, float]:
    return {name: float(getattr(losses, name).detach()) for name in WEIGHTS}


def test_at_first_it_is_about_roles_alone(lessons: Lessons) -> None:
    found = values(lessons.losses(0))
    assert {name for name, value in found.items() if value > 0} == {"twins", "roles"}


def test_where_nothing_is_learnt_nothing_is_lost(lessons: Lessons) -> None:
    found = values(lessons.losses(1))
    assert [found[name] for name in KEPT] == pytest.approx([0, 0, 0, 0], abs=1e-4)
    assert min(found["twins"], found["roles"], found["stories"]) > 0.01


def test_what_changes_everything_is_held(lessons: Lessons, student: Student) -> None:
    parameters = student.parameters()
    before = {name: value.detach().clone() for name, value in parameters.items()}
    with torch.no_grad():
        for name, value in parameters.items():
            if ".lora_B." in name:
                value.normal_(std=0.1)
    losses = lessons.losses(1)
    found = values(losses)
    assert {name: found[name] for name in KEPT if found[name] < 1e-3} == {}
    losses.total().backward()
    assert all(value.grad is not None and value.grad.abs().max() > 0 for value in parameters.values())
    with torch.no_grad():
        for name, value in parameters.items():
            value.copy_(before[name])
