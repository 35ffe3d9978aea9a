"""Token codes: what was written is read, passage by passage, and files that do not fit are refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer import codes
from indexer.codes import CODES, EXTRA, STARTS, Codes, TokenCodes, TokenCodesWriter
from indexer.errors import IndexDamaged

DIMENSION = 32
WIDTH = DIMENSION // 8 + EXTRA
PASSAGES = [np.arange(WIDTH * count, dtype=np.uint8).reshape(count, WIDTH) for count in (3, 0, 1)]


def written(folder: Path, passages: list[Codes]) -> Path:
    with TokenCodesWriter(folder) as writer:
        for own in passages:
            writer.add(own)
    return folder


def of(kept: TokenCodes, row: int) -> Codes:
    return kept.of_each(np.array([row]))[0]


def test_each_passage_gets_its_own_codes_back(tmp_path: Path) -> None:
    kept = TokenCodes.open(written(tmp_path, PASSAGES), 3, DIMENSION)
    for row, expected in enumerate(PASSAGES):
        assert of(kept, row).dtype == np.uint8
        assert of(kept, row).shape == expected.shape
        assert np.array_equal(of(kept, row), expected)


def test_several_passages_at_once(tmp_path: Path) -> None:
    kept = TokenCodes.open(written(tmp_path, PASSAGES), 3, DIMENSION)
    found, lengths = kept.of_each(np.array([2, 1, 0]))
    assert lengths.tolist() == [1, 0, 3]
    assert np.array_equal(found, np.concatenate([PASSAGES[2], PASSAGES[0]]))
    assert kept.of_each(np.empty(0, np.int64))[0].shape == (0, WIDTH)


def test_what_is_packed_is_told_again() -> None:
    signs = np.random.default_rng(3).random((4, DIMENSION)) > 0.5
    packed = codes.pack(signs, np.array([0, 1, 300, 1_000_000]), np.array([0, 1.25, 17.5, 99], np.float32))
    assert packed.shape == (4, WIDTH)
    assert np.array_equal(np.unpackbits(codes.bits(packed), axis=1), signs)
    assert codes.behind(packed).tolist() == [0, 1, 300, 65_535]
    assert codes.weights(packed) == pytest.approx([0, 1.25, 17.5, 255 / 12], abs=1 / 24)


def test_codes_that_are_no_array_of_their_own_are_written_as_they_read(tmp_path: Path) -> None:
    wide = np.arange(6 * WIDTH, dtype=np.uint8).reshape(3, 2 * WIDTH)
    kept = TokenCodes.open(written(tmp_path, [wide[:, ::2]]), 1, DIMENSION)
    assert np.array_equal(of(kept, 0), wide[:, ::2])


@pytest.mark.parametrize("count", [0, 2])
def test_nothing_to_write(tmp_path: Path, count: int) -> None:
    kept = TokenCodes.open(written(tmp_path, [np.empty((0, WIDTH), np.uint8)] * count), count, DIMENSION)
    assert [of(kept, row).shape for row in range(count)] == [(0, WIDTH)] * count


def test_what_was_not_finished_cannot_be_opened(tmp_path: Path) -> None:
    def interrupted() -> None:
        with TokenCodesWriter(tmp_path) as writer:
            writer.add(PASSAGES[0])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(IndexDamaged, match="cannot be read"):
        TokenCodes.open(tmp_path, 1, DIMENSION)


@pytest.mark.parametrize("lost", [1, 4, 16])
def test_truncated_codes(tmp_path: Path, lost: int) -> None:
    file = written(tmp_path, PASSAGES) / CODES
    file.write_bytes(file.read_bytes()[:-lost])
    with pytest.raises(IndexDamaged, match="do not fit"):
        TokenCodes.open(tmp_path, 3, DIMENSION)


@pytest.mark.parametrize("name", [CODES, STARTS])
def test_a_file_that_is_gone(tmp_path: Path, name: str) -> None:
    (written(tmp_path, PASSAGES) / name).unlink()
    with pytest.raises(IndexDamaged, match="cannot be read"):
        TokenCodes.open(tmp_path, 3, DIMENSION)


@pytest.mark.parametrize(
    "starts",
    [
        np.array([0, 3, 3, 5], np.int64),  # more than there is
        np.array([0, 3, 2, 4], np.int64),  # falling
        np.array([1, 3, 3, 4], np.int64),  # not from the beginning
        np.array([0, 3, 4], np.int64),  # of fewer passages
        np.array([0, 3, 3, 4], np.int32),
        np.array([[0, 3, 3, 4]], np.int64),
    ],
)
def test_starts_that_do_not_fit(tmp_path: Path, starts: np.ndarray) -> None:
    np.save(written(tmp_path, PASSAGES) / STARTS, starts)
    with pytest.raises(IndexDamaged, match="do not fit"):
        TokenCodes.open(tmp_path, 3, DIMENSION)


@pytest.mark.parametrize("content", [b"", b"not numpy", b"\x93NUMPY\x01\x00"])
def test_starts_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (written(tmp_path, PASSAGES) / STARTS).write_bytes(content)
    with pytest.raises(IndexDamaged, match="cannot be read"):
        TokenCodes.open(tmp_path, 3, DIMENSION)


def test_another_width_or_count(tmp_path: Path) -> None:
    written(tmp_path, PASSAGES)
    for count, dimension in ((3, 64), (2, DIMENSION), (4, DIMENSION)):
        with pytest.raises(IndexDamaged, match="do not fit"):
            TokenCodes.open(tmp_path, count, dimension)
