"""What was checked is what is read: files that are replaced, written to, or no files at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indexer.checked_files import checked_files
from indexer.errors import IndexDamaged
from indexer.manifest import FileSum
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


def test_a_pipe_does_not_make_us_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    described = {"pipe": FileSum("0" * 64, 0)}
    with pytest.raises(IndexDamaged, match="pipe"), checked_files(tmp_path, described):
        pass


@pytest.mark.parametrize("name", ["../elsewhere", "/etc/passwd", "a/b", ""])
def test_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(IndexDamaged, match="lists"), checked_files(tmp_path, {name: FileSum("0" * 64, 0)}):
        pass
