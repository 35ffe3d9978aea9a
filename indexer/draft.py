"""What a build starts from: articles that are new or changed, those that the index keeps, and those that go."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal

from tqdm import tqdm

from corpus import readers
from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import Prepared, ReadOptions, ReadReport
from corpus.readers.formats import KNOWN
from corpus.readers.given import Through, directly
from indexer.changes import NAMED, Changes
from indexer.errors import IndexUnwritable
from indexer.facts import Facts
from indexer.pruning import check_complete, pruned_origins
from indexer.removals import Removals

OnError = Literal["stop", "skip"]

_SCHEMA_SQL = """
CREATE TABLE fresh (id TEXT PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE held (id TEXT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (id, origin)) WITHOUT ROWID;
CREATE TABLE before (id TEXT NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (id, origin)) WITHOUT ROWID;
CREATE TABLE pruned (origin TEXT PRIMARY KEY);
CREATE TABLE blocked (id TEXT PRIMARY KEY);
CREATE TABLE kept (id TEXT PRIMARY KEY);
"""
# Where each article is held after the run. What was read in it is held, and what only others hold stays.
_AFTER_SQL = """
CREATE TABLE after AS
SELECT id, origin FROM held UNION SELECT id, origin FROM before WHERE origin NOT IN (SELECT origin FROM pruned);
DELETE FROM after WHERE id IN (SELECT id FROM blocked);
CREATE TABLE gone AS SELECT id FROM kept WHERE id NOT IN (SELECT id FROM after);
"""
_MOVED_SQL = """
SELECT EXISTS (SELECT * FROM after EXCEPT SELECT * FROM before)
    OR EXISTS (SELECT * FROM before EXCEPT SELECT * FROM after)
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """An article that the index will hold, and its row in the one before where it is `kept` as it was."""

    article: Article
    kept: int | None = None
    split_sentences: int = 0


class Draft:
    """Holds articles on disk until they can be written in the order of their ids."""

    def __init__(self, kept: Facts | None, removals: Removals) -> None:
        """Start from the articles that `kept` holds; those that `removals` holds go, and are not taken again."""
        self._kept = kept
        self._removals = removals
        # An unnamed database lives in a temporary file that SQLite removes by itself.
        self._connection = sqlite3.connect("")
        self._connection.executescript(_SCHEMA_SQL)
        self._pruned: list[str] = []

    def __enter__(self) -> Draft:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def take(
        self,
        sources: Sequence[str | Path | Prepared],
        *,
        on_error: OnError,
        quiet: bool,
        prune: bool = False,
        reading: ReadOptions | None = None,
        through: Through = directly,
    ) -> ReadReport:
        """Read all sources; with `prune` what they no longer hold goes, where no other origin holds it.

        `through` gives what each file holds (corpus.readers.read).
        Raises SourceError for the first bad record, where there is no article, or where nothing can be pruned safely;
        IndexUnwritable where what was read does not fit into the folder for temporary files.
        """
        if prune:
            check_complete([str(source) for source in sources])
        report = ReadReport()
        seen: dict[str, str] = {}
        origins: set[str] = set()
        bar = tqdm(desc="reading", unit=" articles", disable=True if quiet else None)
        with bar, _kept_on_disk():
            for source in sources:
                for article in readers.read(
                    source, on_error=on_error, options=reading, report=report, seen=seen, through=through
                ):
                    origins.add(article.origin)
                    self._add(article)
                    bar.update()
        if report.read + report.unchanged == 0:
            names = ", ".join(str(source) for source in sources)
            reason = f" ({report.first[0]})" if report.first else ""
            raise SourceError(
                f"no article found in {names}{reason}",
                f"Give files of these formats or a folder of them: {KNOWN}",
                kind="empty",
            )
        if prune:
            known = {origin for _, origin in self._kept.origins()} if self._kept else set()
            self._pruned = pruned_origins([str(source) for source in sources], origins, known, report.damaged)
        return report

    def drop(self, article_ids: Iterable[str]) -> None:
        """Let articles go, wherever they are held."""
        self._many("INSERT OR IGNORE INTO blocked VALUES (?)", ((article_id,) for article_id in article_ids))

    def __len__(self) -> int:
        return self._count("fresh")

    def size(self) -> int:
        """Return how many bytes the new and changed articles take."""
        count: int = self._connection.execute("SELECT total(length(CAST(record AS BLOB))) FROM fresh").fetchone()[0]
        return int(count)

    def settle(self) -> Changes:
        """Decide what stays. Call once, when everything was taken; `merged` and `origins` go by it."""
        self._many("INSERT INTO pruned VALUES (?)", ((origin,) for origin in self._pruned))
        if self._kept:
            self._many("INSERT INTO before VALUES (?, ?)", self._kept.origins())
            self._many("INSERT INTO kept VALUES (?)", ((own,) for own in self._kept.ids()))
            self.drop(self._removals.among(self._kept.addresses()))
        self._connection.executescript(_AFTER_SQL)
        changed = self._count("fresh WHERE id IN (SELECT id FROM kept)")
        added = self._count("fresh") - changed
        removed = self._count("gone")
        named = self._connection.execute("SELECT id FROM gone ORDER BY id LIMIT ?", [NAMED])
        return Changes(
            added=added,
            changed=changed,
            unchanged=self._count("kept") - changed - removed,
            removed=removed,
            blocked=self._count("blocked WHERE id NOT IN (SELECT id FROM gone)"),
            gone=tuple(article_id for (article_id,) in named),
            moved=bool(self._connection.execute(_MOVED_SQL).fetchone()[0]),
        )

    @property
    def previous(self) -> Path | None:
        """The facts that it started from."""
        return self._kept.file if self._kept else None

    def origins(self) -> Iterator[tuple[str, str]]:
        """Yield the id of every article that stays, with every origin that holds it."""
        yield from self._connection.execute("SELECT id, origin FROM after")

    def merged(self) -> Iterator[Planned]:
        """Yield every article that stays, by id."""
        gone = {article_id for (article_id,) in self._connection.execute("SELECT id FROM gone")}
        fresh = self._connection.execute("SELECT id, record FROM fresh ORDER BY id")
        waiting = next(fresh, None)
        for row, article_id, _, split_sentences in self._kept.versions() if self._kept else ():
            while waiting and waiting[0] < article_id:
                yield _planned(waiting[1])
                waiting = next(fresh, None)
            if waiting and waiting[0] == article_id:
                yield _planned(waiting[1])
                waiting = next(fresh, None)
            elif article_id not in gone:
                assert self._kept is not None  # noqa: S101  # the loop runs over it
                yield Planned(self._kept.article(row), row, split_sentences)
        while waiting:
            yield _planned(waiting[1])
            waiting = next(fresh, None)

    def _add(self, article: Article) -> None:
        if self._removals.holds(article.id, article.url):
            self._connection.execute("INSERT OR IGNORE INTO blocked VALUES (?)", (article.id,))
            return
        self._connection.execute("INSERT OR IGNORE INTO held VALUES (?, ?)", (article.id, article.origin))
        if self._kept and self._kept.content_hash(article.id) == article.content_hash:
            # It may have been another version in a source read before this one.
            self._connection.execute("DELETE FROM fresh WHERE id = ?", (article.id,))
            return
        record = json.dumps(article.to_record(), ensure_ascii=False)
        self._connection.execute("INSERT OR REPLACE INTO fresh VALUES (?, ?)", (article.id, record))

    def _many(self, sql: str, rows: Iterator[tuple[str, ...]]) -> None:
        self._connection.executemany(sql, rows)

    def _count(self, what: str) -> int:
        count: int = self._connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]  # noqa: S608  # ours
        return count


def _planned(record: str) -> Planned:
    return Planned(Article(**json.loads(record)))


@contextmanager
def _kept_on_disk() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise IndexUnwritable(
            f"what was read cannot be kept in the folder for temporary files ({error})",
            "Free some space there, or name another folder in the environment variable SQLITE_TMPDIR",
            where=os.environ.get("SQLITE_TMPDIR") or tempfile.gettempdir(),
        ) from error
