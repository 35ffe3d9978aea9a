"""An adapter of the bundled encoder: what is added to its weights so that it tells who did what to whom.

A low-rank update of matrices in the upper layers: W becomes W + up down. It is merged into the weights when the graph
is made, so that an answer costs what it did. `training/` makes it; docs/roles.md says how, and how good it is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import EncoderError

FIRST_LAYER = 6
CENTRES = "centres"
REMEDY = "Give the adapter.npz that `make adapter` wrote"


@dataclass(frozen=True, slots=True)
class Adapter:
    """Factors by matrix: `down` float16 (rank, columns) and `up` float16 (rows, rank); `digest` names them.

    `centres`, float32 (2, dimension), are where tokens of questions and of passages have their middle with it; None
    while it is being trained.
    """

    factors: Mapping[str, tuple[NDArray[np.float16], NDArray[np.float16]]]
    digest: str
    centres: NDArray[np.float32] | None = None

    def added(self, part: str) -> NDArray[np.float32] | None:
        """Return what is added to the matrix `part`, float32 (rows, columns), or None where it stays as it is."""
        if part not in self.factors:
            return None
        down, up = self.factors[part]
        return up.astype(np.float32) @ down.astype(np.float32)

    @classmethod
    def load(cls, file: Path) -> Adapter:
        """Read what `save` wrote. Raises EncoderError where that cannot be."""
        try:
            data = file.read_bytes()
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                centres = stored[CENTRES] if CENTRES in stored.files else None
                parts = {name.rpartition(".")[0] for name in stored.files if name != CENTRES}
                factors = {part: (stored[f"{part}.down"], stored[f"{part}.up"]) for part in sorted(parts)}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise EncoderError(f"the adapter in {file} cannot be read ({error})", REMEDY) from error
        return cls(factors, hashlib.sha256(data).hexdigest()[:12], centres)


def save(file: Path, factors: Mapping[str, NDArray[np.float16]], centres: NDArray[np.float32] | None = None) -> None:
    """Write factors by name, "l6.q.down" and so on, and centres of tokens, as `Adapter.load` reads them."""
    np.savez(file, allow_pickle=False, **factors, **({} if centres is None else {CENTRES: centres}))
