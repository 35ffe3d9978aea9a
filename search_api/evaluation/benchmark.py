"""Reads retrieval benchmarks in the layout of BEIR (Thakur et al. 2021)."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import VeilleError

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
_QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv")


class BenchmarkError(VeilleError):
    """A folder is no benchmark in BEIR's layout, or nothing is left of it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question of a benchmark. `lang` is empty where none is given."""

    id: str
    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`documents`: records for `veille index`; `relevant`: by query id, the documents that answer and how well."""

    name: str
    documents: list[dict[str, Any]]
    queries: list[Query]
    relevant: dict[str, dict[str, int]]


def read_benchmark(folder: Path, *, langs: Collection[str] = (), every: int = 1) -> Benchmark:
    """Read a folder with corpus.jsonl, queries.jsonl and qrels.

    `langs` keeps documents and queries in these languages alone; `every` each so-manieth query. Queries without
    a relevant document are left out. Raises BenchmarkError.
    """
    documents = [_document(record) for record in _records(folder / CORPUS) if _wanted(record, langs)]
    judged = _judgements(folder, {document["id"] for document in documents})
    asked = [
        Query(record["_id"], record["text"], record.get("lang") or "")
        for record in _records(folder / QUERIES)
        if _wanted(record, langs) and record["_id"] in judged
    ][::every]
    if not asked:
        raise BenchmarkError("no query with a relevant document is left", "Check --lang and qrels", where=str(folder))
    return Benchmark(folder.resolve().name, documents, asked, {query.id: judged[query.id] for query in asked})


def _document(record: dict[str, Any]) -> dict[str, Any]:
    lang = {"lang": record["lang"]} if record.get("lang") else {}
    return {"id": record["_id"], "title": record.get("title") or "", "text": record["text"], **lang}


def _wanted(record: dict[str, Any], langs: Collection[str]) -> bool:
    return not langs or record.get("lang") in langs


def _records(file: Path) -> Iterator[dict[str, Any]]:
    remedy = f"A benchmark is a folder with {CORPUS}, {QUERIES} and {_QRELS[0]}"
    return json_lines(file, ("_id", "text"), lacking="it lacks _id or text", remedy=remedy)


def json_lines(file: Path, keys: Collection[str], *, lacking: str, remedy: str) -> Iterator[dict[str, Any]]:
    """Yield the records of a file that all have a text under each of `keys`. Raises BenchmarkError, `lacking` told."""
    number = 0
    try:
        with file.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                record = json.loads(line)
                if not all(isinstance(record.get(key), str) for key in keys):
                    raise BenchmarkError(lacking, remedy, where=f"{file}:{number}")
                yield record
    except (OSError, ValueError, AttributeError) as error:
        where = f"{file}:{number}" if number else str(file)
        raise BenchmarkError(f"it cannot be read ({error})", remedy, where=where) from error


def _judgements(folder: Path, documents: set[str]) -> dict[str, dict[str, int]]:
    file = next((folder / name for name in _QRELS if (folder / name).is_file()), folder / _QRELS[0])
    found: dict[str, dict[str, int]] = {}
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t"):
                if row["corpus-id"] in documents and int(row["score"]) > 0:
                    found.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise BenchmarkError(
            f"it cannot be read ({error})",
            "Its columns are query-id, corpus-id and score, parted by tabs",
            where=str(file),
        ) from error
    return found
