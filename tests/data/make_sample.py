"""Make the two samples that lie beside this file, out of the shared data: the same bytes each time.

python -m tests.data.make_sample      reads VEILLE_SHARED (default ../shared)

What may be copied here, and what each folder holds, stands in its LICENCE.md.
"""

from __future__ import annotations

import csv
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data"

LANGUAGES = ("ar", "de", "en", "es", "ru", "tr", "zh")
# Whole articles of five paragraphs each, some on neighbouring matters, or the right paragraph would be too easy to tell
# from the others: Luther, Huguenots, Methodists; Genghis Khan, the Yuan dynasty; Harvard, the University of Chicago.
ARTICLES = (30, 50, 225, 125, 180, 155, 175)
PARAGRAPHS = {f"p{first + step:03d}" for first in ARTICLES for step in range(5)}
EVERY_QUESTION = 2

# Older news of Debian is under another licence.
PERMISSIVE_SINCE = "2012-01-25"
# Of stories that are not in the benchmark, each third that was translated this often.
TRANSLATIONS = 5
EVERY_STORY = 3

Record = dict[str, Any]


def main() -> None:
    """Write both samples."""
    make_xquad(SHARED, HERE / "xquad")
    make_debian(SHARED, HERE / "debian")


def make_xquad(shared: Path, folder: Path) -> None:
    """Write some paragraphs of XQuAD, each second of their questions, and the sentences that answer."""
    source = shared / "crosslingual" / "xquad"
    corpus = [
        r for r in _records(source / "corpus.jsonl") if r["lang"] in LANGUAGES and _number(r["_id"]) in PARAGRAPHS
    ]
    kept = {record["_id"] for record in corpus}
    judged = [row for row in _rows(source / "qrels.tsv") if row["corpus-id"] in kept]
    asked = sorted({_number(row["query-id"]) for row in judged})[::EVERY_QUESTION]
    queries = [r for r in _records(source / "queries.jsonl") if r["lang"] in LANGUAGES and _number(r["_id"]) in asked]
    ids = {record["_id"] for record in queries}
    _write(folder, corpus, queries, [row for row in judged if row["query-id"] in ids])
    answers = [row for row in _rows(source / "answers.tsv") if row["query-id"] in ids and row["corpus-id"] in kept]
    _write_rows(folder / "answers.tsv", answers)


def make_debian(shared: Path, folder: Path) -> None:
    """Write stories that may be copied, in all their translations: the benchmark's, and some more."""
    benchmark = {record["_id"] for record in _records(shared / "crosslingual" / "debian_headlines" / "corpus.jsonl")}
    articles = _records(shared / "technews" / "debian_weekly.jsonl")
    headlines = Counter(article["title"] for article in articles)
    stories: dict[str, list[Record]] = defaultdict(list)
    for article in articles:
        if (article["published"] or "") >= PERMISSIVE_SINCE:
            stories[article["parallel_id"]].append(article)
    ours = {story for story, versions in stories.items() if any(version["id"] in benchmark for version in versions)}
    others = sorted(story for story, versions in stories.items() if len(versions) >= TRANSLATIONS and story not in ours)
    corpus, queries, judged = [], [], []
    for story in sorted({*ours, *others[::EVERY_STORY]}):
        versions = stories[story]
        corpus += [{"_id": v["id"], "title": "", "text": v["text"], "lang": v["lang"]} for v in versions]
        for version in versions:
            # A headline that occurs again, or that the translator left as it was, asks for nothing in particular.
            if headlines[version["title"]] == 1:
                query = f"q-{version['id']}"
                queries.append({"_id": query, "text": version["title"], "lang": version["lang"]})
                judged += [{"query-id": query, "corpus-id": other["id"], "score": "1"} for other in versions]
    _write(folder, corpus, queries, judged)


def _write(folder: Path, corpus: list[Record], queries: list[Record], judged: list[dict[str, str]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, records in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        (folder / name).write_text("".join(lines), encoding="utf-8")
    _write_rows(folder / "qrels.tsv", judged)


def _write_rows(file: Path, rows: list[dict[str, str]]) -> None:
    lines: Iterable[Iterable[str]] = (rows[0].keys(), *(row.values() for row in rows))
    file.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def _records(file: Path) -> list[Record]:
    with file.open(encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def _number(name: str) -> str:
    """Return p003 for de-p003: what is the same in all languages."""
    return name.split("-", 1)[1]


if __name__ == "__main__":
    main()
