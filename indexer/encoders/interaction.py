"""What was learnt about how the tokens of a question look for those that answer it.

An encoder puts a token near those that mean the same where they stand; nobody taught it which of them a question is
answered by. So a question's tokens are turned a little, by a matrix of low rank, and each gets a weight by what it
means and how rare it is. Codes of passages stay as they are, and so do indexes. Passages are ranked by this; by tokens
as they are sentences are chosen, and answers told from what is none (docs/choices.md). training/interaction.py
makes it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from indexer.encoder import EncoderError, QueryTokens

# What comes with the package, for the bundled encoder with the adapter that does.
SHIPPED = Path(__file__).with_name("interaction.npz")
REMEDY = "Give the interaction.npz that `python -m training.interaction` wrote"
_PARTS = ("down", "up", "emphasis", "sharpness", "scale")


@dataclass(frozen=True, slots=True)
class Interaction:
    """A token t becomes `scale` (t + t `down` `up`); its weight w counts as w^`sharpness` exp(t . `emphasis`).

    float32: `down` (dimension, rank), `up` (rank, dimension), `emphasis` (dimension,), the others ().
    """

    down: NDArray[np.float32]
    up: NDArray[np.float32]
    emphasis: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    scale: NDArray[np.float32]

    def of(self, tokens: QueryTokens) -> QueryTokens:
        """Return what passages are ranked by for a question of these tokens, with weights of sum 1."""
        vectors = self.scale * (tokens.vectors + (tokens.vectors @ self.down) @ self.up)
        weights = tokens.weights**self.sharpness * np.exp(tokens.vectors @ self.emphasis)
        total = np.maximum(weights.sum(), np.finfo(np.float32).tiny)
        return QueryTokens(vectors.astype(np.float32), (weights / total).astype(np.float32))

    @classmethod
    def load(cls, file: Path = SHIPPED) -> Interaction:
        """Read what `save` wrote. Raises EncoderError where that cannot be."""
        try:
            with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as stored:
                return cls(*(stored[part].astype(np.float32) for part in _PARTS))
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise EncoderError(f"the interaction in {file} cannot be read ({error})", REMEDY) from error

    def save(self, file: Path) -> None:
        """Write it in float16, as `load` reads it."""
        np.savez(file, allow_pickle=False, **{part: getattr(self, part).astype(np.float16) for part in _PARTS})
