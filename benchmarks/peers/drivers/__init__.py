"""One file a peer: how its own documentation indexes texts and answers questions.

Each is a Driver. Nothing is imported here that a peer's environment might lack. Texts and questions come without
prompt: where those of the model go in is the driver's matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

QUERY, PASSAGE = "query: ", "passage: "
# In the folder of what is indexed: passages, or whole documents of a benchmark, and the articles that they are from.
TEXTS, ARTICLES = "texts.jsonl", "articles.jsonl"

Hits = list[tuple[str, float]]
"""Ids and scores, best first."""
Ask = Callable[[str, int], Hits]
"""Answers a question with so many hits."""


class Text(NamedTuple):
    """What is indexed, or asked."""

    id: str
    text: str


class Driver(Protocol):
    """What a file of this folder holds."""

    @staticmethod
    def build(model: str, source: Path, folder: Path) -> None:
        """Index the files in `source` into `folder`, which is empty, with the weights in the folder `model`."""

    @staticmethod
    def opened(model: str, folder: Path) -> Ask:
        """Return what answers questions from the index in `folder`."""


def read(file: Path) -> list[Text]:
    """Read JSON Lines of texts, or of articles: their title stands on a line before their text."""
    texts = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            title = record.get("title")
            texts.append(Text(record["id"], f"{title}\n{record['text']}" if title else record["text"]))
    return texts


def batches(texts: Sequence[Text], size: int) -> Iterator[Sequence[Text]]:
    """Yield `texts`, at most `size` at a time."""
    for start in range(0, len(texts), size):
        yield texts[start : start + size]
