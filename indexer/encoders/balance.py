"""Brings channels of the bundled encoder to one size before they are rounded to bytes.

What a layer hands on has a few channels that are far larger than the rest, or far from zero; as a token has one step
for all of its channels, they take it from the others. A normalisation's own weights can take out a channel's middle and
divide by its size, and the matrices that follow can put both back, so that nothing is computed otherwise but the
rounding (SmoothQuant, Xiao et al. 2023; shifts as in Outlier Suppression+, Wei et al. 2023).

What channels look like comes with the package; channels.py measures it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.weights import Weights

NAME = "channels.npz"
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Balance:
    """A normalisation's channels, float32 (hidden,) each: what is taken out, and what the rest is divided by."""

    middle: NDArray[np.float32]
    size: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Channels:
    """What was measured: a channel's middle is its mean, its reach how far most of its numbers lie from that.

    All float16: `middles` and `reaches` (norms, hidden), in the order of `readers`; `inner` (layers, feed-forward), the
    middles of what each layer's last product reads.
    """

    middles: NDArray[np.float16]
    reaches: NDArray[np.float16]
    inner: NDArray[np.float16]

    @classmethod
    def load(cls) -> Channels:
        """Return those that come with the package."""
        with (
            resources.files("indexer.encoders").joinpath(NAME).open("rb") as stream,
            np.load(stream, allow_pickle=False) as kept,
        ):
            return cls(kept["middles"], kept["reaches"], kept["inner"])

    def balances(self, weights: Weights) -> dict[str, Balance]:
        """Return how each normalisation that is read by a product is balanced.

        Half of the difference between channels goes into the matrices: they are rounded, too.
        """
        found = {}
        norms = readers(weights.layers).items()
        for (norm, parts), middle, reach in zip(norms, self.middles, self.reaches, strict=True):
            matrices = [weights.matrix(f"{part}.w", weights.hidden) for part in parts]
            largest = np.abs(matrices).max(axis=(0, 1))
            size = np.sqrt(np.maximum(reach, _TINY, dtype=np.float32) / np.maximum(largest, _TINY))
            size /= np.exp(np.log(size).mean())
            found[norm] = Balance(middle.astype(np.float32), size.astype(np.float32))
        return found


def readers(layers: int) -> dict[str, list[str]]:
    """Return the normalisations whose results are rounded, and the products that read each."""
    found = {}
    for number in range(layers):
        found["emb.ln" if number == 0 else f"l{number - 1}.oln"] = [f"l{number}.{role}" for role in "qkv"]
        found[f"l{number}.aln"] = [f"l{number}.fi"]
    return found
