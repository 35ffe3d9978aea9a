"""The bundled encoder as an ONNX graph, written node by node from the 4-bit weights.

A BERT of 12 layers with mean pooling. Its word embeddings stay outside, in the weights file, so that the
graph is small and opens at once. Input: `embeddings` float32 (texts, tokens, hidden), the sum of word,
position and type embeddings of texts that all have the same number of tokens: there is no padding and no mask.
Outputs: `vectors` float32 (texts, hidden), of length 1; `states` float32 (texts, tokens, hidden), what each
token means where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from indexer.encoders.balance import Balance, Channels
from indexer.encoders.precision import TOKEN_LAYERS, Precision
from indexer.encoders.weights import Weights

OPSET = 21
CONTRIB = "com.microsoft"
ACTIVATION_STEPS = 127
MIDDLE = 128
# Kernels for processors without VNNI add two products of 8 by 8 bits in 16: with weights of at most 63 the
# sum, 2 * 255 * 63, stays below 2**15.
WEIGHT_STEPS = 63
# The largest number below zero that GELU returns has this magnitude.
GELU_DEPTH = 0.17


class GraphWriter:
    """Collects nodes and constants; each method adds one operation and returns the name of its result."""

    def __init__(self, weights: Weights, precision: Precision) -> None:
        """Start an empty graph."""
        self.weights = weights
        self.precision = precision
        self.channels = Channels.load()
        rounded = precision is Precision.INT8
        self.balances: dict[str, Balance] = self.channels.balances(weights) if rounded else {}
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._known: set[str] = set()

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant, once."""
        if name not in self._known:
            self._known.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, kind: str, inputs: list[str], name: str, *, domain: str = "", **attributes: object) -> str:
        """Add an operation with one result, called `name`, once."""
        if name not in self._known:
            self._known.add(name)
            self.nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def bias(self, part: str, source: str = "") -> NDArray[np.float32]:
        """Return the bias of `part`, float32 (rows,), with what `part` makes of the middle of what it reads."""
        bias = self.weights.plain(f"{part}.b")
        return bias + self.matrix(part) @ self.balances[source].middle if source in self.balances else bias

    def matrix(self, part: str) -> NDArray[np.float32]:
        """Return the matrix of `part`, float32 (rows, columns)."""
        inner = self.weights.feed_forward if part.endswith(".fo") else self.weights.hidden
        return self.weights.matrix(f"{part}.w", inner)

    def product(self, source: str, part: str, least: float = 0) -> str:
        """Add x W^T, where W is the matrix of `part`. No number in x is below -`least`, where that is given."""
        matrix = self.matrix(part)
        if self.precision is Precision.FP32:
            return self.node("MatMul", [source, self.constant(f"{part}.weight", matrix.T)], part)
        if source in self.balances:
            matrix = matrix * self.balances[source].size
        rounded, scale = _rounded_matrix(matrix)
        steps, size = self._rounded(source, matrix.shape[1], least)
        product = self.node(
            "MatMulIntegerToFloat",
            [
                steps,
                self.constant(f"{part}.weight", rounded.T),
                self.constant("unit", np.array(1, np.float32)),
                self.constant(f"{part}.scale", scale),
                self.constant("middle", np.array(MIDDLE, np.uint8)),
            ],
            f"{part}.product",
            domain=CONTRIB,
        )
        return self.node("Mul", [product, size], part)

    def _rounded(self, source: str, width: int, least: float) -> tuple[str, str]:
        """Add `source` in bytes, and the size of a step for each token. Products of one source share both."""
        # Each token has steps of its own size, so that a text's vector is the same whatever shares its batch.
        last = self.constant("last", np.array([-1], np.int64))
        if least:
            highest = self.node("ReduceMax", [source, last], f"{source}.highest", keepdims=1)
            peak = self.node("Max", [highest, self.constant("least", np.array(least, np.float32))], f"{source}.peak")
        else:
            magnitude = self.node("Abs", [source], f"{source}.magnitude")
            peak = self.node("ReduceMax", [magnitude, last], f"{source}.peak", keepdims=1)
        share = self.constant("share", np.array(1 / ACTIVATION_STEPS, np.float32))
        size = self.node("Mul", [peak, share], f"{source}.size")
        steps = self.node(
            "QuantizeLinear", [source, size, self._middles()], f"{source}.steps", axis=2, block_size=width
        )
        return steps, size

    def _middles(self) -> str:
        """Add the byte that stands for zero, for each token: uint8 (texts, tokens, 1)."""
        shape = self.node(
            "Concat", [self._texts_tokens(), self.constant("one", np.array([1], np.int64))], "column", axis=0
        )
        value = numpy_helper.from_array(np.array([MIDDLE], np.uint8))
        return self.node("ConstantOfShape", [shape], "middles", value=value)

    def _texts_tokens(self) -> str:
        return self.node("Shape", ["embeddings"], "texts_tokens", start=0, end=2)

    def layer(self, source: str, number: int) -> str:
        """Add one transformer layer (post-normalised, as in BERT)."""
        own = f"l{number}"
        query, key, value = (self.product(source, f"{own}.{role}") for role in "qkv")
        query_bias = self.constant(f"{own}.q.bias", self.bias(f"{own}.q", source))
        query = self.node("Add", [query, query_bias], f"{own}.query")
        # A key's bias adds the same to all scores of a query, so softmax takes it out again; a value's bias comes
        # out of attention as it went in, as the weights there have the sum 1, and goes on to the next bias.
        heads = self.node(
            "MultiHeadAttention", [query, key, value], f"{own}.heads", domain=CONTRIB, num_heads=self.weights.heads
        )
        bias = self.bias(f"{own}.ao") + self.matrix(f"{own}.ao") @ self.bias(f"{own}.v", source)
        middle = self._joined(self.product(heads, f"{own}.ao"), source, bias, f"{own}.aln")
        inner = self.product(middle, f"{own}.fi")
        inner_bias = self.constant(f"{own}.fi.bias", self.bias(f"{own}.fi", middle))
        inner = self.node("BiasGelu", [inner, inner_bias], f"{own}.gelu", domain=CONTRIB)
        outer = self.product(inner, f"{own}.fo", GELU_DEPTH)
        return self._joined(outer, middle, self._last_bias(number), f"{own}.oln")

    def _last_bias(self, number: int) -> NDArray[np.float32]:
        """Return the bias of a layer's last product, with what rounding its matrix takes from the mean."""
        part = f"l{number}.fo"
        bias = self.bias(part)
        if self.precision is Precision.FP32:
            return bias
        matrix = self.matrix(part)
        rounded, scale = _rounded_matrix(matrix)
        lost: NDArray[np.float32] = (matrix - rounded * scale[:, None]) @ self.channels.inner[number].astype(np.float32)
        return bias + lost

    def _joined(self, product: str, residual: str, bias: NDArray[np.float32], norm: str) -> str:
        # SkipLayerNormalization would be all of this in one, and six times slower.
        residual = self.whole(residual, bias, f"{norm}.residual")
        return self.norm(self.node("Add", [product, residual], f"{norm}.sum"), norm)

    def whole(self, source: str, bias: NDArray[np.float32], name: str) -> str:
        """Add what the normalisation `source` would return if it were not balanced, plus `bias`."""
        if source in self.balances:
            balance = self.balances[source]
            sizes = self.constant(f"{source}.channels", balance.size)
            source = self.node("Mul", [source, sizes], f"{source}.unbalanced")
            bias = bias + balance.middle
        return self.node("Add", [source, self.constant(f"{name}.bias", bias)], name)

    def mixed(self, shares: Mapping[str, float], name: str) -> str:
        """Add the sum of what normalisations would return if they were not balanced, such a share of each."""
        middle = np.zeros(self.weights.hidden, np.float32)
        parts: list[str] = []
        for source, share in shares.items():
            size = np.full(self.weights.hidden, share, np.float32)
            if source in self.balances:
                size *= self.balances[source].size
                middle += share * self.balances[source].middle
            part = self.node("Mul", [source, self.constant(f"{source}.shares", size)], f"{source}.share")
            parts.append(self.node("Add", [parts[-1], part], f"{source}.mixed") if parts else part)
        return self.node("Add", [parts[-1], self.constant(f"{name}.middle", middle)], name)

    def norm(self, source: str, part: str) -> str:
        """Add a layer normalisation, balanced where a product reads it."""
        weight, bias = (self.weights.plain(f"{part}.{kind}") for kind in "wb")
        if part in self.balances:
            balance = self.balances[part]
            weight, bias = weight / balance.size, (bias - balance.middle) / balance.size
        inputs = [source, self.constant(f"{part}.w", weight), self.constant(f"{part}.b", bias)]
        return self.node("LayerNormalization", inputs, part, axis=-1, epsilon=self.weights.epsilon)

    def pooled(self, source: str) -> str:
        """Add the mean over each text's tokens, brought to length 1."""
        # The sum points where the mean does, and only the direction is kept. ReduceSum would add up the tokens of a
        # text that is alone in another order than beside others.
        axis = self.constant("axis", np.array([1], np.int64))
        value = numpy_helper.from_array(np.array([1], np.float32))
        ones = self.node("ConstantOfShape", [self._texts_tokens()], "ones", value=value)
        row = self.node("Unsqueeze", [ones, axis], "row")
        total = self.node("Squeeze", [self.node("MatMul", [row, source], "total"), axis], "total_flat")
        return self.node("LpNormalization", [total], "vectors", axis=-1, p=2)


def _rounded_matrix(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return a matrix in bytes, int8 (rows, columns), and the size of a step for each row, float32 (rows,)."""
    scale = np.abs(matrix).max(axis=1) / WEIGHT_STEPS
    return np.round(matrix / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def make_graph(weights: Weights, precision: Precision = Precision.INT8) -> onnx.ModelProto:
    """Return the encoder as an ONNX model."""
    writer = GraphWriter(weights, precision)
    layers = [writer.norm("embeddings", "emb.ln")]
    for number in range(weights.layers):
        layers.append(writer.layer(layers[-1], number))
    writer.mixed({layers[number + 1]: share for number, share in TOKEN_LAYERS.items()}, "states")
    writer.pooled(layers[-1])
    graph = helper.make_graph(
        writer.nodes,
        "multilingual-e5-small",
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["texts", "tokens", weights.hidden])],
        [
            helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", weights.hidden]),
            helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "tokens", weights.hidden]),
        ],
        writer.constants,
    )
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    return helper.make_model(graph, opset_imports=imports, ir_version=10, producer_name="veille")
