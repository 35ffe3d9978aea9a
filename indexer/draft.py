"""What a build starts from: articles that are new or changed, and those that the index keeps."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Literal

from tqdm import tqdm

from corpus import readers
from corpus.article import Article
from corpus.errors import SourceError
from corpus.readers import Prepared, ReadOptions, ReadReport
from corpus.readers.formats import KNOWN
from indexer.errors import IndexUnwritable
from indexer.facts import Facts

OnError = Literal["stop", "skip"]


class Draft:
    """Holds articles on disk until they can be written in the order of their ids."""

    def __init__(self, kept: Facts | None) -> None:
        """Start from the articles that `kept` holds."""
        self._kept = kept
        # An unnamed database lives in a temporary file that SQLite removes by itself.
        self._connection = sqlite3.connect("")
        self._connection.execute("CREATE TABLE fresh (id TEXT PRIMARY KEY, record TEXT NOT NULL)")

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
        reading: ReadOptions | None = None,
    ) -> ReadReport:
        """Read all sources.

        Raises SourceError for the first bad record, or where there is no article; IndexUnwritable where they do not fit
        into the folder for temporary files.
        """
        report = ReadReport()
        seen: dict[str, str] = {}
        bar = tqdm(desc="reading", unit=" articles", disable=True if quiet else None)
        with bar, _kept_on_disk():
            for source in sources:
                for article in readers.read(source, on_error=on_error, options=reading, report=report, seen=seen):
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
        return report

    def __len__(self) -> int:
        count: int = self._connection.execute("SELECT count(*) FROM fresh").fetchone()[0]
        return count

    def merged(self) -> Iterator[tuple[Article, int | None, int]]:
        """Yield every article by id, its row in the kept index (None: new or changed) and split sentences."""
        fresh = self._connection.execute("SELECT id, record FROM fresh ORDER BY id")
        waiting = next(fresh, None)
        for row, article_id, _, split_sentences in self._kept.versions() if self._kept else ():
            while waiting and waiting[0] < article_id:
                yield _article(waiting[1]), None, 0
                waiting = next(fresh, None)
            if waiting and waiting[0] == article_id:
                yield _article(waiting[1]), None, 0
                waiting = next(fresh, None)
                continue
            assert self._kept is not None  # noqa: S101  # the loop runs over it
            yield self._kept.articles([row])[row], row, split_sentences
        while waiting:
            yield _article(waiting[1]), None, 0
            waiting = next(fresh, None)

    def _add(self, article: Article) -> None:
        if self._kept and self._kept.content_hash(article.id) == article.content_hash:
            # Where a page was read twice in this run, the last one counts.
            self._connection.execute("DELETE FROM fresh WHERE id = ?", (article.id,))
            return
        record = json.dumps(asdict(article) | {"metadata": dict(article.metadata)}, ensure_ascii=False)
        self._connection.execute("INSERT OR REPLACE INTO fresh VALUES (?, ?)", (article.id, record))


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


def _article(record: str) -> Article:
    return Article(**json.loads(record))
