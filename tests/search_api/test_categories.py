"""Categories filter as sources do: by their exact names, any of several, an empty one for articles without."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.build import build
from indexer.encoder import Encoder
from search_api import SearchEngine
from search_api.app import create_app
from search_api.errors import QueryError
from tests.search_api.serving import write_articles

LAW = {"id": "law", "text": "Microsoft answers a complaint.", "lang": "en", "source": "Un", "category": "law"}
SPACE = {"id": "space", "text": "A probe has left for Mars.", "lang": "en", "source": "Un", "category": "Space & Sky"}


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over two articles that have a category, and two without."""
    folder = tmp_path_factory.mktemp("categories")
    build([write_articles(folder / "a.jsonl", LAW, SPACE)], folder / "index", encoder=encoder, quiet=True)
    return folder / "index"


@pytest.fixture(scope="module")
def sorted_engine(index: Path) -> Iterator[SearchEngine]:
    """Return an engine over it."""
    with SearchEngine.open(index) as opened:
        yield opened


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("law", {"law"}),
        (["law", "Space & Sky"], {"law", "space"}),
        ("", {"musk", "debian"}),
        (["", "law"], {"law", "musk", "debian"}),
        ("Law", set()),
        ((), {"law", "space", "musk", "debian"}),
    ],
)
def test_any_of_those_asked_for(sorted_engine: SearchEngine, category: str | list[str], expected: set[str]) -> None:
    found = sorted_engine.search("Microsoft", category=category)
    assert {hit.article_id for hit in found} == expected
    named = {hit.article_id: hit.category for hit in found}
    assert named.items() <= {"law": "law", "space": "Space & Sky", "musk": None, "debian": None}.items()
    assert {hit.article_id for hit in sorted_engine.similar("musk", category=category)} == expected - {"musk"}


def test_a_note_says_which_ones_there_are(sorted_engine: SearchEngine) -> None:
    notes = sorted_engine.search("Microsoft", category=["Law", "law"]).notes
    assert notes == ("no article has the category 'Law'; the index holds (none), Space & Sky, law",)
    assert sorted_engine.similar("musk", category="x").notes
    with pytest.raises(QueryError, match="category holds a int"):
        sorted_engine.search("Microsoft", category=[3])  # type: ignore[list-item]


def test_frames_and_json_have_it(sorted_engine: SearchEngine) -> None:
    found = sorted_engine.search("Mars", category="Space & Sky")
    assert found.to_frame()["category"].tolist() == ["Space & Sky"]
    assert found.to_json()["hits"][0]["category"] == "Space & Sky"


def test_over_http_and_on_the_command_line(sorted_engine: SearchEngine, index: Path) -> None:
    with TestClient(create_app(sorted_engine)) as client:
        asked = {"q": "Microsoft", "category": ["law", "Space & Sky"]}
        for answer in (client.get("/search", params=asked), client.post("/search", json=asked)):
            assert [hit["category"] for hit in answer.json()["hits"]] == ["law", "Space & Sky"]
        likes = client.get("/articles/law/similar", params={"category": "Space & Sky"})
        assert [hit["article_id"] for hit in likes.json()["hits"]] == ["space"]
    flags = ["--category", "law", "--category", "Space & Sky", "--json"]
    command = [sys.executable, "-m", "search_api", "search", "Microsoft", "--index", str(index), *flags]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [hit["category"] for hit in json.loads(printed.stdout)["hits"]] == ["law", "Space & Sky"]
