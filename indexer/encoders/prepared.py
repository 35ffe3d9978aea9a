"""The ONNX file of the bundled encoder: made once, kept in the user's cache folder."""

from __future__ import annotations

import sys
from pathlib import Path

from indexer.encoder import fingerprint_of
from indexer.encoders import once
from indexer.encoders.precision import TOKEN_LAYERS, VERSION, Precision
from indexer.encoders.weights import Weights


def prepared_graph(weights: Weights, precision: Precision, *, quiet: bool, folder: Path) -> bytes:
    """Return the serialised graph, from `folder` where it lies there whole, else made now.

    Raises EncoderError where the weights are not the ones this code was written for.
    """
    key = fingerprint_of(graph=VERSION, precision=precision.value, states=str(TOKEN_LAYERS), **weights.facts)
    kept = once.found(folder, key, "onnx")
    if kept is not None:
        return kept
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
    lost = once.keep(folder, key, "onnx", graph)
    if not quiet:
        print(f" done, but {lost}" if lost else " done", file=sys.stderr)
    return graph
