"""What the adapter is drawn towards, and what holds it back.

Roles: a question is nearer to the sentence that answers it than to that sentence's twin and to all others. Stories:
nearer to what tells its story in any language than to other stories. What is ranked among many is ranked without what
languages add (indexer/neutral.py). Ordinary text keeps its vectors, the states that sentences are chosen by, how it is
ranked for pieces of itself and for the questions about roles, which have nothing to do with it, and how near it is to
both: that tells whether a question is answered at all.
Contrast: van den Oord et al. 2018, "Representation Learning with Contrastive Predictive Coding".
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity, kl_div, log_softmax, mse_loss, normalize, softplus

from indexer.encoders.centres import token_centres
from indexer.neutral import CENTRING, NeutralTransform, fit
from training.exchanges import Exchanges
from training.news import News
from training.pieces import piece
from training.roles import Contrast, Roles
from training.student import Read, Student, in_parts

# How sharply the nearest is preferred, in units of the cosine: without language among many; as it is between twins,
# which lie a hundredth apart at first.
# Rankings are kept as sharply: it is among the first that a thousandth decides.
TEMPERATURE, TWIN_TEMPERATURE, KEPT_TEMPERATURE = 0.05, 0.02, 0.02
ROLES, EXCHANGES, STORIES, TEXTS = 16, 16, 16, 24
# Where nothing is learnt yet, so many steps are about roles alone, in single sentences and in one language: until the
# encoder has found where they show, everything else drowns them.
ALONE, ROLES_ALONE = 200, 48
# Texts are taken in runs of neighbours, as passages of one article are the hardest to tell apart.
NEIGHBOURS = 4
WEIGHTS = {"twins": 1.0, "roles": 0.5, "stories": 0.5, "vectors": 6.0, "ranks": 3.0, "levels": 0.3, "states": 4.0}
_NOTHING = torch.zeros(())


class Neutral:
    """Takes out what a language adds, as measured once on the encoder as it was."""

    def __init__(self, transform: NeutralTransform) -> None:
        """Take the offsets of a transform."""
        asked = transform.question_offsets + CENTRING * transform.question_centre
        self._asked = dict(zip(transform.question_languages, torch.tensor(asked), strict=True))
        self._told = dict(zip(transform.passage_languages, torch.tensor(transform.passage_offsets), strict=True))
        self._centre = torch.tensor(CENTRING * transform.question_centre)

    @classmethod
    def measured(cls, student: Student, news: News) -> Neutral:
        """Measure it on ordinary texts of every language."""
        draw = random.Random(0)
        texts = [(lang, text) for lang, of in news.texts.items() for text in draw.sample(of, min(len(of), 100))]
        with student.as_it_was():
            vectors = in_parts(student.passages, [text for _, text in texts]).numpy()
            transform = fit(
                vectors,
                [language for language, _ in texts],
                lambda questions: in_parts(student.queries, questions).numpy(),
                lambda questions: in_parts(student.passages, questions).numpy(),
            )
        return cls(transform)

    def questions(self, vectors: Tensor, languages: Sequence[str]) -> Tensor:
        """Return float32 (n, dimension), of length 1."""
        offsets = [self._asked.get(language, self._centre) for language in languages]
        return normalize(vectors - torch.stack(offsets), dim=1)

    def passages(self, vectors: Tensor, languages: Sequence[str]) -> Tensor:
        """Return float32 (n, dimension), of length 1."""
        nothing = torch.zeros(vectors.shape[1])
        return normalize(vectors - torch.stack([self._told.get(language, nothing) for language in languages]), dim=1)


@dataclass(frozen=True, slots=True)
class Losses:
    """The parts of a step's loss, each a scalar.

    `twins`, `roles`: sentences against their twins, and against all; `stories`: a story against others; and how far
    ordinary text is from what it was: its `vectors`, how they are `ranked`, their `levels`, the `states` of its tokens.
    """

    twins: Tensor
    roles: Tensor
    stories: Tensor = _NOTHING
    vectors: Tensor = _NOTHING
    ranks: Tensor = _NOTHING
    levels: Tensor = _NOTHING
    states: Tensor = _NOTHING

    def total(self) -> Tensor:
        """Return what is minimised."""
        return torch.stack([weight * getattr(self, name) for name, weight in WEIGHTS.items()]).sum()


class Lessons:
    """Draws the batches of a step, the same ones for the same step and seed, and says how far off the student is."""

    def __init__(
        self,
        student: Student,
        roles: Roles,
        exchanges: Exchanges,
        news: News,
        neutral: Neutral,
        *,
        seed: int,
        alone: int,
    ) -> None:
        """Take the parts as they are; the first `alone` steps are about roles alone."""
        self._student, self._roles, self._exchanges = student, roles, exchanges
        self._news, self._neutral, self._seed, self._alone = news, neutral, seed, alone
        self._middle = torch.tensor(token_centres()[1])

    def losses(self, step: int) -> Losses:
        """Return what the batches of `step` say."""
        draw = random.Random(f"{self._seed} {step}")
        if step < self._alone:
            made = [self._roles.contrast(draw, alone=True) for _ in range(ROLES_ALONE)]
            return Losses(*self._of_roles(made, self._student.queries([one.question for one in made])))
        contrasts = [self._roles.contrast(draw) for _ in range(ROLES)]
        contrasts += [self._exchanges.contrast(draw) for _ in range(EXCHANGES)]
        before, now = self._student.before_and_now_queries([one.question for one in contrasts])
        languages = [one.question_language for one in contrasts]
        unrelated = self._asked(before, languages), self._asked(now, languages)
        return Losses(*self._of_roles(contrasts, now), self._of_stories(draw), *self._of_texts(draw, unrelated))

    def _asked(self, read: Read, languages: Sequence[str]) -> Tensor:
        return self._neutral.questions(read.vectors, languages)

    def _of_roles(self, made: Sequence[Contrast], read: Read) -> tuple[Tensor, Tensor]:
        """Return how near sentences are to what was asked, `read`, against their twins and against all."""
        asked = read.vectors
        told = self._student.passages([one.sentence for one in made] + [one.twin for one in made]).vectors
        right, twins = told.chunk(2)
        apart = (asked * (right - twins)).sum(dim=1)
        scores = self._asked(read, [one.question_language for one in made]) @ (
            self._neutral.passages(told, [one.language for one in made] * 2).T
        )
        own = torch.arange(len(made))
        nearest = -log_softmax(scores / TEMPERATURE, dim=1)[own, own]
        return softplus(-apart / TWIN_TEMPERATURE).mean(), nearest.mean()

    def _of_stories(self, draw: random.Random) -> Tensor:
        stories = self._news.batch(draw, STORIES)
        asked = self._asked(self._student.queries([one.question for one in stories]), [one.language for one in stories])
        told = [(number, *passage) for number, one in enumerate(stories) for passage in one.passages]
        passages = self._neutral.passages(
            self._student.passages([text for _, _, text in told]).vectors, [language for _, language, _ in told]
        )
        own = torch.arange(STORIES).unsqueeze(1) == torch.tensor([number for number, _, _ in told]).unsqueeze(0)
        scores = asked @ passages.T / TEMPERATURE
        # Each passage of a story competes with those of others, not with the story's other one.
        others = scores.masked_fill(own, -torch.inf).logsumexp(dim=1, keepdim=True)
        return (torch.logaddexp(scores, others) - scores)[own].mean()

    def _of_texts(self, draw: random.Random, unrelated: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return how far ordinary texts are from what they were, how they are ranked, how near they are.

        They are ranked for pieces of them, and for questions that have nothing to do with them: `unrelated`, before
        and now.
        """
        languages, texts = zip(*self._news.sample(draw, TEXTS, NEIGHBOURS), strict=True)
        told, told_now = self._student.before_and_now_passages(texts)
        pieces = [piece(draw, text, language) for text, language in zip(texts, languages, strict=True)]
        asked, asked_now = (self._asked(read, languages) for read in self._student.before_and_now_queries(pieces))
        before, now = (self._neutral.passages(read.vectors, languages) for read in (told, told_now))
        vectors = 1 - (cosine_similarity(before, now).mean() + cosine_similarity(asked, asked_now).mean()) / 2
        near, near_now = (
            torch.cat(questions) @ passages.T / KEPT_TEMPERATURE
            for questions, passages in (((asked, unrelated[0]), before), ((asked_now, unrelated[1]), now))
        )
        ranked, ranks = log_softmax(near, dim=1), log_softmax(near_now, dim=1)
        return (
            vectors,
            kl_div(ranks, ranked, log_target=True, reduction="batchmean"),
            mse_loss(near_now, near),
            1 - cosine_similarity(told.states - self._middle, told_now.states - self._middle).mean(),
        )
