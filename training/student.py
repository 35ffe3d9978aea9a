"""The encoder while it learns: the bundled weights in torch, with low-rank updates of its upper layers (LoRA).

After Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models": a matrix W becomes W + B A, and only the
narrow A and B are learnt. Layers below are left as they are.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from tokenizers import Tokenizer
from torch import Tensor
from transformers.masking_utils import create_bidirectional_mask

from benchmarks.torch_twin import PARTS, bert
from indexer.encoders.adapter import FIRST_LAYER, Adapter, save
from indexer.encoders.bundled import PASSAGE_PROMPT, QUERY_PROMPT
from indexer.encoders.precision import TOKEN_LAYERS
from indexer.encoders.tokenizer import make_tokenizer
from indexer.encoders.weights import Weights, path

RANK = 48
# Matrices that are updated, as the weights' file calls them.
UPDATED = ("q", "k", "v", "ao", "fi", "fo")
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Read:
    """Texts as the encoder reads them, float32.

    `vectors` (texts, dimension), of length 1; `states` (tokens of all texts, dimension), as sentences are chosen by.
    """

    vectors: Tensor
    states: Tensor


@dataclass(frozen=True, slots=True)
class _Middle:
    """Texts half read: `states` (texts, tokens, dimension), `mask` (texts, tokens), and that for the attention."""

    states: Tensor
    mask: Tensor
    heads: Tensor | None


class Student:
    """The encoder with its adapter. `parameters` are the adapter's alone."""

    def __init__(self, model: PeftModel, tokenizer: Tokenizer) -> None:
        """Take the parts as they are; `load` makes them."""
        self.model = model
        self._counter = tokenizer
        self._tokenizer = Tokenizer.from_str(tokenizer.to_str())
        self._tokenizer.enable_truncation(LONGEST)
        padding = "<pad>"
        self._tokenizer.enable_padding(pad_id=tokenizer.token_to_id(padding), pad_token=padding)

    @classmethod
    def load(cls, rank: int = RANK) -> Student:
        """Return the bundled encoder with an adapter that changes nothing yet."""
        weights = Weights(path())
        layers = list(range(FIRST_LAYER, weights.layers))
        targets = [PARTS[part] for part in UPDATED]
        pattern = rf".*\.layer\.({'|'.join(map(str, layers))})\.({'|'.join(targets)})"
        config = LoraConfig(r=rank, lora_alpha=rank, target_modules=pattern, lora_dropout=0)
        # Without dropout: there are far more texts than steps.
        with warnings.catch_warnings():
            # peft asks for an attribute by the name that transformers is about to drop.
            warnings.simplefilter("ignore", FutureWarning)
            model = get_peft_model(bert(weights).to(torch.bfloat16), config)
        return cls(model.eval(), make_tokenizer(weights))

    def parameters(self) -> dict[str, Tensor]:
        """Return what is learnt, by peft's names."""
        return {name: value for name, value in self.model.named_parameters() if value.requires_grad}

    def queries(self, texts: Sequence[str]) -> Read:
        """Read questions."""
        return self._read([QUERY_PROMPT + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Read:
        """Read passages."""
        return self._read([PASSAGE_PROMPT + text for text in texts])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has, without prompt and special tokens."""
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding.ids) for encoding in encodings]

    @contextmanager
    def as_it_was(self) -> Iterator[None]:
        """Read without the adapter, and without learning."""
        with torch.no_grad(), self.model.disable_adapter():
            yield

    def before_and_now_queries(self, texts: Sequence[str]) -> tuple[Read, Read]:
        """Read questions without the adapter and with it; what is the same in both is computed once."""
        return self._before_and_now([QUERY_PROMPT + text for text in texts])

    def before_and_now_passages(self, texts: Sequence[str]) -> tuple[Read, Read]:
        """Read passages so."""
        return self._before_and_now([PASSAGE_PROMPT + text for text in texts])

    def _before_and_now(self, texts: Sequence[str]) -> tuple[Read, Read]:
        middle = self._below(texts)
        with self.as_it_was():
            before = self._above(middle)
        return before, self._above(middle)

    def _read(self, texts: Sequence[str]) -> Read:
        return self._above(self._below(texts))

    @torch.no_grad()
    def _below(self, texts: Sequence[str]) -> _Middle:
        """Go through the layers that stay as they are."""
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        bert = self.model.base_model.model
        with torch.autocast("cpu", torch.bfloat16):
            states = bert.embeddings(input_ids=ids)
            heads = create_bidirectional_mask(bert.config, states, mask)
            for layer in bert.encoder.layer[:FIRST_LAYER]:
                states = layer(states, heads)
        return _Middle(states, mask, heads)

    def _above(self, middle: _Middle) -> Read:
        states, kept = middle.states, torch.zeros(())
        with torch.autocast("cpu", torch.bfloat16):
            for number, layer in enumerate(self.model.base_model.model.encoder.layer[FIRST_LAYER:], FIRST_LAYER):
                states = layer(states, middle.heads)
                if number in TOKEN_LAYERS:
                    kept = kept + TOKEN_LAYERS[number] * states.float()[middle.mask.bool()]
        pooled = (states.float() * middle.mask.unsqueeze(2)).sum(dim=1)
        return Read(torch.nn.functional.normalize(pooled, dim=1), kept)

    @torch.no_grad()
    def go_on_from(self, adapter: Adapter) -> None:
        """Take over what was learnt before. Raises ValueError where it is of another shape."""
        learnt = {
            f"{part}.{kind}": factor
            for part, factors in adapter.factors.items()
            for kind, factor in zip(("down", "up"), factors, strict=True)
        }
        for name, value in self.parameters().items():
            stored = _stored(name)
            if stored not in learnt or learnt[stored].shape != value.shape:
                raise ValueError(f"the adapter to go on from holds no {stored} of shape {tuple(value.shape)}")
            value.copy_(torch.from_numpy(learnt[stored]))

    def save(self, file: Path) -> None:
        """Write what was learnt as `Adapter.load` reads it, all of it and without centres."""
        parameters = self.parameters().items()
        save(file, {_stored(name): value.detach().numpy().astype(np.float16) for name, value in parameters})


def in_parts(read: Callable[[Sequence[str]], Read], texts: Sequence[str], size: int = 64) -> Tensor:
    """Return the vectors of texts, float32 (len(texts), dimension), so many of them read at a time."""
    return torch.cat([read(texts[start : start + size]).vectors for start in range(0, len(texts), size)])


def _stored(name: str) -> str:
    """Return what an adapter's file calls a factor that peft calls `name`: layer, matrix, "down" or "up"."""
    found = re.search(r"layer\.(\d+)\.(.+)\.lora_([AB])\.", name)
    if found is None:
        raise ValueError(f"{name} is no update of a layer")
    layer, module, factor = found.groups()
    short = next(short for short, long in PARTS.items() if long == module)
    kind = {"A": "down", "B": "up"}[factor]
    return f"l{layer}.{short}.{kind}"
