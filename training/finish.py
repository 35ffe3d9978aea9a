"""From what was trained to what is shipped: a share of it, and where tokens have their middle with it.

The share is added to the weights as they were, which keeps more of what they knew than it gives up of what was learnt:
Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from indexer.encoders.adapter import Adapter, save
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.centres import measure

SHARE = 0.8


def finish(trained: Path, file: Path, share: float = SHARE) -> None:
    """Write into `file` the adapter in `trained` as the package ships it. Raises EncoderError or OSError."""
    factors = {}
    for part, (down, up) in Adapter.load(trained).factors.items():
        factors |= {f"{part}.down": down, f"{part}.up": (share * up.astype(np.float32)).astype(np.float16)}
    # Its name ends as numpy wants it.
    new = file.with_name(f"new-{file.name}")
    save(new, factors)
    with TemporaryDirectory() as graphs:
        # With its centres the adapter has another name: nobody would ask for this graph again.
        centres = measure(BundledEncoder.load(adapter=new, folder=Path(graphs)))
    save(new, factors, centres)
    new.replace(file)
