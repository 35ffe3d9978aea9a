"""The gate's own logic: what it lets pass, what it refuses, and how floors move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.quality.floors import FILE, Floor, Floors, FloorsError, Inputs, digest, main

DATE = "2026-11-24"


@pytest.fixture
def floors() -> Floors:
    return Floors(
        sets={"news": Inputs("a" * 64, 0.01)},
        floors={
            "news.map": Floor(ceiling=False, bound=0.7, best=0.7, measured=0.71, target=0.65),
            "news.own_share": Floor(ceiling=True, bound=0.3, best=0.3, measured=0.29, margin=0.01),
        },
    )


@pytest.fixture
def file(floors: Floors, tmp_path: Path) -> Path:
    place = tmp_path / "floors.json"
    floors.write(place)
    return place


@pytest.fixture
def last(tmp_path: Path) -> Path:
    place = tmp_path / "gate.json"
    place.write_text(json.dumps({"sets": {"news": "a" * 64}, "metrics": {"news.map": 0.75, "news.own_share": 0.2}}))
    return place


@pytest.mark.parametrize(
    ("metric", "value", "wrong"),
    [
        ("news.map", 0.7, None),
        ("news.map", 0.69999, "below its floor 0.7"),
        ("news.map", float("nan"), "below its floor 0.7"),
        ("news.own_share", 0.3, None),
        ("news.own_share", 0.30001, "above its ceiling 0.3"),
        ("news.new", 1.0, "has no floor"),
    ],
)
def test_what_passes(floors: Floors, metric: str, value: float, wrong: str | None) -> None:
    complaint = floors.complaint(metric, value)
    assert complaint is None if wrong is None else complaint is not None and metric in complaint and wrong in complaint


def test_changed_inputs_are_named(floors: Floors) -> None:
    assert floors.changed("news", "a" * 64) is None
    assert "news: inputs changed" in (floors.changed("news", "b" * 64) or "")
    assert "inputs changed" in (floors.changed("other", "b" * 64) or "")


def test_a_digest_sees_content_names_and_what_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    first = digest([tmp_path / "a"])
    assert first != digest([tmp_path / "b"])
    assert first != digest([tmp_path / "a"], asked=["en"])
    (tmp_path / "a").write_text("2")
    assert first != digest([tmp_path / "a"])


def test_raising_leaves_a_margin_and_never_loosens(floors: Floors) -> None:
    raised = floors.raised({"news.map": 0.75, "news.own_share": 0.305, "news.new": 0.5}).floors
    assert raised["news.map"] == Floor(ceiling=False, bound=0.74, best=0.74, measured=0.75, target=0.65)
    assert raised["news.own_share"] == floors.floors["news.own_share"]
    assert raised["news.new"] == Floor(ceiling=False, bound=0.49, best=0.49, measured=0.5)


@pytest.mark.parametrize(("measured", "bound"), [(0.651, 0.65), (0.665, 0.655), (0.645, 0.635)])
def test_a_target_that_is_met_is_kept_whatever_the_margin(measured: float, bound: float) -> None:
    old = Floor(ceiling=False, bound=0.5, best=0.5, measured=0.51, target=0.65)
    assert old.raised(measured, 0.01).bound == bound


def test_a_metric_may_have_a_margin_of_its_own() -> None:
    assert Floor(ceiling=False, bound=0.5, best=0.5, measured=0.51, margin=0.02).raised(0.6, 0.01).bound == 0.58


def test_lowering_needs_a_reason_and_is_remembered(floors: Floors, file: Path) -> None:
    with pytest.raises(FloorsError, match="reason"):
        floors.lower("news.map", 0.68, " ", date=DATE)
    with pytest.raises(FloorsError, match="no less good"):
        floors.lower("news.map", 0.72, "because", date=DATE)
    with pytest.raises(FloorsError, match="no floor"):
        floors.lower("news.mpa", 0.68, "because", date=DATE)
    lowered = floors.lower("news.map", 0.68, "a smaller model", date=DATE)
    assert lowered.lowered == (
        {"metric": "news.map", "from": 0.7, "to": 0.68, "reason": "a smaller model", "date": DATE},
    )
    assert (lowered.floors["news.map"].bound, lowered.floors["news.map"].best) == (0.68, 0.7)
    lowered.write(file)
    assert Floors.read(file) == lowered
    # On the way up again it needs no new reason, further down it does.
    replace(lowered, floors=lowered.raised({"news.map": 0.7}).floors).check()
    further = {**lowered.floors, "news.map": replace(lowered.floors["news.map"], bound=0.67)}
    with pytest.raises(FloorsError, match="less good than its best"):
        replace(lowered, floors=further).check()


def _edited(file: Path, metric: str, **changes: Any) -> None:
    content = json.loads(file.read_text())
    content["floors"][metric] |= changes
    file.write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("metric", "changes", "wrong"),
    [
        ("news.map", {"floor": 0.69}, "less good than its best"),
        ("news.own_share", {"ceiling": 0.31}, "less good than its best"),
        ("news.map", {"floor": 0.64, "best": 0.64}, "less good than its target"),
        ("news.map", {"floor": float("nan")}, "not finite"),
        ("news.map", {"ceiling": 0.7}, "wrong side"),
        ("news.map", {"best": "high"}, "cannot be read"),
    ],
)
def test_a_file_changed_by_hand(file: Path, metric: str, changes: dict[str, Any], wrong: str) -> None:
    _edited(file, metric, **changes)
    with pytest.raises(FloorsError, match=wrong):
        Floors.read(file)


@pytest.mark.parametrize(
    ("part", "entry", "wrong"),
    [
        ("lowered", {"metric": "news.map", "from": 0.7, "to": 0.6, "date": DATE}, "no reason"),
        ("accepted", {"set": "news", "from": "", "to": "", "reason": "", "date": DATE}, "no reason"),
    ],
)
def test_entries_without_a_reason(file: Path, part: str, entry: dict[str, Any], wrong: str) -> None:
    content = json.loads(file.read_text())
    content[part].append(entry)
    file.write_text(json.dumps(content))
    with pytest.raises(FloorsError, match=wrong):
        Floors.read(file)


def test_a_metric_of_an_unknown_set(file: Path) -> None:
    content = json.loads(file.read_text())
    del content["sets"]["news"]
    file.write_text(json.dumps(content))
    with pytest.raises(FloorsError, match="no set 'news'"):
        Floors.read(file)


def test_the_command_compares_and_raises(file: Path, last: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], file=file, last=last) == 0
    assert "floor 0.7" in capsys.readouterr().out
    assert main(["--raise"], file=file, last=last) == 0
    assert Floors.read(file).floors["news.map"].bound == 0.74
    _edited(file, "news.map", floor=0.76, best=0.76)
    assert main([], file=file, last=last) == 1
    assert "news.map: 0.7500 is below its floor 0.76" in capsys.readouterr().err


def test_the_command_lowers_with_a_reason_alone(file: Path, last: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = file.read_bytes()
    assert main(["--lower", "news.map", "0.6"], file=file, last=last) == 1
    assert "reason" in capsys.readouterr().err
    assert main(["--lower", "news.map", "low", "--reason", "x"], file=file, last=last) == 1
    assert file.read_bytes() == before
    assert main(["--lower", "news.map", "0.6", "--reason", "a smaller model"], file=file, last=last) == 0
    assert Floors.read(file).lowered[0]["reason"] == "a smaller model"


def test_the_command_accepts_new_inputs_with_a_reason_alone(
    file: Path, last: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    measured = {"sets": {"news": "b" * 64}, "metrics": {"news.map": 0.75}}
    last.write_text(json.dumps(measured))
    assert main(["--raise"], file=file, last=last) == 1
    assert "inputs changed" in capsys.readouterr().err
    assert main(["--accept", "news"], file=file, last=last) == 1
    assert main(["--accept", "other", "--reason", "x"], file=file, last=last) == 1
    assert main(["--accept", "news", "--reason", "two articles more"], file=file, last=last) == 0
    assert Floors.read(file).sets["news"].sha256 == "b" * 64
    assert main(["--raise"], file=file, last=last) == 0
    last.unlink()
    assert main([], file=file, last=last) == 1
    assert "measured nothing yet" in capsys.readouterr().err


def test_the_file_of_the_project_is_as_it_would_be_written(tmp_path: Path) -> None:
    Floors.read().write(tmp_path / "floors.json")
    assert (tmp_path / "floors.json").read_text() == FILE.read_text()
