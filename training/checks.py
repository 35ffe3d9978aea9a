"""How far what is learnt holds for verbs and stories that are not trained on."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch

from training.losses import Neutral
from training.news import News
from training.roles import KEPT_VERBS, Roles
from training.student import Student

CONTRASTS = 240
STORIES = 50
_PART = 64


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
        right = 0
        for start in range(0, len(self._contrasts), _PART):
            part = self._contrasts[start : start + _PART]
            asked = student.queries([one.question for one in part]).vectors
            told, twins = (
                student.passages([getattr(one, kind) for one in part]).vectors for kind in ("sentence", "twin")
            )
            right += int(((asked * (told - twins)).sum(dim=1) > 0).sum())
        return right / len(self._contrasts)

    def _found(self, student: Student) -> float:
        """Return mAP over one pool of all tellings, asked with the headlines of the first."""
        told = [(number, one) for number, story in enumerate(self._stories) for one in story.tellings]
        pool = torch.cat(
            [
                self._neutral.passages(
                    student.passages([one.passages[0] for _, one in told[start : start + _PART]]).vectors,
                    [one.language for _, one in told[start : start + _PART]],
                )
                for start in range(0, len(told), _PART)
            ]
        )
        first = [story.tellings[0] for story in self._stories]
        asked = self._neutral.questions(
            student.queries([one.title for one in first]).vectors, [one.language for one in first]
        )
        own = torch.arange(len(first)).unsqueeze(1) == torch.tensor([number for number, _ in told]).unsqueeze(0)
        ranked = own.gather(1, (asked @ pool.T).argsort(dim=1, descending=True)).float()
        precision = ranked.cumsum(dim=1) / torch.arange(1, len(told) + 1)
        return float(((precision * ranked).sum(dim=1) / ranked.sum(dim=1)).mean())
