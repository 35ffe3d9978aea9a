"""What the comparison with peers makes of what they answered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.peers.answers import Answers
from benchmarks.peers.processes import PeerFailed, run
from benchmarks.peers.record import Facts, Record
from benchmarks.peers.table import lines
from search_api.evaluation.benchmark import Benchmark, Query


def benchmark() -> Benchmark:
    documents = [{"id": f"{lang}{number}", "lang": lang} for lang in ("de", "fr") for number in (1, 2)]
    relevant = {"q1": {"de1": 1, "fr1": 1}, "q2": {"de2": 1, "fr2": 1}}
    return Benchmark("tiny", documents, [Query("q1", "eins", "de"), Query("q2", "deux", "fr")], relevant)


def answers(file: Path) -> Answers:
    printed = [
        {"opened": 1.5},
        {"id": "q1", "seconds": 0.01, "hits": [["de1", 0.9], ["de2", 0.8], ["fr1", 0.7]]},
        {"id": "q2", "seconds": 0.03, "hits": [["fr2", 0.9], ["de2", 0.8]]},
        {"cpu_seconds": 0.1, "resident_mb": 100.0},
    ]
    file.write_text("\n".join(map(json.dumps, printed)), encoding="utf-8")
    return Answers.read(file)


def test_quality_by_hand(tmp_path: Path) -> None:
    found = answers(tmp_path / "answers.jsonl").quality(benchmark())
    # q1: found at 1 and 3, (1/1 + 2/3) / 2; q2: at 1 and 2.
    assert found["map"] == pytest.approx((5 / 6 + 1) / 2, abs=1e-4)
    assert found["mrr_at_10"] == 1
    # q1: two of three hits are German; q2: one of two is French. Half of the relevant ones are in either language.
    assert found["own_share"] == pytest.approx((2 / 3 + 1 / 2) / 2, abs=1e-4)
    assert found["fair_share"] == 0.5


def test_speed_in_milliseconds(tmp_path: Path) -> None:
    found = answers(tmp_path / "answers.jsonl").speed()
    assert (found["questions"], found["p50_ms"], found["p99_ms"], found["cpu_ms"]) == (2, 20, 29.8, 50)


def test_a_step_is_measured_once_unless_settings_change(tmp_path: Path) -> None:
    times: list[int] = []

    def measure() -> Facts:
        times.append(1)
        return {"seconds": len(times)}

    file = tmp_path / "peer.json"
    assert Record(file).step("index", {"articles": 1}, measure)["seconds"] == 1
    assert Record(file).step("index", {"articles": 1}, measure)["seconds"] == 1
    assert Record(file).step("index", {"articles": 2}, measure)["seconds"] == 2
    assert Record(file, again=True).step("index", {"articles": 2}, measure)["seconds"] == 3


def test_what_a_peer_said_as_it_failed_is_kept_and_tried_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> Facts:
        run(["sh", "-c", "echo no such model >&2; exit 1"], tmp_path / "log")
        return {}

    file = tmp_path / "peer.json"
    assert Record(file).step("install", {}, fails)["problem"] == "no such model"
    assert "no such model" in capsys.readouterr().err
    assert Record(file).step("install", {}, lambda: {"install_mb": 1})["install_mb"] == 1


def test_a_command_costs_what_its_process_takes(tmp_path: Path) -> None:
    cost = run(["sh", "-c", "echo answer"], tmp_path / "log", tmp_path / "output")
    assert (tmp_path / "output").read_text() == "answer\n"
    # Less than this process has, which it was started from.
    assert 0 < cost.peak_mb < 20
    with pytest.raises(PeerFailed, match="it said nothing"):
        run(["sh", "-c", "exit 3"], tmp_path / "log")


def found() -> dict[str, object]:
    veille = {"install": {"install_mb": 1500}, "xquad": {"map": 0.8}}
    one = {"install": {"install_mb": 1200, "versions": {"one": "1.0"}}, "xquad": {"map": 0.4}}
    return {
        "machine": {"cores": 2, "cpu": "some", "python": "3.11.7"},
        "articles": 200,
        "threads": 0,
        "weights_mb": 471,
        "benchmarks": ["xquad"],
        "peers": [
            {"name": "veille", "note": "", "steps": veille},
            {"name": "one", "note": "by hand", "steps": one},
            {"name": "two", "note": "", "steps": {"install": {"problem": "long\nno wheel for 3.11"}}},
        ],
    }


def test_the_table_has_a_dash_for_what_is_not_known_and_says_why() -> None:
    table = list(lines(found()))
    assert "| one | one 1.0 | by hand |" in table
    assert any(line.startswith("| one | 1,200 MB | - |") for line in table)
    assert any("no wheel for 3.11" in line and "long" not in line for line in table)


def test_the_table_says_where_a_peer_is_better_and_only_there() -> None:
    assert [line for line in lines(found()) if line.startswith("- ")] == [
        "- installed: one 1,200 MB where Veille has 1,500 MB"
    ]
