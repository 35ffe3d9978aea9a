"""The collection of one generation: its name, its fields, and what it says of itself.

Passages are its rows, by the row that they have everywhere. Its first row also says what the vectors were made with: a
description is what milvus-lite forgets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer import facts, neutral
from indexer.encoder import EncoderSpec
from indexer.manifest import FileSum, Manifest
from indexer.milvus.expression import stored
from indexer.store import Content

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

LAYOUT = 1
METRIC = "IP"
_LONGEST_TEXT = 65_535
_NUMBERS = ("article", "ordinal", "start", "end")
_TEXTS = ("passage_id", "article_id", "lang", "source", "category", "published", "about")
# Files of the generation that vectors are nothing without.
_BOUND = (facts.NAME, neutral.NAME)
_AT_ONCE = 2_000
_NAME = re.compile(r"(\d{8}T\d{6}Z)_([0-9a-f]{4,64})")


def name_of(alias: str, generation: str) -> str:
    """Return the name of a generation's collection: Milvus takes no hyphens."""
    return f"{alias}_{generation.replace('-', '_')}"


def generation_of(alias: str, name: str) -> str | None:
    """Return the generation that a collection is of, None where it is none of ours."""
    found = _NAME.fullmatch(name.removeprefix(f"{alias}_")) if name.startswith(f"{alias}_") else None
    return f"{found[1]}-{found[2]}" if found else None


def schema(dimension: int) -> CollectionSchema:
    """Return the fields."""
    from pymilvus import DataType, MilvusClient

    made = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    made.add_field("row", DataType.INT64, is_primary=True)
    made.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    for field in _NUMBERS:
        made.add_field(field, DataType.INT64)
    for field in _TEXTS:
        made.add_field(field, DataType.VARCHAR, max_length=_LONGEST_TEXT)
    return made


def rows(content: Content, about: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows in blocks, as Milvus takes them."""
    ids, _ = content.facts.articles_in_order()
    attributes = content.facts.attributes()
    for first in range(0, len(content.vectors), _AT_ONCE):
        vectors = content.vectors[first : first + _AT_ONCE]
        passages = content.facts.passages(range(first, first + len(vectors)))
        block = []
        for vector, passage in zip(vectors, passages, strict=True):
            lang, source, category, published = map(stored, attributes[passage.article_row])
            block.append(
                {
                    "row": passage.row,
                    "vector": vector,
                    "article": passage.article_row,
                    "ordinal": passage.ordinal,
                    "start": passage.start,
                    "end": passage.end,
                    "passage_id": passage.id,
                    "article_id": stored(ids[passage.article_row]),
                    "lang": lang,
                    "source": source,
                    "category": category,
                    "published": published,
                    "about": about if passage.row == 0 else "",
                }
            )
        yield block


def about_staged(folder: Path, name: str, encoder: EncoderSpec) -> str:
    """Return what the collection of a generation says of itself, while that is staged in `folder`. Raises OSError."""
    return _about(name, encoder, {file: FileSum.of(folder / file) for file in _BOUND})


def about_published(described: Manifest) -> str:
    """Return what it must say, by the manifest of the generation."""
    return _about(described.build, described.encoder, described.files)


def _about(build: str, encoder: EncoderSpec, files: dict[str, FileSum]) -> str:
    """Return build, encoder with its prompts, and which articles and which transform the vectors go with, as JSON."""
    sums = {file: files[file].sha256 for file in _BOUND}
    said = {"layout": LAYOUT, "build": build, "encoder": asdict(encoder), "files": sums}
    return json.dumps(said, sort_keys=True)
