"""Two articles, and what writes articles and opens an index."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from indexer.generation import Generation

MUSK = "Elon Musk menace Microsoft. Il parle d’une action en justice."
RUBY = "Ruby 3.4 has been released. It brings a new parser."


def write(file: Path, records: Iterable[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")
    return file


def opened(index: Path) -> Generation:
    found = Generation.open(index)
    found.close()
    return found
