"""What is remembered of addresses between runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.fetching import Validators
from corpus.fetching.memory import FetchMemory, Remembered

URL = "https://news.example/feed"
SEEN = Remembered(
    validators=Validators('"1"', "Tue, 24 Nov 2026 10:00:00 GMT"),
    entries={"a": "own 1"},
    follow=True,
    failures=2,
    rest_until=5.5,
)


def saved(file: Path) -> Path:
    memory = FetchMemory.open(file, "build-1")
    memory.note(URL, SEEN)
    memory.save("build-2")
    return file


def test_it_holds_for_the_build_that_it_was_saved_for(tmp_path: Path) -> None:
    file = saved(tmp_path / "fetched.json")
    assert FetchMemory.open(file, "build-2").of(URL) == SEEN
    for other in ("build-1", "build-3", None):
        assert FetchMemory.open(file, other).of(URL) == Remembered()
    assert [path.name for path in tmp_path.iterdir()] == ["fetched.json"]


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    file = saved(tmp_path / "fetched.json")
    before = file.stat().st_ino
    memory = FetchMemory.open(file, "build-2")
    memory.note(URL, SEEN)
    memory.save("build-2")
    assert file.stat().st_ino == before
    memory.save("build-3")
    assert file.stat().st_ino != before
    assert FetchMemory.open(file, "build-3").of(URL) == SEEN


def test_a_damaged_file_is_as_good_as_none(tmp_path: Path) -> None:
    file = saved(tmp_path / "fetched.json")
    whole = file.read_bytes()
    for size in range(0, len(whole), 7):
        file.write_bytes(whole[:size])
        assert FetchMemory.open(file, "build-2").of(URL) == Remembered()
    for content in (b"\xff\xfe", b"[]", b"null", b'"x"', b"[" * 100_000, b'{"layout": 1}'):
        file.write_bytes(content)
        assert FetchMemory.open(file, "build-2").of(URL) == Remembered()


@pytest.mark.parametrize(
    ("key", "value"),
    [("layout", 2), ("version", "0.0.1"), ("addresses", []), ("addresses", {URL: {}}), ("addresses", {URL: None})],
)
def test_a_file_of_another_kind_is_as_good_as_none(tmp_path: Path, key: str, value: object) -> None:
    file = saved(tmp_path / "fetched.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | {key: value}))
    assert FetchMemory.open(file, "build-2").of(URL) == Remembered()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    memory = FetchMemory.open(tmp_path / "no" / "fetched.json", "build-1")
    memory.note(URL, SEEN)
    with pytest.raises(OSError, match="No such file"):
        memory.save("build-1")
