"""What passages are ranked by: by hand, as it is shipped, and where its file is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer.encoder import EncoderError, QueryTokens
from indexer.encoders.bundled import SHIPPED as ADAPTER
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.interaction import Interaction

TOKENS = QueryTokens(np.eye(4, dtype=np.float32)[:2], np.array([0.25, 0.75], np.float32))
# Of float16, and less than what the shipped one changes.
PRECISE = 2e-3


def interaction(**given: object) -> Interaction:
    nothing = {
        "down": np.zeros((4, 1)),
        "up": np.zeros((1, 4)),
        "emphasis": np.zeros(4),
        "sharpness": np.array(1),
        "scale": np.array(1),
    }
    return Interaction(**{name: np.asarray(part, np.float32) for name, part in {**nothing, **given}.items()})


def test_what_learnt_nothing_changes_nothing() -> None:
    found = interaction().of(TOKENS)
    assert found.vectors == pytest.approx(TOKENS.vectors)
    assert found.weights == pytest.approx(TOKENS.weights)


def test_tokens_are_turned_and_weighted_by_hand() -> None:
    found = interaction(
        down=[[1], [0], [0], [0]], up=[[0, 0, 0.5, 0]], emphasis=[0, np.log(2), 0, 0], sharpness=0.5, scale=2
    ).of(TOKENS)
    assert found.vectors == pytest.approx(np.array([[2, 0, 1, 0], [0, 2, 0, 0]]))
    first, second = 0.25**0.5, 2 * 0.75**0.5
    assert found.weights == pytest.approx([first / (first + second), second / (first + second)])


def test_a_question_without_tokens_has_none_to_rank_by() -> None:
    found = interaction().of(QueryTokens(np.empty((0, 4), np.float32), np.empty(0, np.float32)))
    assert (found.vectors.shape, found.weights.shape) == ((0, 4), (0,))
    silent = interaction().of(QueryTokens(TOKENS.vectors, np.zeros(2, np.float32)))
    assert (silent.weights == 0).all()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    made = interaction(down=draw.normal(size=(4, 2)), up=draw.normal(size=(2, 4)), emphasis=draw.normal(size=4))
    made.save(tmp_path / "interaction.npz")
    read = Interaction.load(tmp_path / "interaction.npz")
    assert read.of(TOKENS).vectors == pytest.approx(made.of(TOKENS).vectors, abs=PRECISE)
    assert read.of(TOKENS).weights == pytest.approx(made.of(TOKENS).weights, abs=PRECISE)


@pytest.mark.parametrize("content", [b"", b"no zip", None], ids=["empty", "other", "none"])
def test_what_is_no_interaction_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "interaction.npz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(EncoderError, match=r"interaction\.npz cannot be read"):
        Interaction.load(file)


def test_only_the_shipped_adapter_has_it(tmp_path: Path) -> None:
    question = ["qui menace Microsoft"]
    ((_, shipped),) = BundledEncoder.load().read_queries(question)
    ((_, without),) = BundledEncoder.load(interaction=None).read_queries(question)
    ((_, plain),) = BundledEncoder.load(adapter=None).read_queries(question)
    assert shipped.ranking is not None
    assert shipped.ranking.weights.sum() == pytest.approx(1, abs=1e-5)
    assert np.abs(shipped.ranking.vectors - shipped.vectors).max() > PRECISE
    assert without.ranking is plain.ranking is None
    assert (shipped.vectors == without.vectors).all()
    # A copy of it is another file, of which nobody knows what it is.
    copy = tmp_path / "adapter.npz"
    copy.write_bytes(ADAPTER.read_bytes())
    ((_, copied),) = BundledEncoder.load(adapter=copy).read_queries(question)
    assert copied.ranking is None
