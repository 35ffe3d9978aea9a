"""The embedding cache: what went in comes out, and torn or damaged records are as good as none."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.cache import EmbeddingCache, key_of

KEYS = [key_of(text) for text in ("a", "b", "c")]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


def opened(folder: Path) -> EmbeddingCache:
    return EmbeddingCache(folder, "f00d", 4)


def test_kept_across_openings(tmp_path: Path) -> None:
    opened(tmp_path).put_many(KEYS, VECTORS)
    found, known = opened(tmp_path).get_many([KEYS[2], key_of("other"), KEYS[0]])
    assert known.tolist() == [True, False, True]
    assert np.array_equal(found[[0, 2]], VECTORS[[2, 0]])


def test_a_torn_record_is_dropped_and_written_again(tmp_path: Path) -> None:
    opened(tmp_path).put_many(KEYS, VECTORS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-5])
    cache = opened(tmp_path)
    assert len(cache) == 2
    cache.put_many(KEYS[2:], VECTORS[2:])
    found, known = opened(tmp_path).get_many(KEYS)
    assert known.all()
    assert np.array_equal(found, VECTORS)


def test_a_flipped_bit_is_noticed(tmp_path: Path) -> None:
    opened(tmp_path).put_many(KEYS, VECTORS)
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[40] ^= 4
    file.write_bytes(data)
    assert opened(tmp_path).get_many(KEYS)[1].tolist() == [False, True, True]


def test_encoders_do_not_mix(tmp_path: Path) -> None:
    opened(tmp_path).put_many(KEYS, VECTORS)
    assert not EmbeddingCache(tmp_path, "beef", 4).get_many(KEYS)[1].any()
