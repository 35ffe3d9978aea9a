"""A very small index, for tests that care little about what is in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.encoder import Encoder
from search_api import SearchEngine
from tests.search_api.serving import write_articles


@pytest.fixture(scope="session")
def tiny_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over two articles."""
    folder = tmp_path_factory.mktemp("small")
    build([write_articles(folder / "articles.jsonl")], folder / "index", encoder=encoder, quiet=True)
    return folder / "index"


@pytest.fixture(scope="session")
def tiny_engine(tiny_index: Path) -> Iterator[SearchEngine]:
    """Return an engine over it."""
    with SearchEngine.open(tiny_index) as opened:
        yield opened
