"""What is shipped of what was trained: a share of it, with the centres of tokens that belong to it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from indexer.encoders.adapter import Adapter, save
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.centres import token_centres
from training.finish import finish


def test_a_share_is_kept_with_its_own_centres(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    factors = {
        "l6.q.down": draw.normal(0, 0.05, (2, 384)).astype(np.float16),
        "l6.q.up": draw.normal(0, 1.5, (384, 2)).astype(np.float16),
    }
    trained, file = tmp_path / "trained.npz", tmp_path / "adapter.npz"
    save(trained, factors)
    finish(trained, file, 0.5)
    kept = Adapter.load(file)
    down, up = kept.factors["l6.q"]
    np.testing.assert_allclose(up.astype(np.float32), 0.5 * factors["l6.q.up"].astype(np.float32), rtol=1e-3)
    assert (down == factors["l6.q.down"]).all()
    assert kept.centres is not None
    assert kept.centres.shape == (2, 384)
    assert 0 < np.abs(kept.centres - np.array(token_centres())).max() < 1
    np.testing.assert_array_equal(BundledEncoder.load(adapter=file)._query_centre, kept.centres[0])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter.npz", "trained.npz"]
