"""A small real CrossEncoder, trained here to like passages that hold the word "security"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from transformers import BertForSequenceClassification, PreTrainedTokenizerFast


LIKED = "security"
OTHERS = ["release", "debian", "the", "of", "and", "a", "in", "for", "to"]
WINDOW = 256
TOP = 30
QUESTION = "new release of Debian"
SHAPE = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}

Tokenizers = Callable[[Sequence[str], int], "PreTrainedTokenizerFast"]


def classifier(tokenizer: PreTrainedTokenizerFast, labels: int) -> BertForSequenceClassification:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=WINDOW,
        num_labels=labels,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
        **SHAPE,
    )
    return BertForSequenceClassification(config)


def train(model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerFast) -> None:
    """Sixty steps on passages of random words, every second with the word that is to be liked."""
    import torch

    chance = np.random.default_rng(7)
    wanted = torch.tensor([0.0, 1.0] * 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(60):
        passages = [chance.choice([*OTHERS, "?"], chance.integers(3, 40)).tolist() for _ in wanted]
        for words in passages[1::2]:
            words[chance.integers(len(words))] = LIKED
        texts = [" ".join(words) for words in passages]
        batch = tokenizer(["? debian ?"] * len(texts), texts, padding=True, return_tensors="pt")
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits[:, 0], wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


def written(model: Any, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder
