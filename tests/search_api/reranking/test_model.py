"""The scores of a CrossEncoder, and models that are none."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from indexer.encoder import EncoderError
from search_api import SearchEngine
from search_api.errors import QueryError, RerankerError
from search_api.reranking import Reranker
from tests.search_api.reranking.cross_encoder import QUESTION, SHAPE, WINDOW, classifier, written

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from transformers import PreTrainedTokenizerFast


def test_scores_are_those_of_predict(reranker: Reranker, judge: CrossEncoder) -> None:
    texts = ["Debian security", "the release of Debian", "Debian security", "", "security " * 500]
    scores = reranker.scores(QUESTION, texts)
    assert (scores.shape, scores.dtype) == ((5,), np.float64)
    assert scores == pytest.approx(judge.predict([(QUESTION, text) for text in texts]), rel=1e-5)
    assert scores[0] == scores[2]
    assert scores[0] - scores[1] > 0.9
    assert reranker.scores(QUESTION, []).shape == (0,)


def test_texts_that_are_hard_to_read(reranker: Reranker) -> None:
    assert np.isfinite(reranker.scores("\ud800", ["\udfff security", "\0", "e\u0301" * 900])).all()
    with pytest.raises(EncoderError):
        reranker.scores(QUESTION, [7])  # type: ignore[list-item]


def test_a_plain_transformers_folder(folder: Path, reranker: Reranker) -> None:
    plain = Reranker.load(str(folder.parent / "plain"), device="cpu")
    assert plain.scores(QUESTION, ["security", "debian"]) == pytest.approx(
        reranker.scores(QUESTION, ["security", "debian"])
    )


def test_an_encoder_is_no_reranker(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=WINDOW, **SHAPE)
    plain = written(BertModel(config, add_pooling_layer=False), tokenizer, tmp_path / "bert")
    parts = [Transformer(str(plain)), Pooling(SHAPE["hidden_size"])]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "encoder"))
    for folder in (plain, tmp_path / "encoder"):
        with pytest.raises(RerankerError, match="not a CrossEncoder.*BertModel.*--model"):
            Reranker.load(str(folder))


def test_a_model_with_several_labels(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    written(classifier(tokenizer, labels=3), tokenizer, tmp_path / "three")
    with pytest.raises(RerankerError, match="gives 3 scores"):
        Reranker.load(str(tmp_path / "three"))


def test_a_torn_model(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RerankerError, match="cannot be loaded"):
        Reranker.load(str(broken))


def test_names_that_cannot_be_had(
    tmp_path: Path, sample_index: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    for name, message in [
        (str(tmp_path / "empty"), "holds no config.json"),
        (str(folder / "config.json"), "is not a CrossEncoder"),
        ("nobody/no-such-reranker-at-all", "without access to the hub"),
        ("a" * 300, "cannot be loaded"),
        (" ", "no reranker is named"),
    ]:
        with pytest.raises(RerankerError, match=message):
            SearchEngine.open(sample_index, reranker=name)


@pytest.mark.parametrize("top", [0, 1001, "5"])
def test_a_top_out_of_range(sample_index: Path, top: object) -> None:
    with pytest.raises(QueryError, match="rerank_top is"):
        SearchEngine.open(sample_index, rerank_top=top)  # type: ignore[arg-type]
