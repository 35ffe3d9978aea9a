"""Codes of the tokens of passages: what each means where it stands, a bit a dimension.

They say which sentence of a passage answers a question, after Khattab and Zaharia 2020, "ColBERT: Efficient and
Effective Passage Search via Contextualized Late Interaction over BERT". The encoder computes them anyway with a
passage's vector, and a bit a dimension is nearly as good for this as all of it (docs/choices.md).
Behind the bits of a token stands where it is, so that no question has to cut passages into tokens again.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged
from indexer.manifest import REBUILD

# Raise this when codes change: passages are then encoded again for them.
VERSION = 3
CODES = "tokens.codes"
STARTS = "tokens.starts.npy"
SUMS = "tokens.sums.npy"
NAMES = (CODES, STARTS, SUMS)

# Of a token, behind its bits: how much of the text lies behind it, in code points (2 bytes, little-endian), and how
# little it was to be expected (1 byte).
EXTRA = 3
_FARTHEST = 0xFFFF
# Of the surprise of a token, in nats: those of the bundled encoder reach 20.
_STEPS = 12

Codes = NDArray[np.uint8]


def pack(signs: NDArray[np.bool_], behind: NDArray[np.integer], surprise: NDArray[np.float32]) -> Codes:
    """Return the codes of tokens, uint8 (n, dimension / 8 + EXTRA).

    `signs` (n, dimension): on which side of the middle each of their numbers lies; `behind` (n,): how many code points
    of the text lie behind each; `surprise` (n,): how little each was to be expected, in nats.
    """
    places = np.clip(behind, 0, _FARTHEST).astype("<u2")[:, np.newaxis].view(np.uint8)
    weights = np.clip(np.rint(surprise * _STEPS), 0, 255).astype(np.uint8)[:, np.newaxis]
    return np.concatenate([np.packbits(signs, axis=1), places, weights], axis=1)


def bits(codes: Codes) -> NDArray[np.uint8]:
    """Return the bits alone, uint8 (n, dimension / 8)."""
    return codes[:, :-EXTRA]


def behind(codes: Codes) -> NDArray[np.int64]:
    """Return how many code points of the text lie behind each token, int64 (n,); too many to tell are 65,535."""
    return codes[:, -3] + (codes[:, -2].astype(np.int64) << 8)


def weights(codes: Codes) -> NDArray[np.float32]:
    """Return how little each token was to be expected, float32 (n,), in nats."""
    return codes[:, -1].astype(np.float32) / np.float32(_STEPS)


class TokenCodes:
    """The codes of every passage's tokens, by row: too many to check on opening; they are when first read."""

    def __init__(self, file: Path, codes: Codes, starts: NDArray[np.int64], sums: NDArray[np.uint32]) -> None:
        """Take the arrays as they are: passage i has codes[starts[i]:starts[i + 1]], of CRC-32 sums[i]."""
        self._file = file
        self._codes, self._starts, self._sums = codes, starts, sums
        self._checked = np.zeros(len(sums), bool)

    @classmethod
    def open(cls, folder: Path, count: int, dimension: int) -> TokenCodes:
        """Map what a writer wrote for `count` passages into memory. Raises IndexDamaged."""
        file = folder / CODES
        try:
            starts = np.load(folder / STARTS, allow_pickle=False)
            sums = np.load(folder / SUMS, allow_pickle=False)
            flat = np.memmap(file, np.uint8, "r") if file.stat().st_size else np.empty(0, np.uint8)
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged(f"its token codes cannot be read ({error})", where=str(folder)) from error
        width = dimension // 8 + EXTRA
        whole = starts.dtype == np.int64 and starts.shape == (count + 1,) and int(starts[-1]) * width == len(flat)
        summed = sums.dtype == np.uint32 and sums.shape == (count,)
        if not whole or not summed or starts[0] != 0 or (np.diff(starts) < 0).any():
            raise IndexDamaged("its token codes do not fit its passages", where=str(folder))
        # A memmap makes every slice of it a memmap too, which takes longer than to read it.
        return cls(file, np.asarray(flat).reshape(-1, width), starts, sums)

    def of_each(self, rows: NDArray[np.int64]) -> tuple[Codes, NDArray[np.int64]]:
        """Return the codes of some passages one after the other, and how many each has: int64 (len(rows),).

        Raises IndexDamaged.
        """
        starts, ends = self._starts[rows], self._starts[rows + 1]
        parts = [self._codes[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
        for place in np.flatnonzero(~self._checked[rows]).tolist():
            self._check(int(rows[place]), parts[place])
        return (np.concatenate(parts) if parts else self._codes[:0]), ends - starts

    def _check(self, row: int, codes: Codes) -> None:
        if zlib.crc32(codes.data) != self._sums[row]:
            problem = f"what it holds of passage {row} is not what was published"
            raise IndexDamaged(problem, REBUILD, where=str(self._file))
        self._checked[row] = True


class TokenCodesWriter:
    """Writes codes passage by passage, in the order of their rows; what is left unfinished cannot be opened."""

    def __init__(self, folder: Path) -> None:
        """Create the files."""
        self._folder = folder
        self._stream = (folder / CODES).open("wb")
        self._counts: list[int] = []
        self._sums: list[int] = []

    def __enter__(self) -> TokenCodesWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if kind is None:
            np.save(self._folder / STARTS, np.cumsum([0, *self._counts], dtype=np.int64), allow_pickle=False)
            np.save(self._folder / SUMS, np.array(self._sums, np.uint32), allow_pickle=False)

    def add(self, codes: Codes) -> None:
        """Write the codes of the next passage, uint8 (tokens, dimension / 8 + EXTRA)."""
        content = np.ascontiguousarray(codes).tobytes()
        self._stream.write(content)
        self._counts.append(len(codes))
        self._sums.append(zlib.crc32(content))
