"""The floors of quality: what they are, whether a measurement holds them, and how they move.

python -m tests.quality.floors                                  compare with what the gate measured last
python -m tests.quality.floors --raise                          set new floors a margin below what it measured
python -m tests.quality.floors --lower METRIC VALUE --reason TEXT
python -m tests.quality.floors --accept SET --reason TEXT       the set's inputs have changed, and that is right

floors.json holds, by set, the digest of its inputs and the margin, and by metric the bound ("floor", or "ceiling"
where less is better), the value it was set after, the best bound there ever was, the target where the project has
one, and a margin of its own where few cases are behind it. A bound that is not as good as the best one, or misses its
target, needs an entry in "lowered" with a reason.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILE = Path(__file__).parent / "floors.json"
# Where a run of the gate leaves what it measured.
LAST = ROOT / "build" / "quality" / "gate.json"
# Of these metrics less is better.
CEILINGS = ("own_share",)
DIGITS = 4
# Differences that come of rounding to DIGITS.
EPSILON = 1e-9


class FloorsError(Exception):
    """The floors are not in order, or may not be moved this way."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The bound of a metric. `measured` is the value it was set after, `best` the best bound there ever was.

    `margin` stands where that of the set is not enough, as few cases are behind the metric.
    """

    ceiling: bool
    bound: float
    best: float
    measured: float
    target: float | None = None
    margin: float | None = None

    @property
    def kind(self) -> str:
        """Say which side of the bound is good."""
        return "ceiling" if self.ceiling else "floor"

    def holds(self, value: float, *, bound: float | None = None) -> bool:
        """Say whether `value` is as good as the bound."""
        bound = self.bound if bound is None else bound
        return value <= bound + EPSILON if self.ceiling else value >= bound - EPSILON

    def raised(self, value: float, margin: float) -> Floor:
        """Return the floor after `value` was measured: its own margin or `margin` below, never less good than before.

        A target that is met is kept whatever the margin.
        """
        margin = margin if self.margin is None else self.margin
        bound = _rounded(value + margin if self.ceiling else value - margin, up=self.ceiling)
        if (
            self.target is not None
            and self.holds(value, bound=self.target)
            and not self.holds(bound, bound=self.target)
        ):
            bound = self.target
        if not self.holds(bound):
            return self
        best = bound if self.holds(bound, bound=self.best) else self.best
        return replace(self, bound=bound, best=best, measured=round(value, DIGITS))

    def to_json(self) -> dict[str, float]:
        """Return the entry as it stands in the file."""
        rest = {"target": self.target, "margin": self.margin}
        given = {name: value for name, value in rest.items() if value is not None}
        return {self.kind: self.bound, "measured": self.measured, "best": self.best, **given}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a set is measured on: the digest of its files, and how far below a measurement its floors are set."""

    sha256: str
    margin: float


@dataclass(frozen=True, slots=True)
class Floors:
    """All floors. Metrics are called SET.NAME. `lowered` and `accepted` say why what was given up was given up."""

    sets: dict[str, Inputs]
    floors: dict[str, Floor]
    lowered: tuple[dict[str, Any], ...] = ()
    accepted: tuple[dict[str, Any], ...] = ()

    @classmethod
    def read(cls, file: Path = FILE) -> Floors:
        """Read the file. Raises FloorsError where it is not in order."""
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            found = cls(
                sets={name: Inputs(**entry) for name, entry in content["sets"].items()},
                floors={metric: _floor(metric, entry) for metric, entry in content["floors"].items()},
                lowered=tuple(content["lowered"]),
                accepted=tuple(content["accepted"]),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FloorsError(f"{file.name} cannot be read: {error!r}") from error
        found.check()
        return found

    def write(self, file: Path = FILE) -> None:
        """Write what `read` reads. Raises FloorsError rather than write what `read` would refuse."""
        self.check()
        content = {
            "sets": {name: {"sha256": i.sha256, "margin": i.margin} for name, i in sorted(self.sets.items())},
            "floors": {metric: floor.to_json() for metric, floor in sorted(self.floors.items())},
            "lowered": list(self.lowered),
            "accepted": list(self.accepted),
        }
        file.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def check(self) -> None:
        """Raise FloorsError where a bound was given up without a reason in the file."""
        for entry in (*self.lowered, *self.accepted):
            if not str(entry.get("reason", "")).strip():
                raise FloorsError(f"an entry has no reason: {entry}")
        for metric, floor in self.floors.items():
            if set_of(metric) not in self.sets:
                raise FloorsError(f"{metric}: there is no set {set_of(metric)!r}")
            if not all(math.isfinite(value) for value in (floor.bound, floor.best, floor.measured)):
                raise FloorsError(f"{metric}: its numbers are not finite")
            asked = [("best", floor.best)] + ([] if floor.target is None else [("target", floor.target)])
            for name, bound in asked:
                if not floor.holds(floor.bound, bound=bound) and not self._was_lowered(metric, floor):
                    raise FloorsError(
                        f"{metric}: the {floor.kind} {floor.bound} is less good than its {name} {bound}, and "
                        f'nothing in "lowered" says why. Lower it with: '
                        f"python -m tests.quality.floors --lower {metric} {floor.bound} --reason TEXT"
                    )

    def _was_lowered(self, metric: str, floor: Floor) -> bool:
        reached = [entry["to"] for entry in self.lowered if entry["metric"] == metric]
        return bool(reached) and floor.holds(floor.bound, bound=reached[-1])

    def complaint(self, metric: str, value: float) -> str | None:
        """Return what is wrong with a measured value, or None."""
        floor = self.floors.get(metric)
        if floor is None:
            return (
                f"{metric}: {value:.4f} was measured and has no floor. Set one: python -m tests.quality.floors --raise"
            )
        if floor.holds(value):
            return None
        side = "above its ceiling" if floor.ceiling else "below its floor"
        return f"{metric}: {value:.4f} is {side} {floor.bound} (measured {floor.measured} when it was set)"

    def changed(self, name: str, sha256: str) -> str | None:
        """Return what is wrong with the inputs of a set, or None."""
        known = self.sets.get(name)
        if known is not None and known.sha256 == sha256:
            return None
        before = "unknown" if known is None else known.sha256[:12]
        return (
            f"{name}: inputs changed ({before} before, {sha256[:12]} now): its floors were measured on others. "
            f"If that is right: python -m tests.quality.floors --accept {name} --reason TEXT"
        )

    def raised(self, measured: dict[str, float]) -> Floors:
        """Return the floors after a measurement; metrics that had none get one."""
        floors = dict(self.floors)
        for metric, value in measured.items():
            margin = self._inputs(set_of(metric)).margin
            ceiling = metric.rpartition(".")[2] in CEILINGS
            worst = math.inf if ceiling else -math.inf
            floors[metric] = floors.get(metric, Floor(ceiling, worst, worst, value)).raised(value, margin)
        return replace(self, floors=floors)

    def lower(self, metric: str, value: float, reason: str, *, date: str) -> Floors:
        """Return the floors with one of them given up. Raises FloorsError without a reason."""
        floor = self.floors.get(metric)
        if floor is None:
            raise FloorsError(f"there is no floor {metric!r}")
        if not reason.strip():
            raise FloorsError("a floor is lowered for a reason: add --reason TEXT")
        if floor.holds(value):
            raise FloorsError(f"{metric}: {value} is no less good than {floor.bound}; use --raise")
        entry = {"metric": metric, "from": floor.bound, "to": value, "reason": reason.strip(), "date": date}
        return replace(
            self, floors={**self.floors, metric: replace(floor, bound=value)}, lowered=(*self.lowered, entry)
        )

    def accept(self, name: str, sha256: str, reason: str, *, date: str) -> Floors:
        """Return the floors with new inputs for a set. Raises FloorsError without a reason."""
        if not reason.strip():
            raise FloorsError("inputs are changed for a reason: add --reason TEXT")
        before = self._inputs(name)
        entry = {"set": name, "from": before.sha256, "to": sha256, "reason": reason.strip(), "date": date}
        return replace(self, sets={**self.sets, name: replace(before, sha256=sha256)}, accepted=(*self.accepted, entry))

    def _inputs(self, name: str) -> Inputs:
        if name not in self.sets:
            raise FloorsError(f"there is no set {name!r} in the file: add it with its margin and an empty sha256")
        return self.sets[name]


def set_of(metric: str) -> str:
    """Return the set that a metric is measured on."""
    return metric.partition(".")[0]


def digest(files: Iterable[Path], *, asked: Sequence[str] = ()) -> str:
    """Return a SHA-256 of files, their names, and what else decides what is asked."""
    summed = hashlib.sha256(json.dumps(list(asked)).encode())
    for file in files:
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        summed.update(f"\n{file.name} {content}".encode())
    return summed.hexdigest()


def _floor(metric: str, entry: dict[str, float]) -> Floor:
    ceiling = "ceiling" in entry
    if ceiling != (metric.rpartition(".")[2] in CEILINGS):
        raise FloorsError(f"{metric}: it has a bound on the wrong side")
    bound = entry["ceiling" if ceiling else "floor"]
    target, margin = (None if entry.get(name) is None else float(entry[name]) for name in ("target", "margin"))
    return Floor(ceiling, float(bound), float(entry["best"]), float(entry["measured"]), target, margin)


def _rounded(value: float, *, up: bool) -> float:
    scale = 10**DIGITS
    scaled = round(value * scale, DIGITS)
    return (math.ceil(scaled) if up else math.floor(scaled)) / scale


def main(arguments: Sequence[str] | None = None, *, file: Path = FILE, last: Path = LAST) -> int:
    """Compare, raise, lower or accept; return 1 where a floor does not hold or may not be moved."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--raise", dest="raise_all", action="store_true")
    what.add_argument("--lower", nargs=2, metavar=("METRIC", "VALUE"))
    what.add_argument("--accept", metavar="SET")
    parser.add_argument("--reason", default="")
    given = parser.parse_args(arguments)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    try:
        floors = Floors.read(file)
        if given.lower:
            metric, value = given.lower
            floors.lower(metric, float(value), given.reason, date=today).write(file)
            return 0
        measured = _last(last)
        if given.accept:
            sha256 = measured["sets"].get(given.accept)
            if sha256 is None:
                raise FloorsError(f"the gate has not measured {given.accept!r}: run it first")
            floors.accept(given.accept, sha256, given.reason, date=today).write(file)
            return 0
        wrong = [text for name, sha256 in measured["sets"].items() if (text := floors.changed(name, sha256))]
        if given.raise_all:
            if wrong:
                raise FloorsError("\n".join(wrong))
            floors.raised(measured["metrics"]).write(file)
            return 0
    except (FloorsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    wrong += [text for metric, value in measured["metrics"].items() if (text := floors.complaint(metric, value))]
    for metric, value in measured["metrics"].items():
        floor = floors.floors.get(metric)
        print(f"{metric:40} {value:.4f}  {'-' if floor is None else f'{floor.kind} {floor.bound}'}")
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return int(bool(wrong))


def _last(file: Path) -> dict[str, dict[str, Any]]:
    try:
        found: dict[str, dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FloorsError("the gate has measured nothing yet: python -m pytest tests/quality") from error
    return found


if __name__ == "__main__":
    sys.exit(main())
