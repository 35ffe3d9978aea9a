"""Where articles came from: names of sources, and what is told by what they lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.origins import covers, is_complete, origin_of


def test_a_file_has_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert origin_of(Path("a.jsonl")) == origin_of(Path("b/../a.jsonl")) == str(tmp_path / "a.jsonl")
    assert origin_of("-") == "-"
    assert origin_of("https://e.org/feed") == "https://e.org/feed"


def test_a_folder_covers_its_files_alone() -> None:
    assert covers(Path("/news"), "/news/a/b.jsonl")
    assert covers(Path("/news/a.jsonl"), "/news/a.jsonl")
    assert covers(Path("/"), "/news/a.jsonl")
    assert not covers(Path("/news"), "/news-old/a.jsonl")
    assert not covers(Path("/news/a"), "/news/a.jsonl")
    assert not covers("https://e.org", "https://e.org/feed")
    assert not covers("-", "/news/-")


@pytest.mark.parametrize("source", ["-", "https://e.org/a.jsonl", "feed.xml", "old/feed.RSS", "a.atom.gz", "b.opml"])
def test_feeds_and_pipes_are_never_complete(source: str) -> None:
    assert not is_complete(source)
    assert is_complete("a.jsonl.gz")
