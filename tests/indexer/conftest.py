"""A file of two articles, and an index over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.build import build
from indexer.encoder import Encoder
from tests.indexer.articles import MUSK, RUBY, write


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Return a file of two articles."""
    return write(
        tmp_path / "a.jsonl",
        [
            {"id": "musk", "text": MUSK, "lang": "fr", "source": "S1", "title": "Menace"},
            {"id": "ruby", "text": RUBY, "lang": "en", "source": "S2", "published": "2024-12-25"},
        ],
    )


@pytest.fixture
def index(tmp_path: Path, source: Path, encoder: Encoder) -> Path:
    """Return the folder of an index over `source`."""
    build([source], tmp_path / "index", encoder=encoder, quiet=True)
    return tmp_path / "index"
