"""What was checked is what is read: files that are replaced, written to, or no files at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.checked_files import checked_files
from indexer.errors import IndexDamaged
from indexer.manifest import PART, FileSum
from indexer.vectors import VectorIndex

VECTORS = np.eye(8, dtype=np.float32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    VectorIndex.build(VECTORS).save(tmp_path / "vectors.faiss")
    return tmp_path / "vectors.faiss"


def test_faiss_reads_what_was_checked_though_another_file_takes_its_name(file: Path, tmp_path: Path) -> None:
    checking = checked_files(tmp_path, {file.name: FileSum.of(file)})
    opened = checking.__enter__()
    (tmp_path / "other").write_bytes(b"IxFI" + os.urandom(500))
    (tmp_path / "other").replace(file)
    found = VectorIndex.open(file, opened[file.name])
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss.*changed"):
        checking.__exit__(None, None, None)
    assert np.array_equal(found.vectors(np.arange(8)), VECTORS)
    assert found.search(VECTORS[2:3], 1)[0][1].tolist() == [2]


@pytest.mark.parametrize("change", [None, lambda content: b"x" + content[1:], lambda content: content + b"x"])
def test_a_file_that_changes_meanwhile(file: Path, tmp_path: Path, change: Callable[[bytes], bytes] | None) -> None:
    checking = checked_files(tmp_path, {file.name: FileSum.of(file)}, lazy={file.name})
    checking.__enter__()
    content = file.read_bytes()
    file.unlink()
    if change:
        file.write_bytes(change(content))
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss.*changed"):
        checking.__exit__(None, None, None)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Return a file of three parts, the last of one byte."""
    file = tmp_path / "large"
    file.touch()
    os.truncate(file, 2 * PART + 1)
    return file


@pytest.mark.parametrize("place", [0, PART - 1, PART, 2 * PART])
def test_every_part_of_a_large_file_is_checked(large: Path, place: int) -> None:
    expected = FileSum.of(large)
    assert len(expected.parts) == 3
    with checked_files(large.parent, {large.name: expected}):
        pass
    with large.open("r+b") as stream:
        stream.seek(place)
        stream.write(b"x")
    with (
        pytest.raises(IndexDamaged, match="large.*sha256 differs"),
        checked_files(large.parent, {large.name: expected}),
    ):
        pass
    # A manifest that tells no parts, or not all of them, still has the sum of the whole.
    for parts in ((), expected.parts[:2]):
        partly = {large.name: replace(expected, parts=parts)}
        with pytest.raises(IndexDamaged, match="large.*sha256 differs"), checked_files(large.parent, partly):
            pass


def test_the_sum_of_the_whole_is_what_other_tools_say(large: Path, file: Path) -> None:
    for each in (large, file):
        assert FileSum.of(each).sha256 == hashlib.sha256(each.read_bytes()).hexdigest()
    assert FileSum.of(file).parts == ()


def test_a_pipe_does_not_make_us_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    described = {"pipe": FileSum("0" * 64, 0)}
    with pytest.raises(IndexDamaged, match="pipe"), checked_files(tmp_path, described):
        pass


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/passwd", "a/b", ""])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(IndexDamaged, match="lists"), checked_files(tmp_path, {name: FileSum("0" * 64, 0)}):
        pass
