"""veille evaluate: measures by hand on a small benchmark, the command as a user types it, wrong folders."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.encoder import Encoder
from search_api import SearchEngine
from search_api.evaluation.benchmark import BenchmarkError, read_benchmark
from search_api.evaluation.command import run

DOCUMENTS = [
    ("fr-1", "fr", "Elon Musk menace de poursuivre Microsoft en justice."),
    ("de-1", "de", "Elon Musk droht Microsoft mit einer Klage."),
    ("fr-2", "fr", "Une recette de tarte aux pommes pour le dimanche."),
    ("de-2", "de", "Ein Rezept für Apfelkuchen am Sonntag."),
]
QUERIES = [
    ("q1", "fr", "qui menace Microsoft"),
    ("q2", "de", "Wie backt man Apfelkuchen?"),
    ("q3", "fr", "sans réponse"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "tiny"
    place.mkdir()
    documents = [{"_id": i, "lang": lang, "text": text} for i, lang, text in DOCUMENTS]
    queries = [{"_id": i, "lang": lang, "text": text} for i, lang, text in QUERIES]
    (place / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in documents))
    (place / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    pairs = [("q1", "fr-1"), ("q1", "de-1"), ("q2", "fr-2"), ("q2", "de-2"), ("q2", "gone")]
    rows = "".join(f"{query}\t{document}\t1\n" for query, document in pairs)
    (place / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{rows}")
    return place


def test_measures_by_hand(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rankings = {
        "qui menace Microsoft": ["fr-1", "fr-2", "de-1", "de-2"],
        "Wie backt man Apfelkuchen?": ["fr-1", "de-2", "fr-2", "de-1"],
    }
    monkeypatch.setattr(
        SearchEngine, "rank", lambda self, queries, k: ([(d, 0.0) for d in rankings[q]] for q in queries)
    )
    found = run(folder, index_dir=tmp_path / "i", quiet=True)
    assert found.queries == 2
    assert found.overall["map"] == pytest.approx(((1 + 2 / 3) / 2 + (1 / 2 + 2 / 3) / 2) / 2)
    assert found.overall["mrr_at_10"] == pytest.approx(0.75)
    assert found.overall["first_right"] == 0.5
    assert found.overall["recall_at_100"] == 1
    assert found.matrix["fr"]["fr"]["first_right"] == found.matrix["fr"]["de"]["first_right"] == 1
    assert found.matrix["de"]["fr"]["mrr_at_10"] == 0.5
    assert (found.share, found.fair_share, found.share_at_languages) == pytest.approx((0.5, 0.5, (1 + 0.5) / 2))


def test_the_command(folder: Path, tmp_path: Path) -> None:
    def veille(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "search_api", "evaluate", str(folder), "--index", str(tmp_path / "i"), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=300, check=False)

    done = veille("--json", str(tmp_path / "r.json"), "--plot", str(tmp_path / "r.png"))
    assert done.returncode == 0, done.stderr
    assert "| all | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 |" in done.stdout
    found = json.loads((tmp_path / "r.json").read_text())
    assert found["settings"]["plain"] is False
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    plain = veille("--plain", "--lang", "fr", "--json", str(tmp_path / "p.json"))
    assert plain.returncode == 0, plain.stderr
    assert json.loads((tmp_path / "p.json").read_text())["documents"] == 2
    wrong = veille("--json", str(tmp_path / "nowhere" / "r.json"))
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("corpus.jsonl", "{torn"),
        ("corpus.jsonl", '{"text": "no id"}'),
        ("corpus.jsonl", "[]"),
        ("queries.jsonl", '{"_id": 7, "text": ""}'),
        ("qrels.tsv", "a b c\n1 2 3\n"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1\tfr-1\thigh\n"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\n"),
    ],
)
def test_wrong_folders(folder: Path, name: str, content: str) -> None:
    (folder / name).write_text(content)
    with pytest.raises(BenchmarkError):
        read_benchmark(folder)
    (folder / name).unlink()
    with pytest.raises(BenchmarkError):
        read_benchmark(folder)


def test_parts_of_a_benchmark(folder: Path) -> None:
    part = read_benchmark(folder, langs=["de"])
    assert [document["id"] for document in part.documents] == ["de-1", "de-2"]
    assert [query.id for query in part.queries] == ["q2"]
    assert len(read_benchmark(folder, every=2).queries) == 1


def test_an_index_of_its_own(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoder: Encoder) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert run(folder, quiet=True).overall["first_right"] == 1
    assert list((tmp_path / "cache" / "veille" / "evaluations").glob("tiny-*/current"))
