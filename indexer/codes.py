"""Codes of the tokens of passages: what each means where it stands, a bit a dimension.

They say which sentence of a passage answers a question, after Khattab and Zaharia 2020, "ColBERT: Efficient and
Effective Passage Search via Contextualized Late Interaction over BERT". The encoder computes them anyway with a
passage's vector, and a bit a dimension is nearly as good for this as all of it (docs/choices.md).
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
VERSION = 1
CODES = "tokens.codes"
STARTS = "tokens.starts.npy"
SUMS = "tokens.sums.npy"
NAMES = (CODES, STARTS, SUMS)

Codes = NDArray[np.uint8]


class TokenCodes:
    """The codes of every passage's tokens, by row: too many to check on opening, so what is read is checked then."""

    def __init__(self, file: Path, codes: Codes, starts: NDArray[np.int64], sums: NDArray[np.uint32]) -> None:
        """Take the arrays as they are: passage i has codes[starts[i]:starts[i + 1]], of CRC-32 sums[i]."""
        self._file = file
        self._codes, self._starts, self._sums = codes, starts, sums

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
        width = dimension // 8
        whole = starts.dtype == np.int64 and starts.shape == (count + 1,) and int(starts[-1]) * width == len(flat)
        summed = sums.dtype == np.uint32 and sums.shape == (count,)
        if not whole or not summed or starts[0] != 0 or (np.diff(starts) < 0).any():
            raise IndexDamaged("its token codes do not fit its passages", where=str(folder))
        return cls(file, flat.reshape(-1, width), starts, sums)

    def of(self, row: int) -> Codes:
        """Return the codes of a passage's tokens, uint8 (tokens, dimension / 8). Raises IndexDamaged."""
        found = np.asarray(self._codes[self._starts[row] : self._starts[row + 1]])
        if zlib.crc32(found.data) != self._sums[row]:
            problem = f"what it holds of passage {row} is not what was published"
            raise IndexDamaged(problem, REBUILD, where=str(self._file))
        return found


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
        """Write the codes of the next passage, uint8 (tokens, dimension / 8)."""
        content = np.ascontiguousarray(codes).tobytes()
        self._stream.write(content)
        self._counts.append(len(codes))
        self._sums.append(zlib.crc32(content))
