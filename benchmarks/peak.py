"""How much of what the processor can do the bundled encoder does.

The peak is measured, not read off a data sheet: products of bytes by bytes of the encoder's own shapes, by the engine
that it runs in, with nothing between them; beside it the same products in float32. The encoder is measured in turn
with them. What it does is counted by its matrix products alone: attention, GELU and all else are what keeps it from
the peak.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.encoder import paragraphs, token_count, wishes
from benchmarks.spent import Taken, middle
from indexer.encoders.batches import BATCH_TOKENS
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.graph import CONTRIB, OPSET

HIDDEN, INNER, LAYERS = 384, 1536, 12
# What a layer multiplies a token by: query, key, value, what attention gave; then wider and back.
SHAPES = [*[(HIDDEN, HIDDEN)] * 4, (HIDDEN, INNER), (INNER, HIDDEN)]
OPERATIONS = 2 * sum(rows * columns for rows, columns in SHAPES)
REPEATS = 20


def main() -> None:
    """Print operations a second of products alone and of the encoder, and the share."""
    options = wishes(__doc__)
    texts = paragraphs(options.passages)
    products = {"int8": layer_of_products(quantised=True), "fp32": layer_of_products(quantised=False)}
    rows = []
    for threads in options.threads:
        encoder = BundledEncoder.load(quiet=False, threads=threads)
        work: dict[str, Callable[[], object]] = {
            name: partial(repeated, session, threads) for name, session in products.items()
        }
        work["encoder"] = partial(encoder.encode_passages, texts)
        operations = dict.fromkeys(products, OPERATIONS * BATCH_TOKENS * REPEATS * threads)
        operations["encoder"] = OPERATIONS * LAYERS * token_count(encoder, texts)
        rows.append({"threads": threads} | measured(work, operations, options.rounds))

    print("Thousand million operations of matrix products a second, medians, by the clock and by processor seconds:")
    print("| threads | int8 products alone | fp32 products alone | encoder | share of the int8 peak |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        cells = [f"{row[name]['clock'] / 1e9:,.0f}, {row[name]['processor'] / 1e9:,.0f}" for name in work]
        share = f"{row['share']['clock']:.2f}, {row['share']['processor']:.2f}"
        print(f"| {row['threads']} | {' | '.join(cells)} | {share} |")
    if options.json:
        options.json.write_text(json.dumps({"operations_a_token": OPERATIONS * LAYERS, "rows": rows}, indent=1) + "\n")


def layer_of_products(*, quantised: bool) -> onnxruntime.InferenceSession:
    """Return a session with the products of one layer, each of the same input, on one thread."""
    random = np.random.default_rng(0)
    nodes, outputs = [], []
    constants = [
        numpy_helper.from_array(np.array(0.01, np.float32), "scale"),
        numpy_helper.from_array(np.array(128, np.uint8), "middle"),
    ]
    for number, (rows, columns) in enumerate(SHAPES):
        weight = random.integers(-63, 64, (rows, columns)).astype(np.int8 if quantised else np.float32)
        constants.append(numpy_helper.from_array(weight, f"w{number}"))
        source = [f"x{rows}", f"w{number}"]
        if quantised:
            own = numpy_helper.from_array(np.full(columns, 0.01, np.float32), f"s{number}")
            constants.append(own)
            source += ["scale", own.name, "middle"]
            node = helper.make_node("MatMulIntegerToFloat", source, [f"y{number}"], domain=CONTRIB)
        else:
            node = helper.make_node("MatMul", source, [f"y{number}"])
        nodes.append(node)
        outputs.append(helper.make_tensor_value_info(f"y{number}", TensorProto.FLOAT, None))
    kind = TensorProto.UINT8 if quantised else TensorProto.FLOAT
    inputs = [helper.make_tensor_value_info(f"x{width}", kind, ["tokens", width]) for width in (HIDDEN, INNER)]
    graph = helper.make_graph(nodes, "products", inputs, outputs, constants)
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(CONTRIB, 1)]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    model = helper.make_model(graph, opset_imports=imports, ir_version=10)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def repeated(session: onnxruntime.InferenceSession, threads: int) -> None:
    """Compute the products REPEATS times in each of so many threads, with as many tokens as the encoder at once."""
    random = np.random.default_rng(0)
    kind = np.uint8 if session.get_inputs()[0].type == "tensor(uint8)" else np.float32
    given = {
        f"x{width}": random.integers(0, 256, (BATCH_TOKENS, width), np.uint8).astype(kind) for width in (HIDDEN, INNER)
    }

    def alone(_: int) -> None:
        for _ in range(REPEATS):
            session.run(None, given)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(alone, range(threads)))


def measured(
    work: dict[str, Callable[[], object]], operations: dict[str, int], rounds: int
) -> dict[str, dict[str, float]]:
    """Return operations a second of each, side by side, by the clock and by processor seconds, and the share."""
    taken: dict[str, list[Taken]] = {name: [] for name in work}
    for number in range(rounds + 1):
        for name, each in work.items():
            own = Taken.by(each)
            # The first round warms up.
            if number:
                taken[name].append(own)
    found = {}
    for name, own in taken.items():
        seconds = middle(own)
        found[name] = {
            "clock": operations[name] / seconds.clock,
            "processor": operations[name] / seconds.processor,
        }
    found["share"] = {key: found["encoder"][key] / found["int8"][key] for key in ("clock", "processor")}
    return found


if __name__ == "__main__":
    main()
