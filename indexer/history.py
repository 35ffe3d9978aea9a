"""What an index remembers about its articles: who holds them, and what they were before.

A revision also keeps the keys of what was embedded for it, so that nothing of it need stay in the cache once the
article is taken out (`indexer/removal.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A page that changes with every reading must not grow the index for ever.
KEPT_REVISIONS = 20

SCHEMA_SQL = """
CREATE TABLE origins (
    article INTEGER NOT NULL REFERENCES articles, origin TEXT NOT NULL, PRIMARY KEY (article, origin)
) WITHOUT ROWID;
CREATE TABLE revisions (
    article INTEGER NOT NULL REFERENCES articles, number INTEGER NOT NULL, title TEXT NOT NULL,
    content_hash TEXT NOT NULL, published TEXT, replaced TEXT NOT NULL, keys TEXT NOT NULL,
    PRIMARY KEY (article, number)
) WITHOUT ROWID;
"""
ORIGINS = "SELECT articles.id, origin FROM origins JOIN articles ON articles.row = origins.article"
REVISIONS = (
    "SELECT title, content_hash, published, replaced, keys FROM revisions WHERE article = ? ORDER BY number DESC"
)

_CARRIED = """
INSERT INTO main.revisions
SELECT own.row, r.number, r.title, r.content_hash, r.published, r.replaced, r.keys
FROM old.revisions AS r JOIN old.articles AS o ON o.row = r.article JOIN main.articles AS own ON own.id = o.id
"""
_ADDED = """
INSERT INTO main.revisions
SELECT own.row, coalesce((SELECT max(number) FROM main.revisions WHERE article = own.row), 0) + 1,
    o.title, o.content_hash, o.published, ?,
    coalesce((SELECT group_concat(hex(key), ' ') FROM old.passages WHERE article = o.row), '')
FROM old.articles AS o JOIN main.articles AS own ON own.id = o.id AND own.content_hash <> o.content_hash
"""
_TOO_OLD = """
DELETE FROM main.revisions WHERE number <= (
    SELECT max(number) FROM main.revisions AS other WHERE other.article = revisions.article
) - ?
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """What an article was until it was `replaced` (a UTC second): its title, content hash and date of publication.

    `keys` name in the cache what was embedded for it.
    """

    title: str
    content_hash: str
    published: str | None
    replaced: str
    keys: tuple[bytes, ...]


def revisions(records: Iterable[tuple[Any, ...]]) -> list[Revision]:
    """Return what the query REVISIONS found."""
    return [
        Revision(title, content, published, replaced, tuple(map(bytes.fromhex, keys.split())))
        for title, content, published, replaced, keys in records
    ]


def write_origins(connection: sqlite3.Connection, origins: Iterable[tuple[str, str]]) -> None:
    """Write (id, origin) of articles that are there already."""
    connection.executemany("INSERT INTO origins SELECT row, ? FROM articles WHERE id = ?", ((o, i) for i, o in origins))


def carry_over(connection: sqlite3.Connection, previous: Path, replaced: str) -> None:
    """Keep the revisions in `previous` of articles that are still there; what changed becomes one itself."""
    connection.commit()  # a database cannot be attached within a transaction
    connection.execute("ATTACH ? AS old", (f"{previous.resolve().as_uri()}?mode=ro&immutable=1",))
    connection.execute(_CARRIED)
    connection.execute(_ADDED, (replaced,))
    connection.execute(_TOO_OLD, (KEPT_REVISIONS,))
    connection.commit()
    connection.execute("DETACH old")
