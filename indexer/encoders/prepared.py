"""The ONNX file of the bundled encoder: made once, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import platformdirs

from corpus.durable import replace_privately
from indexer.encoder import fingerprint_of
from indexer.encoders.precision import TOKEN_LAYER, VERSION, Precision
from indexer.encoders.weights import Weights

DIGEST_LENGTH = 16


def prepared_graph(weights: Weights, precision: Precision, *, quiet: bool, folder: Path | None = None) -> bytes:
    """Return the serialised graph, from the cache where it lies there whole, else made now.

    The file's name holds what went into it and a digest of its own bytes, so a damaged one is made again.
    Two processes may do this at once: each writes a file of its own and moves it into place. Where the
    folder cannot be written the graph is made every time. Raises EncoderError where the weights are not
    the ones this code was written for.
    """
    folder = folder or platformdirs.user_cache_path("veille") / "encoders"
    key = fingerprint_of(graph=VERSION, precision=precision.value, states=TOKEN_LAYER, **weights.facts)
    for file in sorted(folder.glob(f"{key}-*.onnx")):
        found = file.read_bytes()
        if file.stem.endswith(f"-{_digest(found)}"):
            return found
        file.unlink(missing_ok=True)
    if not quiet:
        print(
            "veille: preparing the bundled encoder (once, a few seconds) ...",
            end="",
            file=sys.stderr,
            flush=True,
        )
    from indexer.encoders.graph import make_graph

    weights.verify()
    graph: bytes = make_graph(weights, precision).SerializeToString(deterministic=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_privately(folder / f"{key}-{_digest(graph)}.onnx", graph)
        state = "done"
    except OSError as error:
        state = f"done, but it cannot be kept in {folder} ({error.strerror})"
    if not quiet:
        print(f" {state}", file=sys.stderr)
    return graph


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]
