"""How much room a build needs, and what is said where there is less."""

from __future__ import annotations

import errno
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from indexer.draft import Draft
from indexer.encoder import Encoder
from indexer.errors import IndexUnwritable, NoRoom
from indexer.generation import Generation
from indexer.recipe import Recipe
from indexer.removals import Removals
from indexer.space import check_room, needed, writing


def folder_size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def test_the_estimate_is_near_what_a_build_takes(small_index: Path, encoder: Encoder) -> None:
    opened = Generation.open(small_index)
    opened.close()
    manifest = opened.manifest
    recipe = Recipe.behind(manifest)
    articles = Generation.open(small_index)
    size = sum(
        len(json.dumps({"text": a.text, "title": a.title, "id": a.id}, ensure_ascii=False).encode())
        for a in articles.facts.articles(range(manifest.articles)).values()
    )
    articles.close()
    cache = folder_size(small_index / "cache")
    generation = folder_size(opened.directory)
    first = needed(size, manifest.articles, None, recipe, 384, 0)
    assert generation + cache < first < 3 * (generation + cache) + (4 << 20)
    # A new generation of the same articles: nothing has to be embedded.
    again = needed(0, 0, manifest, recipe, 384, cache)
    assert generation < again < 2 * generation + (4 << 20)
    lean = Recipe.of(
        encoder, with_title=True, budget=120, plain=False, keep_codes=False, keep_boilerplate=False, memory=0
    )
    assert needed(size, manifest.articles, None, lean, 384, 0) < first


def test_no_room(tmp_path: Path, encoder: Encoder) -> None:
    recipe = Recipe.of(
        encoder, with_title=True, budget=120, plain=False, keep_codes=True, keep_boilerplate=False, memory=0
    )
    with Draft(None, Removals(tmp_path)) as draft:
        check_room(tmp_path, tmp_path / "cache", draft, None, recipe, 384)
        # A vector so wide that one article fills any disk.
        width = shutil.disk_usage(tmp_path).total
        (tmp_path / "a.jsonl").write_text('{"text": "Une phrase."}\n')
        draft.take([tmp_path / "a.jsonl"], on_error="stop", quiet=True)
        with pytest.raises(NoRoom, match=r"needs about [\d,]+ MiB, [\d,]+ MiB are free") as caught:
            check_room(tmp_path, tmp_path / "cache", draft, None, recipe, width)
    assert "--lean" in caught.value.remedy


def test_what_the_system_says_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoRoom, match=r"No space left.*MiB are free"), writing(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(IndexUnwritable, match="Read-only") as caught, writing(tmp_path):
        raise OSError(errno.EROFS, "Read-only file system")
    assert not isinstance(caught.value, NoRoom)


def test_a_database_that_is_full(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "full.sqlite")
    connection.execute("CREATE TABLE t (x)")
    connection.execute("PRAGMA max_page_count = 4")
    with pytest.raises(NoRoom, match="full"), writing(tmp_path):
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 3_000,)] * 10)
    connection.close()
