"""A reranker over HTTP, on the command line and in evaluations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.app import create_app
from search_api.evaluation.command import run
from search_api.evaluation.measure import Evaluation
from search_api.reranking import Reranker
from tests.search_api.reranking.cross_encoder import QUESTION, TOP

if TYPE_CHECKING:
    pass

ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "VEILLE_INDEX"}


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """Return a benchmark of one question, whose answer is not what the reranker likes."""
    place = tmp_path / "tiny"
    place.mkdir()
    texts = {"liked": "A recipe for security.", "right": "The release of Debian 9."}
    documents = [{"_id": name, "lang": "en", "text": text} for name, text in texts.items()]
    (place / "corpus.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
    (place / "queries.jsonl").write_text(json.dumps({"_id": "q", "lang": "en", "text": "release of Debian"}) + "\n")
    (place / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tright\t1\n")
    return place


def test_http_answers_with_it_and_says_when_it_fails(
    sample_index: Path, encoder: Encoder, folder: Path, opened: Callable[[int], SearchEngine], tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder

    engine = opened(TOP)
    with TestClient(create_app(engine)) as client:
        hits = client.get("/search", params={"q": QUESTION, "k": 5}).json()["hits"]
    assert [hit["score"] for hit in hits] == [hit.score for hit in engine.search(QUESTION, 5)]
    model = CrossEncoder(str(folder), device="cpu")
    model.model.classifier.bias.data.fill_(float("nan"))
    with (
        SearchEngine(Generation.open(sample_index), encoder, reranker=Reranker(model, str(tmp_path))) as broken,
        TestClient(create_app(broken)) as client,
    ):
        answer = client.get("/search", params={"q": QUESTION})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:veille:problem:reranker-unavailable")


def _veille(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *map(str, arguments)]
    environment = ENVIRONMENT | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_command_line(
    sample_index: Path, folder: Path, opened: Callable[[int], SearchEngine], benchmark: Path
) -> None:
    line = ("search", QUESTION, "--index", sample_index, "-k", "5", "--rerank-top", str(TOP), "--json", "--reranker")
    answer = _veille(*line, folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    hits = json.loads(answer.stdout)["hits"]
    expected = opened(TOP).search(QUESTION, 5).hits
    assert [hit["article_id"] for hit in hits] == [hit.article_id for hit in expected]
    assert [hit["score"] for hit in hits] == pytest.approx([hit.score for hit in expected], rel=1e-5)
    for arguments, message in [
        ((*line, "no/where"), "the reranker 'no/where' cannot be loaded"),
        ((*line, folder, "--rerank-top", "0"), "--rerank-top"),
        (("serve", "--index", sample_index, "--port", "0", "--reranker", folder.parent), "holds no config.json"),
        (("evaluate", benchmark, "--reranker", folder.parent), "holds no config.json"),
    ]:
        wrong = _veille(*arguments)
        assert wrong.returncode == 2
        assert message in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_evaluations_rerank_and_say_with_what(benchmark: Path, folder: Path, tmp_path: Path) -> None:
    def evaluated(reranker: Path | None = None, top: int = TOP) -> Evaluation:
        name = None if reranker is None else str(reranker)
        return run(benchmark, index_dir=tmp_path / "i", reranker=name, rerank_top=top, quiet=True)

    plain, both, first = evaluated(), evaluated(folder), evaluated(folder, top=1)
    assert [found.overall["first_right"] for found in (plain, both, first)] == [1, 0, 1]
    assert [found.settings["reranker"] for found in (plain, both, first)] == [None, str(folder), str(folder)]
    assert [found.settings["rerank_top"] for found in (plain, both, first)] == [None, TOP, 1]
