"""Vectors too many for memory: what is done to all of them, with no second copy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer import neutral
from indexer.scratch import scratch

# With a copy of the vectors in FAISS's index, and a third of one besides, but not two.
WITHIN_LIMIT = """
import resource, sys
from pathlib import Path
import numpy as np
from indexer import neutral
from indexer.scratch import scratch
from indexer.vectors import VectorIndex

ROWS, DIMENSION = 80_000, 384
folder, size = Path(sys.argv[1]), 4 * ROWS * DIMENSION
random = np.random.default_rng(0)
encode = lambda texts: random.normal(size=(len(texts), DIMENSION)).astype(np.float32)
languages = ["fr" if row % 3 else "de" for row in range(ROWS)]
encode(["warm"]) @ encode(["warm"]).T
taken = next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmData"))
limit = taken + size + size // 3 + int(copies * size)
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
with scratch(folder, ROWS, DIMENSION) as vectors:
    for start in range(0, ROWS, 1_000):
        vectors[start : start + 1_000] = encode(range(1_000))
    transform = neutral.fit(vectors, languages, encode, encode)
    transform.apply(vectors, languages)
    VectorIndex.build(vectors).save(folder / "vectors")
"""


def within_limit(folder: Path, copies: float) -> subprocess.CompletedProcess[str]:
    """Do to vectors what a build does, in a process that may hold so many more copies of them."""
    code = f"copies = {copies}\n{WITHIN_LIMIT}"
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, env=environment, check=False
    )


def test_a_build_holds_its_vectors_once(tmp_path: Path) -> None:
    done = within_limit(tmp_path, 0)
    assert done.returncode == 0, done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["vectors"]


def test_the_limit_is_one(tmp_path: Path) -> None:
    done = within_limit(tmp_path, -0.9)
    assert done.returncode != 0
    assert "MemoryError" in done.stderr or "bad_alloc" in done.stderr


def test_the_file_goes_by_itself_and_holds_what_it_is_given(tmp_path: Path) -> None:
    with scratch(tmp_path, 5, 3) as vectors:
        vectors[:] = np.arange(15).reshape(5, 3)
        assert vectors.sum() == 105
        assert not list(tmp_path.iterdir())
    with scratch(tmp_path, 0, 3) as vectors:
        assert vectors.shape == (0, 3)


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No space left|File too large"), scratch(tmp_path, 1 << 40, 384):
        pass
    assert not list(tmp_path.iterdir())


def test_in_place_is_what_passages_gives() -> None:
    random = np.random.default_rng(3)
    vectors = random.normal(size=(40_000, 8)).astype(np.float32)
    languages = ["fr" if row % 3 else "de" for row in range(len(vectors))]
    encode = lambda texts: random.normal(size=(len(texts), 8)).astype(np.float32)  # noqa: E731
    transform = neutral.fit(vectors, languages, encode, encode)
    expected = transform.passages(vectors, languages)
    transform.apply(vectors, languages)
    assert np.array_equal(vectors, expected)
