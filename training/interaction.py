"""Learn how a question's tokens look for those that answer it (indexer/encoders/interaction.py).

python -m training.interaction [FILE] writes FILE (default: build/adapter/interaction.npz). The encoder stays as it is,
so the engine that answers reads the tokens. What they learn from: headlines and sentences of stories told in several
languages, of one newsletter against each other; pieces of ordinary text in 31 languages, against its neighbours; and
questions of who did what to whom, against the twin of the sentence that answers. A passage is scored as a search scores
it, by its vector and by its tokens. The shared technews must be there (VEILLE_SHARED).
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import dropout, log_softmax, softplus
from tqdm import tqdm

from corpus.errors import VeilleError
from indexer.codes import Codes, bits
from indexer.encoder import QueryTokens
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.interaction import Interaction
from indexer.neutral import NeutralTransform, fit
from training.exchanges import Exchanges
from training.news import Asked, News, asked
from training.pieces import piece
from training.ranking import means
from training.roles import Contrast, Roles

RANK, STEPS, RATE, SEED = 48, 240, 1.5e-3, 0
# Of the numbers of a token so many are left out at random while it learns: there are few steps, and fewer newsletters.
LEFT_OUT = 0.3
ISSUES, STORIES, TEXTS, NEIGHBOURS, CONTRASTS = 3, 16, 48, 4, 64
# How sharply the nearest is preferred, in units of the score: among many, and against a twin.
TEMPERATURE, TWIN_TEMPERATURE = 0.03, 0.02
# How much of the turn is kept: what it learns from tells more of itself than of what is asked later (docs/choices.md).
SHARE = 0.5
MEASURED_ON = 3_000
# How much nearness counts beside a cosine: as it did when this was first learnt. A search gives it a little more since.
WORTH = 0.6
# Tokens of passages; what lies behind is not looked at while it learns.
LONGEST = 96
_FARTHEST = -2.0
# What tokens mean has a say in their weights so many times as fast as the rate: there are few steps.
_EMPHASIS = 5.0


@dataclass(frozen=True, slots=True)
class Asking:
    """Questions: their vectors without what languages add, float32 (questions, dimension), and their tokens."""

    vectors: NDArray[np.float32]
    tokens: Sequence[QueryTokens]


@dataclass(frozen=True, slots=True)
class Told:
    """Passages: their vectors without what languages add, float32 (passages, dimension), and their tokens' codes."""

    vectors: NDArray[np.float32]
    codes: Sequence[Codes]


class Reader:
    """Reads texts as a build and a search do."""

    def __init__(self, encoder: BundledEncoder, transform: NeutralTransform) -> None:
        """Take the encoder, and what languages add to its vectors."""
        self._encoder, self._transform = encoder, transform

    @classmethod
    def measured(cls, encoder: BundledEncoder, news: News) -> Reader:
        """Measure what languages add on ordinary texts of all."""
        languages, texts = zip(*news.sample(random.Random(SEED), MEASURED_ON, NEIGHBOURS), strict=True)
        told = encoder.encode_passages(texts)
        return cls(encoder, fit(told, languages, encoder.encode_queries, encoder.encode_passages))

    def questions(self, texts: Sequence[str]) -> Asking:
        """Read questions."""
        vectors, tokens = zip(*self._encoder.read_queries(texts), strict=True)
        return Asking(self._transform.questions(np.stack(vectors)), tokens)

    def passages(self, texts: Sequence[str], languages: Sequence[str]) -> Told:
        """Read passages."""
        vectors, codes = self._read(texts)
        return Told(self._transform.passages(vectors, languages), codes)

    def codes(self, texts: Sequence[str]) -> list[Codes]:
        """Read passages of which only the tokens are asked for."""
        return self._read(texts)[1]

    def _read(self, texts: Sequence[str]) -> tuple[NDArray[np.float32], list[Codes]]:
        codes: dict[int, Codes] = {}
        vectors = self._encoder.encode_with_codes(texts, codes.__setitem__)
        return vectors, [bits(codes[place])[:LONGEST] for place in range(len(texts))]


class Learner(nn.Module):
    """The interaction while it is learnt; at first it changes nothing."""

    def __init__(self, dimension: int, rank: int = RANK) -> None:
        """Make it for tokens of that dimension."""
        super().__init__()
        self.down = nn.Parameter(torch.randn(dimension, rank) * 0.05)
        self.up = nn.Parameter(torch.zeros(rank, dimension))
        self.emphasis = nn.Parameter(torch.zeros(dimension))
        self.sharpness = nn.Parameter(torch.tensor(1.0))
        self.size = nn.Parameter(torch.tensor(0.0))

    def interaction(self) -> Interaction:
        """Return what was learnt so far."""
        parts = (self.down, self.up, _EMPHASIS * self.emphasis, self.sharpness, self.size.exp())
        return Interaction(*(part.detach().numpy() for part in parts))

    def nearness(self, asking: Asking, told: Sequence[Codes]) -> Tensor:
        """Return how near the tokens of each passage come to each question's, float32 (questions, passages)."""
        turned, weights = self._read(asking)
        codes, held = _signs(told)
        products = torch.einsum("qtd,psd->qtps", turned, codes).masked_fill(~held, _FARTHEST)
        return (products.amax(dim=3) * weights.unsqueeze(2)).sum(dim=1)

    def nearness_of_each(self, asking: Asking, told: Sequence[Codes]) -> Tensor:
        """Return how near those of its own passage come to each question's, float32 (questions,)."""
        turned, weights = self._read(asking)
        codes, held = _signs(told)
        products = (turned @ codes.transpose(1, 2)).masked_fill(~held.unsqueeze(1), _FARTHEST)
        return (products.amax(dim=2) * weights).sum(dim=1)

    def _read(self, asking: Asking) -> tuple[Tensor, Tensor]:
        """Return the tokens as they are turned, (questions, tokens, dimension), and their weights."""
        tokens, held = _padded([own.vectors for own in asking.tokens])
        weights, _ = _padded([own.weights[:, np.newaxis] for own in asking.tokens])
        kept = dropout(tokens, LEFT_OUT, self.training)
        turned = self.size.exp() * (tokens + kept @ self.down @ self.up)
        worth = self.sharpness * weights.squeeze(2).clamp(min=1e-6).log() + _EMPHASIS * kept @ self.emphasis
        return turned, worth.masked_fill(~held, -torch.inf).softmax(dim=1)


def _padded(parts: Sequence[NDArray[np.float32]]) -> tuple[Tensor, Tensor]:
    """Return arrays of different lengths side by side, and what of it they fill."""
    held = torch.arange(max(map(len, parts))) < torch.tensor([len(part) for part in parts]).unsqueeze(1)
    filled = torch.zeros(*held.shape, parts[0].shape[1])
    filled[held] = torch.from_numpy(np.concatenate(parts))
    return filled, held


def _signs(codes: Sequence[Codes]) -> tuple[Tensor, Tensor]:
    """Return codes as vectors of length 1, side by side, and what of it they fill."""
    return _padded([_unit(np.unpackbits(own, axis=1)) for own in codes])


def _unit(found: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (2 * found.astype(np.float32) - 1) / np.float32(np.sqrt(found.shape[1]))


class Lessons:
    """Draws the batches of a step, the same ones for the same step."""

    def __init__(self, reader: Reader, news: News, roles: Roles, exchanges: Exchanges) -> None:
        """Take what is learnt from."""
        self._reader, self._news, self._roles, self._exchanges = reader, news, roles, exchanges

    def loss(self, learner: Learner, step: int) -> Tensor:
        """Return how far off the learner is."""
        draw = random.Random(f"{SEED} {step}")
        stories = [one for _ in range(ISSUES) for one in self._news.batch(draw, STORIES)]
        contrasts = [self._roles.contrast(draw) for _ in range(CONTRASTS // 2)]
        contrasts += [self._exchanges.contrast(draw) for _ in range(CONTRASTS // 2)]
        return self._of_stories(learner, stories) + self._of_texts(learner, draw) + self._of_roles(learner, contrasts)

    def found(self, learner: Learner, stories: Sequence[Asked]) -> float:
        """Return mAP of stories' passages, all in one pool."""
        learner.eval()
        with torch.no_grad():
            scores, own = self._scored(learner, stories)
        learner.train()
        return means(own.gather(1, scores.argsort(dim=1, descending=True)).numpy()).average_precision

    def _scored(self, learner: Learner, stories: Sequence[Asked]) -> tuple[Tensor, Tensor]:
        """Return the scores of all passages for each story, and which are its own."""
        told = sorted({passage for story in stories for passage in story.passages})
        passages = self._reader.passages([text for _, text in told], [language for language, _ in told])
        asking = self._reader.questions([story.question for story in stories])
        own = torch.tensor([[passage in story.passages for passage in told] for story in stories])
        return _scores(learner, asking, passages), own

    def _of_stories(self, learner: Learner, stories: Sequence[Asked]) -> Tensor:
        scores, own = self._scored(learner, stories)
        scores = scores / TEMPERATURE
        # Each passage of a story competes with those of others, not with the story's other one.
        others = scores.masked_fill(own, -torch.inf).logsumexp(dim=1, keepdim=True)
        return (torch.logaddexp(scores, others) - scores)[own].mean()

    def _of_texts(self, learner: Learner, draw: random.Random) -> Tensor:
        languages, texts = zip(*self._news.sample(draw, TEXTS, NEIGHBOURS), strict=True)
        pieces = [piece(draw, text, language) for text, language in zip(texts, languages, strict=True)]
        scores = _scores(learner, self._reader.questions(pieces), self._reader.passages(texts, languages))
        return -log_softmax(scores / TEMPERATURE, dim=1).diagonal().mean()

    def _of_roles(self, learner: Learner, contrasts: Sequence[Contrast]) -> Tensor:
        asking = self._reader.questions([one.question for one in contrasts])
        right, twins = (
            learner.nearness_of_each(asking, self._reader.codes(texts))
            for texts in ([one.sentence for one in contrasts], [one.twin for one in contrasts])
        )
        return softplus((twins - right) / TWIN_TEMPERATURE).mean()


def _scores(learner: Learner, asking: Asking, told: Told) -> Tensor:
    return torch.from_numpy(asking.vectors @ told.vectors.T) + WORTH * learner.nearness(asking, told.codes)


def learn(file: Path, steps: int = STEPS) -> None:
    """Learn in so many steps, write `file`, and print what it is worth on stories kept apart. Raises VeilleError."""
    torch.manual_seed(SEED)
    encoder = BundledEncoder.load(interaction=None)
    news = News.read(encoder.count_tokens)
    lessons = Lessons(Reader.measured(encoder, news), news, Roles.read(news.sentence), Exchanges.read(news))
    draw = random.Random(SEED)
    kept = [asked(draw, story) for story in news.kept]
    learner = Learner(encoder.spec.dimension)
    before = lessons.found(learner, kept)
    optimiser = torch.optim.AdamW(learner.parameters(), RATE, weight_decay=0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    with tqdm(range(steps), desc="learning", unit=" steps", disable=None) as bar:
        for step in bar:
            loss = lessons.loss(learner, step)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.set_postfix(loss=f"{loss.item():.3f}")
    with torch.no_grad():
        learner.up *= SHARE
    file.parent.mkdir(parents=True, exist_ok=True)
    learner.interaction().save(file)
    print(f"{len(kept)} stories kept apart: mAP {before:.3f} before, {lessons.found(learner, kept):.3f} now")


def main() -> None:
    """Read what was asked for; learn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?", default=Path("build/adapter/interaction.npz"))
    parser.add_argument("--steps", type=int, default=STEPS, help="how many steps (default: %(default)s)")
    given = parser.parse_args()
    try:
        learn(given.file, given.steps)
    except (VeilleError, OSError) as error:
        sys.exit(f"training: {error}")


if __name__ == "__main__":
    main()
