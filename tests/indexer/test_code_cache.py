"""The cache of codes: what went in comes out, and torn or damaged records are as good as none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.cache import KEY_BYTES, key_of
from indexer.code_cache import CodeCache
from indexer.codes import Codes

KEYS = [key_of(text) for text in ("a", "b", "c")]
CODES = [np.arange(4 * count, dtype=np.uint8).reshape(count, 4) for count in (3, 0, 2)]
HEAD = KEY_BYTES + 8
# Where the codes of the first record begin, and those of the last.
FIRST, LAST = HEAD, 3 * HEAD + 12


def opened(folder: Path) -> CodeCache:
    # Four bytes a token: one of bits, and what is kept besides.
    return CodeCache(folder, "f00d", 8)


def filled(folder: Path) -> Path:
    opened(folder).put_many(zip(KEYS, CODES, strict=True))
    (file,) = folder.iterdir()
    return file


def found(folder: Path) -> list[list[list[int]] | None]:
    return [None if codes is None else codes.tolist() for codes in opened(folder).get_many(KEYS)]


def listed(codes: list[Codes]) -> list[list[list[int]] | None]:
    return [own.tolist() for own in codes]


def test_kept_across_openings(tmp_path: Path) -> None:
    filled(tmp_path)
    cache = opened(tmp_path)
    last, other, first, none = cache.get_many([KEYS[2], key_of("other"), KEYS[0], KEYS[1]])
    assert other is None
    assert np.array_equal(last, CODES[2])
    assert np.array_equal(first, CODES[0])
    assert none is not None
    assert none.shape == (0, 4)
    assert (KEYS[0] in cache, key_of("other") in cache) == (True, False)


def test_an_empty_cache_knows_nothing(tmp_path: Path) -> None:
    assert opened(tmp_path).get_many(KEYS) == [None, None, None]
    assert opened(tmp_path).get_many([]) == []


def test_what_is_put_later_is_found_beside_the_rest(tmp_path: Path) -> None:
    cache = opened(tmp_path)
    for key, codes in zip(KEYS, CODES, strict=True):
        cache.put_many([(key, codes)])
    assert found(tmp_path) == listed(CODES)
    assert np.array_equal(cache.get_many(KEYS[2:])[0], CODES[2])


@pytest.mark.parametrize("lost", [1, 8, 9, 20, 47])
def test_a_torn_record_is_cut_off_and_written_again(tmp_path: Path, lost: int) -> None:
    file = filled(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-lost])
    assert found(tmp_path) == [*listed(CODES[:2]), None]
    assert file.read_bytes() == whole[: LAST - HEAD]
    opened(tmp_path).put_many([(KEYS[2], CODES[2])])
    assert file.read_bytes() == whole
    assert found(tmp_path) == listed(CODES)


@pytest.mark.parametrize(("place", "row"), [(FIRST + 5, 0), (LAST, 2), (LAST - 1, 2)])
def test_a_flipped_bit_is_noticed_and_mended(tmp_path: Path, place: int, row: int) -> None:
    file = filled(tmp_path)
    data = bytearray(file.read_bytes())
    data[place] ^= 4
    file.write_bytes(data)
    expected = listed(CODES)
    expected[row] = None
    assert found(tmp_path) == expected
    opened(tmp_path).put_many([(KEYS[row], CODES[row])])
    assert found(tmp_path) == listed(CODES)


@pytest.mark.parametrize(("byte", "value"), [(2, 1), (0, 2), (0, 4)])  # 65,539 tokens, two, four
def test_a_wrong_count_costs_one_record(tmp_path: Path, byte: int, value: int) -> None:
    file = filled(tmp_path)
    data = bytearray(file.read_bytes())
    data[KEY_BYTES + byte] = value
    file.write_bytes(data)
    expected = listed(CODES)
    expected[0] = None
    assert found(tmp_path)[0] is None
    assert found(tmp_path)[2] == expected[2]
    opened(tmp_path).put_many(zip(KEYS, CODES, strict=True))
    assert found(tmp_path) == listed(CODES)


def test_encoders_do_not_mix(tmp_path: Path) -> None:
    filled(tmp_path)
    assert CodeCache(tmp_path, "beef", 32).get_many(KEYS) == [None, None, None]
