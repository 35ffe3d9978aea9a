"""Builds from sources that hold one article twice, and from columns with other names."""

from __future__ import annotations

from pathlib import Path

from corpus.readers import ReadOptions
from indexer.build import build
from indexer.encoder import Encoder
from tests.corpus import samples


def test_one_run_over_two_feeds_gives_what_two_runs_give(tmp_path: Path, encoder: Encoder) -> None:
    older, newer = tmp_path / "older.rss", tmp_path / "newer.rss"
    older.write_bytes(samples.rss().replace(b"Stretch", b"Testing"))
    newer.write_bytes(samples.rss())
    first = build([str(newer)], tmp_path / "i", encoder=encoder, quiet=True)
    again = build([older, str(newer)], tmp_path / "i", encoder=encoder, quiet=True)
    assert (first.articles, again.changes.changed, again.embedded) == (2, 0, 0)
    assert again.read.warnings == {"replaced": 1}
    assert again.read.read == first.articles == 2


def test_columns_with_other_names(tmp_path: Path, encoder: Encoder) -> None:
    table = tmp_path / "a.csv"
    table.write_text("titre;corps\nUn titre;Un texte.\n")
    reading = ReadOptions(columns={"text": "corps", "title": "titre"})
    assert build([table], tmp_path / "i", encoder=encoder, quiet=True, reading=reading).articles == 1
