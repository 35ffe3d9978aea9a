"""The course of training: steps, what is kept between runs, and what is written down on the way."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from training.checks import Checks
from training.losses import WEIGHTS, Lessons, Losses
from training.student import Student

STATE, LOG, TRAINED = "state.pt", "log.jsonl", "trained.npz"
WARM_UP = 0.04
LONGEST_GRADIENT = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast: `rate` is the highest learning rate, reached after a warm-up and left along a cosine.

    `anew`: nothing has been learnt before.
    """

    steps: int = 600
    rate: float = 5e-4
    seed: int = 7
    check_every: int = 50
    anew: bool = False

    def factor(self, step: int) -> float:
        """Return the share of the learning rate at `step`."""
        warm = max(round(self.steps * WARM_UP), 1)
        if step < warm:
            return (step + 1) / warm
        return (1 + math.cos(math.pi * (step - warm) / (self.steps - warm))) / 2


class Course:
    """Trains in `folder`; a run that was stopped goes on where it last wrote its state."""

    def __init__(self, student: Student, lessons: Lessons, checks: Checks, plan: Plan, folder: Path) -> None:
        """Take the parts; go on where a run of this plan stopped. Raises ValueError where it was of another."""
        self._student, self._lessons, self._checks, self._plan, self._folder = student, lessons, checks, plan, folder
        self._parameters = student.parameters()
        self._optimiser = torch.optim.AdamW(self._parameters.values(), lr=plan.rate, weight_decay=0.01)
        self._done = 0
        self._resume()

    def run(self) -> None:
        """Train to the end of the plan; at each check the state and what was trained are written."""
        bar = tqdm(total=self._plan.steps, initial=self._done, desc="training", unit=" steps", disable=None)
        with bar, (self._folder / LOG).open("a", encoding="utf-8") as log:
            for entry in self._steps():
                bar.update()
                if entry:
                    log.write(json.dumps(entry) + "\n")
                    log.flush()
                    bar.set_postfix({"roles": entry["roles"], "stories": entry["stories"]})

    def _steps(self) -> Iterator[dict[str, Any]]:
        """Take steps; yield what is written down after each, mostly nothing."""
        losses: list[Losses] = []
        while self._done < self._plan.steps:
            losses.append(self._step())
            self._done += 1
            if self._done % self._plan.check_every and self._done < self._plan.steps:
                yield {}
                continue
            checked = {name: round(value, 4) for name, value in asdict(self._checks.run(self._student)).items()}
            means = {
                f"loss_{name}": round(sum(float(getattr(one, name)) for one in losses) / len(losses), 4)
                for name in WEIGHTS
            }
            losses.clear()
            self._keep()
            yield {"step": self._done, **checked, **means}

    def _step(self) -> Losses:
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * self._plan.factor(self._done)
        losses = self._lessons.losses(self._done)
        self._optimiser.zero_grad()
        losses.total().backward()
        torch.nn.utils.clip_grad_norm_(self._parameters.values(), LONGEST_GRADIENT)
        self._optimiser.step()
        return Losses(**{name: getattr(losses, name).detach() for name in WEIGHTS})

    def _keep(self) -> None:
        state = {
            "plan": asdict(self._plan),
            "done": self._done,
            "parameters": self._parameters,
            "optimiser": self._optimiser.state_dict(),
        }
        new = self._folder / f"{STATE}.new"
        torch.save(state, new)
        new.replace(self._folder / STATE)
        self._student.save(self._folder / TRAINED)

    def _resume(self) -> None:
        file = self._folder / STATE
        if not file.exists():
            return
        state = torch.load(file, weights_only=True)
        if state["plan"] != asdict(self._plan):
            raise ValueError(f"{file} belongs to a run with {state['plan']}: give another folder, or the same plan")
        self._done = state["done"]
        with torch.no_grad():
            for name, value in self._parameters.items():
                value.copy_(state["parameters"][name])
        self._optimiser.load_state_dict(state["optimiser"])
