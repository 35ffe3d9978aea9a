"""Packed files: cut, damaged, padded, bombs."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest
import zstandard

from corpus.errors import SourceError
from corpus.readers import ReadReport, compression, read
from tests.corpus import samples

LINES = "".join(f'{{"id": "{number}", "text": "Text {number * 7919} of many."}}\n' for number in range(5000)).encode()
PACKINGS = samples.packed(LINES)


@pytest.mark.parametrize("suffix", PACKINGS)
def test_what_a_cut_file_still_holds_is_read_and_the_cut_is_told(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.jsonl{suffix}"
    file.write_bytes(PACKINGS[suffix][: len(PACKINGS[suffix]) * 9 // 10])
    report = ReadReport()
    articles = list(read(file, on_error="skip", report=report))
    assert len(articles) == report.read
    assert report.by_kind == {"truncated": 1}
    assert report.first == [f"{file}: it ends in the middle of packed data. Fetch it again or leave it out"]
    with pytest.raises(SourceError, match="middle of packed data"):
        list(read(file))


@pytest.mark.parametrize("suffix", PACKINGS)
def test_a_damaged_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"a.jsonl{suffix}"
    content = bytearray(PACKINGS[suffix])
    content[20:60] = bytes(40)
    file.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        list(read(file))
    assert caught.value.kind == "compression"


@pytest.mark.parametrize("suffix", PACKINGS)
def test_several_members_and_padding(tmp_path: Path, suffix: str) -> None:
    parts = [samples.packed(line)[suffix] for line in LINES.splitlines(keepends=True)[:50]]
    file = tmp_path / f"a.jsonl{suffix}"
    file.write_bytes(b"".join(parts) + bytes(1000))
    assert [article.id for article in read(file)] == [str(number) for number in range(50)]


def test_what_is_called_packed_must_be(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    for content in (LINES, b""):
        file.write_bytes(content)
        with pytest.raises(SourceError, match="it is not packed"):
            list(read(file))


def test_what_is_packed_need_not_be_called_so(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(PACKINGS[".gz"])
    assert len(list(read(file))) == 5000


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.html", "a.parquet", "a.warc"])
def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, suffix: str) -> None:
    """A small bomb and a small bound stand for large ones."""
    monkeypatch.setattr(compression, "HARMLESS", 4 << 20)
    begun = {"a.parquet": b"PAR1", "a.warc": b"WARC/1.0\r\nWARC-Type: ", "a.csv": b"text\n"}.get(name, b"")
    bomb = begun + bytes(64 << 20)
    file = tmp_path / (name + suffix)
    file.write_bytes(gzip.compress(bomb) if suffix == ".gz" else zstandard.compress(bomb))
    with pytest.raises(SourceError) as caught:
        list(read(file))
    assert caught.value.kind == "too-large"


def test_a_bomb_of_many_members_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "HARMLESS", 4 << 20)
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(b"\n" * (1 << 20)) * 64)
    with pytest.raises(SourceError, match="no text does"):
        list(read(file))


def test_zlib_gives_no_more_than_expected_at_once() -> None:
    """The bound in memory rests on this: 512 bytes give at most 16 MiB, whatever packed them."""
    zeros = bytes(1 << 26)
    for member, packed in (
        (zlib.decompressobj(31), gzip.compress(zeros)),
        (zstandard.ZstdDecompressor().decompressobj(), zstandard.compress(zeros, 19)),
    ):
        pieces = range(0, min(len(packed), 1 << 12), compression.READ_AT_ONCE)
        most = max(len(member.decompress(packed[at : at + compression.READ_AT_ONCE])) for at in pieces)
        assert most <= 16 << 20
