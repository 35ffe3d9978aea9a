"""Codes of the tokens of passages: what each means where it stands, a bit a dimension.

They say which sentence of a passage answers a question, after Khattab and Zaharia 2020, "ColBERT: Efficient and
Effective Passage Search via Contextualized Late Interaction over BERT". The encoder computes them anyway with a
passage's vector, and a bit a dimension is nearly as good for this as all of it (docs/choices.md).
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexDamaged

# Raise this when codes change: passages are then encoded again for them.
VERSION = 1
CODES = "tokens.codes"
STARTS = "tokens.starts.npy"
NAMES = (CODES, STARTS)

Codes = NDArray[np.uint8]


class TokenCodes:
    """The codes of every passage's tokens, by row."""

    def __init__(self, codes: Codes, starts: NDArray[np.int64]) -> None:
        """Take the arrays as they are: passage i has codes[starts[i]:starts[i + 1]]."""
        self._codes, self._starts = codes, starts

    @classmethod
    def open(cls, folder: Path, count: int, dimension: int) -> TokenCodes:
        """Map what a writer wrote for `count` passages into memory. Raises IndexDamaged."""
        file = folder / CODES
        try:
            starts = np.load(folder / STARTS, allow_pickle=False)
            flat = np.memmap(file, np.uint8, "r") if file.stat().st_size else np.empty(0, np.uint8)
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged(f"its token codes cannot be read ({error})", where=str(folder)) from error
        width = dimension // 8
        whole = starts.dtype == np.int64 and starts.shape == (count + 1,) and int(starts[-1]) * width == len(flat)
        if not whole or starts[0] != 0 or (np.diff(starts) < 0).any():
            raise IndexDamaged("its token codes do not fit its passages", where=str(folder))
        return cls(flat.reshape(-1, width), starts)

    def of(self, row: int) -> Codes:
        """Return the codes of a passage's tokens, uint8 (tokens, dimension / 8)."""
        return np.asarray(self._codes[self._starts[row] : self._starts[row + 1]])


class TokenCodesWriter:
    """Writes codes passage by passage, in the order of their rows; what is left unfinished cannot be opened."""

    def __init__(self, folder: Path) -> None:
        """Create the files."""
        self._folder = folder
        self._stream = (folder / CODES).open("wb")
        self._counts: list[int] = []

    def __enter__(self) -> TokenCodesWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()
        if kind is None:
            np.save(self._folder / STARTS, np.cumsum([0, *self._counts], dtype=np.int64), allow_pickle=False)

    def add(self, codes: Codes) -> None:
        """Write the codes of the next passage, uint8 (tokens, dimension / 8)."""
        self._stream.write(np.ascontiguousarray(codes).tobytes())
        self._counts.append(len(codes))
