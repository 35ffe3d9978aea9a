"""The bundled weights, with the adapter in them, as a sentence-transformers model in float32, to compare with."""

from __future__ import annotations

from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from indexer.encoders.adapter import Adapter
from indexer.encoders.bundled import SHIPPED
from indexer.encoders.tokenizer import make_tokenizer
from indexer.encoders.weights import Weights, path

PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


def torch_twin(folder: Path) -> SentenceTransformer:
    """Write the model into `folder` where it is not yet, and return it, on the CPU."""
    if not (folder / "modules.json").exists():
        weights = Weights(path(), Adapter.load(SHIPPED))
        _save_transformer(weights, folder / "transformer")
        transformer = Transformer(str(folder / "transformer"), max_seq_length=weights.positions)
        model = SentenceTransformer(
            modules=[transformer, Pooling(weights.hidden), Normalize()],
            device="cpu",
            prompts={"query": "query: ", "passage": "passage: "},
        )
        model.save(str(folder))
    return SentenceTransformer(str(folder), device="cpu")


def bert(weights: Weights) -> BertModel:
    """Return the transformer alone."""
    config = BertConfig(
        vocab_size=weights.vocabulary,
        hidden_size=weights.hidden,
        num_hidden_layers=weights.layers,
        num_attention_heads=weights.heads,
        intermediate_size=weights.feed_forward,
        max_position_embeddings=weights.positions,
        layer_norm_eps=weights.epsilon,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_state(weights), strict=True)
    return model


def _save_transformer(weights: Weights, folder: Path) -> None:
    bert(weights).save_pretrained(str(folder))
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=make_tokenizer(weights),
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=weights.positions,
    )
    tokenizer.save_pretrained(str(folder))


def _state(weights: Weights) -> dict[str, torch.Tensor]:
    hidden = weights.hidden
    state = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", hidden),
        "embeddings.position_embeddings.weight": weights.plain("emb.pos").reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": weights.plain("emb.type").reshape(-1, hidden),
        "embeddings.LayerNorm.weight": weights.plain("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.plain("emb.ln.b"),
    }
    for number in range(weights.layers):
        for short, long in PARTS.items():
            name, target = f"l{number}.{short}", f"encoder.layer.{number}.{long}"
            width = weights.feed_forward if short == "fo" else hidden
            state[f"{target}.weight"] = (
                weights.plain(f"{name}.w") if short.endswith("ln") else weights.matrix(f"{name}.w", width)
            )
            state[f"{target}.bias"] = weights.plain(f"{name}.b")
    return {name: torch.tensor(value) for name, value in state.items()}
