"""The bundled encoder as an ONNX graph, written node by node from the 4-bit weights.

A BERT of 12 layers with mean pooling. Its word embeddings stay outside, in the weights file, so that the
graph is small and opens at once. Inputs: `embeddings` float32 (texts, tokens, hidden), the sum of word,
position and type embeddings; `lengths` int32 (texts,). Outputs: `vectors` float32 (texts, hidden), of
length 1; `states` float32 (texts, tokens, hidden), what each token means where it stands.
"""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from indexer.encoders.precision import TOKEN_LAYER, Precision
from indexer.encoders.weights import Weights

OPSET = 21
CONTRIB = "com.microsoft"
ACTIVATION_STEPS = 127
# Kernels for processors without VNNI add two products of 8 by 8 bits in 16: with weights of at most 63 the
# sum, 2 * 255 * 63, stays below 2**15.
WEIGHT_STEPS = 63


class GraphWriter:
    """Collects nodes and constants; each method adds one operation and returns the name of its result."""

    def __init__(self, weights: Weights, precision: Precision) -> None:
        """Start an empty graph."""
        self.weights = weights
        self.precision = precision
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, *, domain: str = "", **attributes: object) -> str:
        """Add an operation with one result, called `name`."""
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def bias(self, parts: list[str], name: str) -> str:
        """Add the biases of `parts`, one after the other."""
        return self.constant(f"{name}.bias", np.concatenate([self.weights.plain(f"{part}.b") for part in parts]))

    def product(self, source: str, parts: list[str], width: int, name: str) -> str:
        """Add x W^T, where W is the matrices of `parts` one below the other."""
        matrix = np.concatenate([self.weights.matrix(f"{part}.w", width) for part in parts])
        if self.precision is Precision.FP32:
            return self.node("MatMul", [source, self.constant(f"{name}.weight", matrix.T)], name)
        return self._int8_product(source, matrix, name)

    def _int8_product(self, source: str, matrix: NDArray[np.float32], name: str) -> str:
        # Each token is divided by its own largest magnitude before it is rounded to a fixed grid, so that
        # a text's vector is the same whatever shares its batch.
        scale = np.abs(matrix).max(axis=1) / WEIGHT_STEPS
        rounded = np.round(matrix / scale[:, None]).astype(np.int8)
        peak = self.node("Abs", [source], f"{name}.magnitude")
        peak = self.node(
            "ReduceMax", [peak, self._shared("last", np.array([-1], np.int64))], f"{name}.peak", keepdims=1
        )
        even = self.node("Div", [source, peak], f"{name}.even")
        step = self._shared("step", np.array(1 / ACTIVATION_STEPS, np.float32))
        middle = self._shared("middle", np.array(128, np.uint8))
        steps = self.node("QuantizeLinear", [even, step, middle], f"{name}.steps")
        product = self.node(
            "MatMulIntegerToFloat",
            [
                steps,
                self.constant(f"{name}.weight", rounded.T),
                step,
                self.constant(f"{name}.scale", scale.astype(np.float32)),
                middle,
            ],
            f"{name}.product",
            domain=CONTRIB,
        )
        return self.node("Mul", [product, peak], name)

    def _shared(self, name: str, value: NDArray[np.generic]) -> str:
        if all(known.name != name for known in self.constants):
            self.constant(name, value)
        return name

    def norm(self, part: str) -> list[str]:
        """Add the weight and the bias of a layer normalisation."""
        return [self.constant(f"{part}.{kind}", self.weights.plain(f"{part}.{kind}")) for kind in ("w", "b")]

    def layer(self, source: str, number: int) -> str:
        """Add one transformer layer (post-normalised, as in BERT)."""
        own, hidden = f"l{number}", self.weights.hidden
        projections = [f"{own}.{role}" for role in "qkv"]
        joined = self.product(source, projections, hidden, f"{own}.qkv")
        split = [f"{own}.query", f"{own}.key", f"{own}.value"]
        self.nodes.append(helper.make_node("Split", [joined], split, axis=-1, num_outputs=3))
        heads = self.node(
            "MultiHeadAttention",
            [*split, self.bias(projections, f"{own}.qkv"), "lengths"],
            f"{own}.heads",
            domain=CONTRIB,
            num_heads=self.weights.heads,
        )
        attended = self.product(heads, [f"{own}.ao"], hidden, f"{own}.attended")
        middle = self._joined(attended, source, f"{own}.ao", f"{own}.aln", f"{own}.middle")
        inner = self.product(middle, [f"{own}.fi"], hidden, f"{own}.inner")
        inner = self.node("BiasGelu", [inner, self.bias([f"{own}.fi"], f"{own}.inner")], f"{own}.gelu", domain=CONTRIB)
        outer = self.product(inner, [f"{own}.fo"], self.weights.feed_forward, f"{own}.outer")
        return self._joined(outer, middle, f"{own}.fo", f"{own}.oln", f"{own}.end")

    def _joined(self, product: str, residual: str, linear: str, norm: str, name: str) -> str:
        inputs = [product, residual, *self.norm(norm), self.bias([linear], linear)]
        return self.node("SkipLayerNormalization", inputs, name, domain=CONTRIB, epsilon=self.weights.epsilon)

    def pooled(self, source: str) -> str:
        """Add the mean over each text's own tokens, brought to length 1."""
        tokens = self.node("Shape", [source], "tokens", start=1, end=2)
        tokens = self.node("Squeeze", [tokens], "token_count")
        zero = self.constant("zero", np.array(0, np.int64))
        one = self.constant("one", np.array(1, np.int64))
        places = self.node("Range", [zero, tokens, one], "places")
        lengths = self.node("Cast", ["lengths"], "lengths64", to=TensorProto.INT64)
        column = self.node("Unsqueeze", [lengths, self.constant("axis1", np.array([1], np.int64))], "column")
        mask = self.node("Less", [places, column], "mask")
        mask = self.node("Cast", [mask], "mask_float", to=TensorProto.FLOAT)
        row = self.node("Unsqueeze", [mask, "axis1"], "mask_row")
        total = self.node("MatMul", [row, source], "total")
        total = self.node("Squeeze", [total, "axis1"], "total_flat")
        # The sum points where the mean does, and only the direction is kept.
        return self.node("LpNormalization", [total], "vectors", axis=-1, p=2)


def make_graph(weights: Weights, precision: Precision = Precision.INT8) -> onnx.ModelProto:
    """Return the encoder as an ONNX model."""
    writer = GraphWriter(weights, precision)
    state = writer.node(
        "LayerNormalization",
        ["embeddings", *writer.norm("emb.ln")],
        "embedded",
        axis=-1,
        epsilon=weights.epsilon,
    )
    for number in range(weights.layers):
        state = writer.layer(state, number)
        if number == TOKEN_LAYER:
            writer.node("Identity", [state], "states")
    writer.pooled(state)
    graph = helper.make_graph(
        writer.nodes,
        "multilingual-e5-small",
        [
            helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["texts", "tokens", weights.hidden]),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, ["texts"]),
        ],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", weights.hidden]),
            helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "tokens", weights.hidden]),
        ],
        writer.constants,
    )
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10, producer_name="veille")
