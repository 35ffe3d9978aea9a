"""How far what is learnt holds for verbs and stories that are not trained on."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch

from training.losses import Neutral
from training.news import News
from training.ranking import means
from training.roles import KEPT_VERBS, Roles
from training.student import Student, in_parts

CONTRASTS = 240
STORIES = 50


@dataclass(frozen=True, slots=True)
class Checked:
    """`roles`: the share of contrasts told right; `stories`: mAP of a story's passages in all languages."""

    roles: float
    stories: float


class Checks:
    """The same questions each time."""

    def __init__(self, roles: Roles, news: News, neutral: Neutral) -> None:
        """Draw contrasts of the kept verbs; take the kept stories that have a headline."""
        draw = random.Random(0)
        self._contrasts = [roles.contrast(draw, verbs=KEPT_VERBS) for _ in range(CONTRASTS)]
        self._stories = [story for story in news.kept if story.tellings[0].title][:STORIES]
        self._neutral = neutral

    @torch.no_grad()
    def run(self, student: Student) -> Checked:
        """Ask them."""
        return Checked(self._told(student), self._found(student))

    def _told(self, student: Student) -> float:
        asked = in_parts(student.queries, [one.question for one in self._contrasts])
        told = in_parts(student.passages, [one.sentence for one in self._contrasts])
        twins = in_parts(student.passages, [one.twin for one in self._contrasts])
        return float(((asked * (told - twins)).sum(dim=1) > 0).float().mean())

    def _found(self, student: Student) -> float:
        """Return mAP over one pool of all tellings, asked with the headlines of the first."""
        told = [(number, one) for number, story in enumerate(self._stories) for one in story.tellings]
        pool = self._neutral.passages(
            in_parts(student.passages, [one.passages[0] for _, one in told]), [one.language for _, one in told]
        )
        first = [story.tellings[0] for story in self._stories]
        asked = self._neutral.questions(
            in_parts(student.queries, [one.title for one in first]), [one.language for one in first]
        )
        own = torch.arange(len(first)).unsqueeze(1) == torch.tensor([number for number, _ in told]).unsqueeze(0)
        ranked = own.gather(1, (asked @ pool.T).argsort(dim=1, descending=True))
        return means(ranked.numpy()).average_precision
