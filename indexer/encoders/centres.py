"""Where token vectors of the bundled encoder have their middle: for questions and for passages.

Layers of a transformer put all their outputs into a narrow cone; its middle says nothing and is taken out before
tokens are compared. It was measured once on the parallel questions in 32 languages and comes with the package; an
adapter brings its own:
python -m indexer.encoders.centres [FILE]
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from indexer.encoders.bundled import BundledEncoder

NAME = "token_centres.npy"


def token_centres() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the middle of questions' tokens and of passages' without an adapter, float32 (dimension,) each."""
    with resources.files("indexer.encoders").joinpath(NAME).open("rb") as stream:
        query, passage = np.load(stream, allow_pickle=False)
    return query, passage


def measure(encoder: BundledEncoder) -> NDArray[np.float32]:
    """Return the means over the parallel questions, every language counting the same: float32 (2, dimension)."""
    from indexer.neutral import parallel_questions

    prompts = (encoder.spec.query_prompt, encoder.spec.passage_prompt)
    means = [
        [np.concatenate(encoder.token_states(prompt, texts)).mean(axis=0) for texts in parallel_questions().values()]
        for prompt in prompts
    ]
    every: NDArray[np.float32] = np.array(means, np.float64).mean(axis=1).astype(np.float32)
    return every


def main() -> None:
    """Measure it again."""
    from indexer.encoders.bundled import BundledEncoder

    file = Path(sys.argv[1] if len(sys.argv) > 1 else NAME)
    np.save(file, measure(BundledEncoder.load(adapter=None)), allow_pickle=False)


if __name__ == "__main__":
    main()
