"""How the bundled encoder computes: apart from the graph, as onnx is needed only to make one."""

from __future__ import annotations

from enum import StrEnum

# Raise this when the graph changes what it computes: vectors made before are then not mixed with new ones.
VERSION = 3
# Whose outputs, added up so much of each, tell best which sentence answers a question, of the layers measured
# (docs/choices.md). The last one turns to what the whole text is about.
TOKEN_LAYERS = {9: 1.0, 10: 0.75}


class Precision(StrEnum):
    """How the matrix products are done."""

    INT8 = "int8"
    FP32 = "fp32"
