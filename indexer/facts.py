"""Articles, passages and filters, in SQLite. A passage's rowid is its position in the vector index."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from corpus.passages import Passage, Span
from indexer import history
from indexer.errors import IndexDamaged
from indexer.history import Revision

NAME = "passages.sqlite"
SCHEMA_SQL = """
CREATE TABLE articles (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL, text TEXT NOT NULL, lang TEXT NOT NULL,
    source TEXT NOT NULL, url TEXT, published TEXT, category TEXT, published_from TEXT, metadata TEXT NOT NULL,
    content_hash TEXT NOT NULL, split_sentences INTEGER NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL, article INTEGER NOT NULL REFERENCES articles, ordinal INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, sentences TEXT NOT NULL, key BLOB NOT NULL
);
"""
INDEXES_SQL = """
CREATE INDEX passages_of_article ON passages (article);
CREATE INDEX articles_by_lang ON articles (lang);
CREATE INDEX articles_by_source ON articles (source);
CREATE INDEX articles_by_date ON articles (published);
CREATE INDEX articles_by_category ON articles (coalesce(category, ''));
"""
ARTICLE_FIELDS = ("id", "title", "text", "lang", "source", "url", "published", "category", "published_from")
ARTICLE_COLUMNS = ", ".join((*ARTICLE_FIELDS, "metadata"))
VARIABLES = 500
# What has no category is found under an empty one, as what has no source is. An index is made of just this.
CATEGORY = "coalesce(category, '')"


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as the index keeps it: its text is article.text[start:end].

    `key`, 32 bytes, names in the cache what was embedded for it.
    """

    row: int
    id: str
    article_row: int
    ordinal: int
    start: int
    end: int
    sentences: tuple[Span, ...]
    key: bytes


@dataclass(frozen=True, slots=True)
class Heading:
    """An article but for its text."""

    id: str
    title: str
    source: str
    lang: str
    url: str | None
    published: str | None


class Facts:
    """Read-only view of passages.sqlite. Threads may share it."""

    def __init__(self, file: Path) -> None:
        """Open the file: from now on it can be read even if it is deleted. Raises IndexDamaged."""
        self.file = file
        self._guard = threading.Lock()
        uri = f"{file.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._connection.execute("SELECT count(*) FROM sqlite_schema")  # connecting alone reads nothing
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"SQLite cannot read it ({error})", where=str(file)) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def counts(self) -> tuple[int, int]:
        """Return the number of articles and of passages. Raises IndexDamaged where rows are not 0, 1, 2, ..."""
        counts: list[int] = []
        for table in ("articles", "passages"):
            count, last = self._all(f"SELECT count(*), coalesce(max(row), -1) FROM {table}")[0]  # noqa: S608
            if last != count - 1:
                raise IndexDamaged(f"{table} has {count} rows but ends at {last}", where=str(self.file))
            counts.append(count)
        return counts[0], counts[1]

    def check(self) -> None:
        """Let SQLite read every page. Raises IndexDamaged."""
        answer = self._all("PRAGMA quick_check")[0][0]
        if answer != "ok":
            raise IndexDamaged(str(answer).splitlines()[0], where=str(self.file))

    def passages(self, rows: Sequence[int]) -> list[StoredPassage]:
        """Return the passages at `rows`, in that order. Raises IndexDamaged where one does not exist."""
        records = self._in("row, id, article, ordinal, start, end, sentences, key", "passages", "row", rows)
        found = {record[0]: _passage(record) for record in records}
        try:
            return [found[int(row)] for row in rows]
        except KeyError as error:
            raise IndexDamaged(f"passage {error} is not in it", where=str(self.file)) from error

    def article_rows(self, rows: Sequence[int]) -> list[int]:
        """Return the article of each of the passages at `rows`."""
        found = dict(self._in("row, article", "passages", "row", rows))
        return [found[row] for row in rows]

    def article_of_each(self) -> NDArray[np.int32]:
        """Return the article of every passage, by row, int32 (passages,)."""
        found = self._all("SELECT article FROM passages ORDER BY row")
        return np.fromiter((article for (article,) in found), np.int32, len(found))

    def articles_in_order(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ids and the languages of all articles, by row."""
        found = self._all("SELECT id, lang FROM articles ORDER BY row")
        return tuple(article_id for article_id, _ in found), tuple(lang for _, lang in found)

    def articles(self, rows: Iterable[int]) -> dict[int, Article]:
        """Return the articles at `rows`, by row."""
        return {row: article for row, (article, _) in self.hashed_articles(rows).items()}

    def hashed_articles(self, rows: Iterable[int]) -> dict[int, tuple[Article, str]]:
        """Return the articles at `rows` with their content hashes, by row: to compute one takes longer than to read."""
        records = self._in(f"row, content_hash, {ARTICLE_COLUMNS}", "articles", "row", list(rows))
        return {row: (_article(record), content_hash) for row, content_hash, *record in records}

    def headings(self, rows: Iterable[int]) -> dict[int, Heading]:
        """Return what stands above the articles at `rows`, by row, without reading their texts."""
        records = self._in("row, id, title, source, lang, url, published", "articles", "row", list(rows))
        return {record[0]: Heading(*record[1:]) for record in records}

    def article(self, row: int) -> Article:
        """Return the article at `row`. Raises KeyError where there is none."""
        return self.articles([row])[row]

    def texts(self, rows: Sequence[int]) -> list[str]:
        """Return the texts of the passages at `rows`, in that order, without their titles."""
        passages = self.passages(rows)
        articles = self.articles({passage.article_row for passage in passages})
        return [articles[p.article_row].text[p.start : p.end] for p in passages]

    def article_row(self, article_id: str) -> int | None:
        """Return the row of an article, or None."""
        found = self._all("SELECT row FROM articles WHERE id = ?", [article_id])
        return int(found[0][0]) if found else None

    def keys(self, first: int, last: int) -> list[bytes]:
        """Return the keys of what was embedded for the passages at rows `first` <= row < `last`."""
        return [
            key
            for (key,) in self._all("SELECT key FROM passages WHERE row >= ? AND row < ? ORDER BY row", (first, last))
        ]

    def keys_but_of(self, article_ids: Iterable[str]) -> set[bytes]:
        """Return the keys of what was embedded for all passages but those of some articles."""
        rows = {self.article_row(article_id) for article_id in article_ids}
        return {key for article, key in self._each("SELECT article, key FROM passages") if article not in rows}

    def passages_of(self, article_row: int) -> list[StoredPassage]:
        """Return the passages of an article."""
        rows = self._all("SELECT row FROM passages WHERE article = ? ORDER BY row", [article_row])
        return self.passages([row for (row,) in rows])

    def origins(self) -> Iterator[tuple[str, str]]:
        """Yield every article's id with every origin that holds it. For one thread."""
        yield from self._each(history.ORIGINS)

    def ids(self) -> Iterator[str]:
        """Yield the id of every article. For one thread."""
        yield from (article_id for (article_id,) in self._each("SELECT id FROM articles"))

    def addresses(self) -> Iterator[tuple[str, str | None]]:
        """Yield id and url of every article. For one thread."""
        yield from self._each("SELECT id, url FROM articles")

    def revisions(self, article_row: int) -> list[Revision]:
        """Return what an article was before, the latest first."""
        return history.revisions(self._all(history.REVISIONS, [article_row]))

    def versions(self) -> Iterator[tuple[int, str, str, int]]:
        """Yield row, id, content hash and split sentences of every article, by id. For one thread."""
        yield from self._each("SELECT row, id, content_hash, split_sentences FROM articles ORDER BY id")

    def content_hash(self, article_id: str) -> str | None:
        """Return the content hash of an article, or None."""
        found = self._all("SELECT content_hash FROM articles WHERE id = ?", [article_id])
        return str(found[0][0]) if found else None

    def passage_ids(self) -> set[str]:
        """Return the ids of all passages."""
        return {found for (found,) in self._each("SELECT id FROM passages")}

    def tally(self, column: str) -> dict[str, int]:
        """Return how many articles have each value of `column` ("lang", "source" or "category"), most first."""
        column = CATEGORY if column == "category" else column
        rows = self._all(f"SELECT {column}, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC, 1")  # noqa: S608
        return {str(value): int(count) for value, count in rows}

    def titles(self) -> list[str]:
        """Return the titles of all articles, by row."""
        return [title for (title,) in self._all("SELECT title FROM articles ORDER BY row")]

    def dates(self) -> tuple[str | None, str | None]:
        """Return the earliest and the latest date of publication, None where there is none."""
        first, last = self._all("SELECT min(published), max(published) FROM articles")[0]
        return first, last

    def attributes(self) -> list[tuple[str, str, str, str]]:
        """Return language, source, category and date of publication of all articles, by row; "" for none."""
        return self._all(f"SELECT lang, source, {CATEGORY}, coalesce(published, '') FROM articles ORDER BY row")  # noqa: S608

    def split_sentences(self) -> int:
        """Return how many sentences of all articles were longer than a passage may be."""
        return int(self._all("SELECT coalesce(sum(split_sentences), 0) FROM articles")[0][0])

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            with self._guard:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"SQLite cannot read it ({error})", where=str(self.file)) from error

    def _each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._connection.execute(sql)
        except sqlite3.DatabaseError as error:
            raise IndexDamaged(f"SQLite cannot read it ({error})", where=str(self.file)) from error

    def _in(self, columns: str, table: str, key: str, rows: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(rows), VARIABLES):
            values = [int(row) for row in rows[start : start + VARIABLES]]
            marks = ", ".join("?" * len(values))
            yield from self._all(f"SELECT {columns} FROM {table} WHERE {key} IN ({marks})", values)  # noqa: S608


class FactsWriter:
    """Writes a new passages.sqlite; articles and passages get rows in the order they come."""

    def __init__(self, file: Path) -> None:
        """Create the file."""
        self._connection = sqlite3.connect(file, uri=True)
        self._connection.execute("PRAGMA synchronous = OFF")  # the generation is fsynced as a whole
        self._connection.executescript(SCHEMA_SQL + history.SCHEMA_SQL)
        self._articles = 0
        self.passages = 0

    def add(
        self,
        article: Article,
        passages: Sequence[Passage | StoredPassage],
        keys: Sequence[bytes],
        split_sentences: int,
    ) -> None:
        """Write an article and its passages, with the keys of what is embedded for them."""
        own = tuple(getattr(article, field) for field in ARTICLE_FIELDS)
        metadata = json.dumps(dict(article.metadata), ensure_ascii=False, sort_keys=True)
        record = (self._articles, *own, metadata, article.content_hash, split_sentences)
        self._connection.execute(
            f"INSERT INTO articles (row, {ARTICLE_COLUMNS}, content_hash, split_sentences) "  # noqa: S608
            f"VALUES ({', '.join('?' * len(record))})",
            record,
        )
        rows = [
            (self.passages + place, p.id, self._articles, p.ordinal, p.start, p.end, json.dumps(p.sentences), key)
            for place, (p, key) in enumerate(zip(passages, keys, strict=True))
        ]
        self._connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._articles += 1
        self.passages += len(rows)

    def remember(self, origins: Iterable[tuple[str, str]], previous: Path | None, replaced: str) -> None:
        """Write which origins hold which article, and what changed articles were in `previous` until `replaced`."""
        history.write_origins(self._connection, origins)
        if previous:
            history.carry_over(self._connection, previous, replaced)

    def close(self) -> None:
        """Add the database's indexes and close it."""
        self._connection.executescript(INDEXES_SQL)
        self._connection.commit()
        self._connection.close()

    def abandon(self) -> None:
        """Close without finishing."""
        self._connection.close()


def _article(record: Sequence[Any]) -> Article:
    *fields, metadata = record
    return Article(**dict(zip(ARTICLE_FIELDS, fields, strict=True)), metadata=json.loads(metadata))


def _passage(record: tuple[Any, ...]) -> StoredPassage:
    row, passage_id, article, ordinal, start, end, spans, key = record
    return StoredPassage(row, passage_id, article, ordinal, start, end, tuple(map(tuple, json.loads(spans))), key)
