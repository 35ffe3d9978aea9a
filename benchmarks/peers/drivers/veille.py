"""Veille itself: its command builds the index, and SearchEngine answers, as for a program that embeds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.peers.drivers import ARTICLES, Ask, Hits
from search_api import SearchEngine


def build(model: str, source: Path, folder: Path) -> None:
    """Run `veille index` on the articles. It has the weights of `model` itself."""
    command = [sys.executable, "-m", "search_api", "index", str(source / ARTICLES), "--index", str(folder), "--quiet"]
    subprocess.run(command, check=True)


def opened(model: str, folder: Path) -> Ask:
    """Open the index with the encoder that it was built with."""
    engine = SearchEngine.open(folder)

    def ask(question: str, k: int) -> Hits:
        return [(hit.article_id, hit.score) for hit in engine.search(question, k).hits]

    return ask


def ranked(model: str, folder: Path) -> Ask:
    """Answer as for `veille evaluate`: each article by itself, in the order of a search, with no text read."""
    engine = SearchEngine.open(folder)

    def ask(question: str, k: int) -> Hits:
        return next(engine.rank([question], k))

    return ask
