"""What is indexed and asked: files that every peer reads, made once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from benchmarks.peers.drivers import ARTICLES, TEXTS, Text, read
from benchmarks.quality import DATA
from indexer.embedded import embedded_text, embedded_title
from indexer.encoders import load_encoder
from indexer.generation import Generation
from search_api.evaluation.benchmark import Benchmark

QUESTIONS = "questions.jsonl"
_AT_ONCE = 256


def news(folder: Path, count: int) -> Path:
    """Write `count` articles of technews, evenly over its files, into `folder`; return it."""
    lines: list[str] = []
    for file in sorted((DATA / "technews").glob("*.jsonl")):
        lines += file.read_text(encoding="utf-8").splitlines(keepends=True)
    _write(folder / ARTICLES, _spread(lines, count))
    return folder


def cut(index: Path, folder: Path) -> None:
    """Write what Veille embeds, without prompts, of every passage in its index, into `folder`."""
    _write(folder / TEXTS, (json.dumps(text._asdict(), ensure_ascii=False) + "\n" for text in _passages(index)))


def documents(benchmark: Benchmark, folder: Path) -> Path:
    """Write the documents and the questions of a benchmark into `folder`; return it."""
    _write(folder / ARTICLES, (json.dumps(record, ensure_ascii=False) + "\n" for record in benchmark.documents))
    texts = (json.dumps(text._asdict(), ensure_ascii=False) + "\n" for text in read(folder / ARTICLES))
    _write(folder / TEXTS, texts)
    asked = (json.dumps({"id": query.id, "text": query.text}, ensure_ascii=False) + "\n" for query in benchmark.queries)
    _write(folder / QUESTIONS, asked)
    return folder


def headlines(file: Path, count: int) -> Path:
    """Write `count` headlines in all languages into `file`, to be asked; return it."""
    lines = (DATA / "crosslingual/debian_headlines/queries.jsonl").read_text(encoding="utf-8").splitlines()
    records = (json.loads(line) for line in _spread(lines, count))
    asked = (json.dumps({"id": record["_id"], "text": record["text"]}, ensure_ascii=False) + "\n" for record in records)
    _write(file, asked)
    return file


def _spread(lines: list[str], count: int) -> list[str]:
    return [lines[place * len(lines) // count] for place in range(min(count, len(lines)))]


def _passages(index: Path) -> Iterator[Text]:
    encoder = load_encoder(quiet=True)
    with closing(Generation.open(index)) as generation:
        facts = generation.facts
        for start in range(0, generation.vectors.count, _AT_ONCE):
            passages = facts.passages(range(start, min(start + _AT_ONCE, generation.vectors.count)))
            articles = facts.articles({passage.article_row for passage in passages})
            titles = {row: embedded_title(encoder, article.title) for row, article in articles.items()}
            for passage in passages:
                text = articles[passage.article_row].text[passage.start : passage.end]
                yield Text(passage.id, embedded_text(titles[passage.article_row], text))


def _write(file: Path, lines: Iterable[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.writelines(lines)
    part.rename(file)
