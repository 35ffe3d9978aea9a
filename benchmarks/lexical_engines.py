"""Engines of benchmarks/lexical.py: each builds an index of texts in a folder, and finds ten rows for a question."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from corpus import terms
from indexer.words import WordIndex

Search = Callable[[str], list[int]]
TOP = 10


@dataclass(frozen=True, slots=True)
class Engine:
    """A way to index texts: `build` writes into a folder, `open` makes it searchable, for so many texts."""

    name: str
    build: Callable[[list[str], Path], None]
    open: Callable[[Path, int], Search]


def needed(peer: str) -> Any:
    """Import a library that is compared, or say how to get it."""
    try:
        return import_module(peer)
    except ImportError as error:
        raise SystemExit(f'{peer} is missing: pip install -e ".[peers]", or leave it out with --only') from error


def indexed_terms(text: str, *, capitals: bool = True) -> Iterator[str]:
    """Yield what WordIndex indexes."""
    for word in terms.words(text):
        yield from word.terms
        for part in word.parts:
            yield from part.terms
    yield from terms.pairs(text, capitals=capitals)


def asked_terms(query: str) -> list[str]:
    """Return what a question is looked up by, each once."""
    return list(dict.fromkeys(indexed_terms(query, capitals=False)))


def asked_words(query: str) -> list[str]:
    """Return words as they stand between spaces, which engines take as phrases of their parts, and those parts."""
    words = [word.replace('"', " ").replace("\\", " ").strip() for word in query.split()]
    return [word for word in dict.fromkeys([*words, *re.findall(r"\w+", query)]) if re.search(r"\w", word)]


def asked_trigrams(query: str) -> list[str]:
    """Return words whole, and every three characters in a row of each."""
    words = asked_words(query)
    return list(dict.fromkeys([*words, *(word[at : at + 3] for word in words for at in range(len(word) - 2))]))


def build_words(texts: list[str], folder: Path) -> None:
    """Build Veille's own."""
    WordIndex.build(texts).save(folder)


def open_words(folder: Path, count: int) -> Search:
    """Search by the part of the question that a passage has and by names, scoring all passages as fusion needs it."""
    index = WordIndex.open(folder, count)

    def search(query: str) -> list[int]:
        match = index.match(query)
        scores = match.coverage + match.names
        best = np.argpartition(-scores, TOP)[:TOP]
        return [int(row) for row in best[np.argsort(-scores[best], kind="stable")] if scores[row] > 0]

    return search


def build_tantivy(texts: list[str], folder: Path, *, own: bool) -> None:
    """Index with tantivy's default tokenizer, or terms as they are."""
    tantivy = needed("tantivy")
    kind = {} if own else {"tokenizer_name": "raw", "index_option": "freq"}
    schema = tantivy.SchemaBuilder().add_text_field("text", **kind)
    index = tantivy.Index(schema.add_integer_field("row", fast=True).build(), path=str(folder))
    writer = index.writer(num_threads=1)
    for row, text in enumerate(texts):
        document = tantivy.Document(row=row)
        if own:
            document.add_text("text", text)
        else:
            tokens = [tantivy.Token(term, place, 0, 0) for place, term in enumerate(indexed_terms(text))]
            document.add_pre_tokenized_text("text", tantivy.PreTokenizedString("", tokens))
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


def open_tantivy(folder: Path, count: int, *, own: bool, scoring_all: bool = False) -> Search:
    """Search for any of the words or terms; with the scores of all that match, as fusion needs them, or the best."""
    tantivy = needed("tantivy")
    index = tantivy.Index.open(str(folder))
    searcher = index.searcher()

    def asked(query: str) -> Any:
        if own:
            return index.parse_query(" ".join(f'"{word}"' for word in asked_words(query)), ["text"])
        looked_up = [tantivy.Query.term_query(index.schema, "text", term, "freq") for term in asked_terms(query)]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in looked_up])

    def search(query: str) -> list[int]:
        hits = searcher.search(asked(query), count if scoring_all else TOP, count=False).hits
        return searcher.fast_field_values("row", [address for _, address in hits])[:TOP]

    return search


def build_bm25s(texts: list[str], folder: Path, *, own: bool) -> None:
    """Index with bm25s' default tokenizer, or terms."""
    bm25s = needed("bm25s")
    tokens = bm25s.tokenize(texts, show_progress=False) if own else [list(indexed_terms(text)) for text in texts]
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    index.save(folder, show_progress=False)


def open_bm25s(folder: Path, count: int, *, own: bool) -> Search:
    """Search with the scores mapped from disk."""
    bm25s = needed("bm25s")
    index = bm25s.BM25.load(folder, mmap=True)

    def search(query: str) -> list[int]:
        tokens = bm25s.tokenize(query, return_ids=False, show_progress=False)[0] if own else asked_terms(query)
        rows, scores = index.retrieve([tokens], k=TOP, show_progress=False)
        return [int(row) for row, score in zip(rows[0], scores[0], strict=True) if score > 0]

    return search


def as_token(term: str) -> str:
    """Write a term so that FTS5's ascii tokenizer, which parts words at ASCII marks, leaves it whole."""
    return re.sub(r"[\x00-/:-@\[-`{-\x7f]", lambda mark: chr(0x2400 + ord(mark[0])), term)


def build_fts5(texts: list[str], folder: Path, *, tokenizer: str) -> None:
    """Index without keeping the text."""
    with sqlite3.connect(folder / "fts5.db") as base:
        base.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='{tokenizer}')")
        made: Iterable[str] = texts
        if tokenizer == "ascii":
            made = (" ".join(map(as_token, indexed_terms(text))) for text in texts)
        base.executemany("INSERT INTO words(rowid, text) VALUES (?, ?)", enumerate(made))
        base.execute("INSERT INTO words(words) VALUES ('optimize')")
    base.close()


def open_fts5(folder: Path, count: int, *, asked: Callable[[str], list[str]]) -> Search:
    """Search for any of what a question is cut into."""
    base = sqlite3.connect(folder / "fts5.db")

    def search(query: str) -> list[int]:
        match = " OR ".join(f'"{word}"' for word in asked(query))
        found = base.execute("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?", (match, TOP))
        return [row for (row,) in found] if match else []

    return search


def fts5(name: str, tokenizer: str, asked: Callable[[str], list[str]]) -> Engine:
    """Return FTS5 with a tokenizer."""
    return Engine(f"FTS5 {name}", partial(build_fts5, tokenizer=tokenizer), partial(open_fts5, asked=asked))


ENGINES = (
    Engine("Veille", build_words, open_words),
    Engine("tantivy", partial(build_tantivy, own=True), partial(open_tantivy, own=True)),
    Engine("tantivy terms", partial(build_tantivy, own=False), partial(open_tantivy, own=False)),
    Engine(
        "tantivy terms, all scores",
        partial(build_tantivy, own=False),
        partial(open_tantivy, own=False, scoring_all=True),
    ),
    Engine("bm25s", partial(build_bm25s, own=True), partial(open_bm25s, own=True)),
    Engine("bm25s terms", partial(build_bm25s, own=False), partial(open_bm25s, own=False)),
    fts5("unicode61", "unicode61 remove_diacritics 2", asked_words),
    fts5("trigram", "trigram", asked_words),
    fts5("trigram any", "trigram", asked_trigrams),
    fts5("terms", "ascii", lambda query: [as_token(term) for term in asked_terms(query)]),
)
