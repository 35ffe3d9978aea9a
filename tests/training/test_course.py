"""A run that was stopped goes on as if it had not been."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from training.checks import Checked
from training.course import LOG, STATE, TRAINED, Course, Plan
from training.losses import WEIGHTS, Losses

PLAN = Plan(steps=8, rate=0.1, check_every=2)


class Line:
    """Learns one number."""

    def __init__(self) -> None:
        self.value = torch.nn.Parameter(torch.tensor(0.0))

    def parameters(self) -> dict[str, torch.nn.Parameter]:
        return {"value": self.value}

    def save(self, file: Path) -> None:
        file.write_text(str(float(self.value.detach())))


class Lessons:
    """Draws it towards the number of the step; stops at `last`, as a killed run does."""

    def __init__(self, line: Line, last: int = 99) -> None:
        self.line, self.last = line, last

    def losses(self, step: int) -> Losses:
        if step == self.last:
            raise KeyboardInterrupt
        loss = (self.line.value - step) ** 2
        return Losses(**{name: loss if name == "twins" else torch.zeros(()) for name in WEIGHTS})


class Checks:
    def run(self, line: Line) -> Checked:
        return Checked(float(line.value.detach()), 0.0)


def course(folder: Path, last: int = 99, plan: Plan = PLAN) -> tuple[Line, Course]:
    line = Line()
    parts: tuple[Any, ...] = (line, Lessons(line, last), Checks())
    return line, Course(*parts, plan, folder)


def test_a_stopped_run_ends_where_one_that_was_not_does(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "stopped").mkdir()
    line, whole = course(tmp_path / "whole")
    whole.run()
    with pytest.raises(KeyboardInterrupt):
        course(tmp_path / "stopped", last=5)[1].run()
    again, rest = course(tmp_path / "stopped")
    rest.run()
    assert float(again.value.detach()) == float(line.value.detach()) != 0
    for name in (TRAINED, LOG):
        assert (tmp_path / "stopped" / name).read_text() == (tmp_path / "whole" / name).read_text()
    steps = [json.loads(entry)["step"] for entry in (tmp_path / "stopped" / LOG).read_text().splitlines()]
    assert steps == [2, 4, 6, 8]
    assert not (tmp_path / "stopped" / f"{STATE}.new").exists()


def test_another_plan_needs_another_folder(tmp_path: Path) -> None:
    course(tmp_path)[1].run()
    with pytest.raises(ValueError, match="give another folder, or the same plan"):
        course(tmp_path, plan=replace(PLAN, rate=0.2))


def test_the_rate_rises_and_falls() -> None:
    factors = [Plan(steps=100).factor(step) for step in range(100)]
    assert factors[0] == 0.25
    assert max(factors) == factors[3] == factors[4] == 1
    assert factors[-1] < 0.001
