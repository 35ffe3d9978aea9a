"""Products of a question's tokens with the codes of passages, in whole numbers.

A code is a bit a dimension, so its product with a vector is a sum of some of the vector's numbers. Processors add
numbers of 8 bits many times as fast as floats, and whole numbers add up to the same on every machine. The product is
ONNX Runtime's, which has it for every processor; it is the costliest step of answering.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from indexer.codes import Codes

# int32 (codes, vectors).
Products = NDArray[np.int32]

# A graph of one node, MatMulInteger: bits uint8 (codes, bits) times tokens int8 (bits, tokens). Written out, as onnx
# takes longer to import than a search takes; tests/indexer/test_compared.py makes it with onnx and compares.
GRAPH = (
    b"\x08\n\x12\x06veille:\x9c\x01\n'\n\x04bits\n\x06tokens\x12\x08products\"\rMatMulInteger\x12\x05signs"
    b"Z\x1f\n\x04bits\x12\x17\n\x15\x08\x02\x12\x11\n\x07\x12\x05codes\n\x06\x12\x04bits"
    b'Z"\n\x06tokens\x12\x18\n\x16\x08\x03\x12\x12\n\x06\x12\x04bits\n\x08\x12\x06tokens'
    b"b%\n\x08products\x12\x19\n\x17\x08\x06\x12\x13\n\x07\x12\x05codes\n\x08\x12\x06tokensB\x04\n\x00\x10\x15"
)
_STEPS = 127
# So many codes are unpacked at once: of more, the bits would not stay in the processor's cache until they are read.
_AT_ONCE = 2_048


@dataclass(frozen=True, slots=True)
class Whole:
    """Vectors in whole numbers: int8 (dimension, n), a column each, their sums int32 (n,) and steps float32 (n,).

    Rounding changes a cosine by a thousandth or two at most, and a mean over tokens by less.
    """

    numbers: NDArray[np.int8]
    totals: NDArray[np.int32]
    steps: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Whole:
        """Round float32 (n, dimension), each vector in steps of a 127th of its greatest number."""
        steps = np.maximum(np.abs(vectors).max(axis=1), np.finfo(np.float32).tiny) / np.float32(_STEPS)
        numbers = np.rint(vectors / steps[:, np.newaxis]).astype(np.int8)
        return cls(np.ascontiguousarray(numbers.T), numbers.sum(axis=1, dtype=np.int32), steps)

    def products(self, codes: Codes) -> Products:
        """Return what the numbers of each vector add up to where a code, uint8 (m, dimension / 8), has a bit."""
        found: Products = np.empty((len(codes), self.numbers.shape[1]), np.int32)
        for start in range(0, len(codes), _AT_ONCE):
            bits = np.unpackbits(codes[start : start + _AT_ONCE], axis=1)
            (found[start : start + _AT_ONCE],) = _session().run(None, {"bits": bits, "tokens": self.numbers})
        return found

    def sums(self, products: Products) -> NDArray[np.float32]:
        """Return what they add up to, negative where a code has no bit: float32, in the shape of `products`.

        The greater a product, the greater its sum.
        """
        # Bits are 0 and 1 where signs are -1 and 1: q.(2b - 1) = 2 q.b - sum(q), which spares a pass over the signs.
        signed = 2 * products - self.totals
        found: NDArray[np.float32] = signed * self.steps
        return found


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(GRAPH, options, providers=["CPUExecutionProvider"])
