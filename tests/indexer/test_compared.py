"""Tokens beside tokens, in whole numbers: by hand on tiny codes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from indexer import products as products_module
from indexer.codes import EXTRA, Codes, TokenCodes, TokenCodesWriter
from indexer.compared import Compared
from indexer.encoder import QueryTokens
from indexer.products import Whole

# Eight dimensions: a code is a byte, and its vector of signs has length sqrt(8).
ALL, HALF, NONE = 0b11111111, 0b11110000, 0b00000000
NEAR = 1 / np.sqrt(8)


def tokens(*weights: float) -> QueryTokens:
    """Return a question of unit vectors along the first dimensions."""
    return QueryTokens(np.eye(8, dtype=np.float32)[: len(weights)], np.array(weights, np.float32))


def signs(*each: int) -> Codes:
    """Return codes of eight dimensions, whose places are of no importance."""
    return np.pad(np.array(each, np.uint8).reshape(-1, 1), ((0, 0), (0, EXTRA)))


def codes(folder: Path, *passages: list[int]) -> TokenCodes:
    with TokenCodesWriter(folder) as writer:
        for passage in passages:
            writer.add(signs(*passage))
    return TokenCodes.open(folder, len(passages), 8)


def nearness(query: QueryTokens, kept: TokenCodes, rows: np.ndarray) -> np.ndarray:
    return Compared.of(query, *kept.of_each(rows)).nearness()


def test_a_code_is_as_near_as_its_signs() -> None:
    query = QueryTokens(np.array([[0.6, 0.8, 0, 0, 0, 0, 0, 0]], np.float32), np.ones(1, np.float32))
    found = Compared.of(query, signs(ALL, 0b10000000, NONE), np.array([3])).at([0]).cosines
    assert found == pytest.approx(np.array([[1.4, -0.2, -1.4]]) * NEAR, abs=2e-3)


def test_whole_numbers_say_what_floats_do() -> None:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(9, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    some = random.integers(0, 256, (70, 48), dtype=np.uint8)
    floats = (np.unpackbits(some, axis=1) * 2.0 - 1) / np.sqrt(384)
    whole = Whole.of(vectors)
    found = whole.sums(whole.products(some)).T / np.sqrt(384)
    assert found == pytest.approx((whole.numbers * whole.steps).T @ floats.T, abs=1e-6)
    assert found == pytest.approx(vectors @ floats.T, abs=2e-3)
    assert np.abs(found - vectors @ floats.T).mean() < 5e-4


def test_the_nearest_of_whole_numbers_is_the_nearest() -> None:
    """Whole products are compared before they are scaled, also those of a vector of tiny numbers, or of none."""
    vectors = np.array([[1e-6, -3e-6, 2e-6, 0, 0, 0, 0, 0], np.zeros(8), [-5.0, 1, 2, 3, 4, 5, 6, 7]], np.float32)
    some = np.arange(256, dtype=np.uint8)[:, np.newaxis]
    whole = Whole.of(vectors)
    products = whole.products(some)
    assert whole.sums(products.max(axis=0)) == pytest.approx(whole.sums(products).max(axis=0))
    assert whole.sums(products.max(axis=0)) == pytest.approx([6e-6, 0, 33], rel=0.02)


@pytest.mark.parametrize("count", [0, 1, 2_047, 2_048, 2_049, 5_000])
def test_products_of_many_codes_are_exact(count: int) -> None:
    random = np.random.default_rng(0)
    some = random.integers(0, 256, (count, 48), dtype=np.uint8)
    whole = Whole.of(random.standard_normal((7, 384)).astype(np.float32))
    expected = np.unpackbits(some, axis=1).astype(np.int32) @ whole.numbers.astype(np.int32)
    assert np.array_equal(whole.products(some), expected)


def test_the_graph_of_the_product_is_what_onnx_makes() -> None:
    sizes = {"bits": ["codes", "bits"], "tokens": ["bits", "tokens"], "products": ["codes", "tokens"]}
    kinds = {"bits": TensorProto.UINT8, "tokens": TensorProto.INT8, "products": TensorProto.INT32}
    bits, tokens, products = (helper.make_tensor_value_info(name, kinds[name], sizes[name]) for name in sizes)
    node = helper.make_node("MatMulInteger", ["bits", "tokens"], ["products"])
    model = helper.make_model(
        helper.make_graph([node], "signs", [bits, tokens], [products]),
        opset_imports=[helper.make_opsetid("", 21)],
        ir_version=10,
        producer_name="veille",
    )
    assert model.SerializeToString(deterministic=True) == products_module.GRAPH


def test_each_token_of_the_question_takes_the_nearest_of_the_passage(tmp_path: Path) -> None:
    found = nearness(tokens(0.75, 0.25), codes(tmp_path, [0b10000000, NONE], [], [ALL]), np.array([0, 1, 2]))
    # First passage: near to the first token, far from the second; the second passage has no tokens.
    assert found == pytest.approx([0.75 * NEAR - 0.25 * NEAR, -1, NEAR], abs=1e-6)


def test_what_is_compared_is_told_passage_by_passage(tmp_path: Path) -> None:
    kept = codes(tmp_path, [ALL], [], [NONE, HALF])
    found = Compared.of(tokens(0.5, 0.5), *kept.of_each(np.array([2, 1, 0])))
    assert [found.at([place]).cosines.shape for place in range(3)] == [(2, 2), (2, 0), (2, 1)]
    assert found.at([0]).cosines == pytest.approx(np.array([[-NEAR, NEAR], [-NEAR, NEAR]]), abs=1e-6)
    near = found.at([2, 1, 0])
    assert near.lengths.tolist() == [1, 0, 2]
    assert near.cosines == pytest.approx(np.array([[NEAR, -NEAR, NEAR], [NEAR, -NEAR, NEAR]]), abs=1e-6)
    assert near.codes[:, 0].tolist() == [ALL, NONE, HALF]


def test_rows_in_any_order_and_none_at_all(tmp_path: Path) -> None:
    kept = codes(tmp_path, [ALL], [NONE], [HALF])
    assert nearness(tokens(1), kept, np.array([2, 1])) == pytest.approx([NEAR, -NEAR], abs=1e-6)
    assert nearness(tokens(1), kept, np.empty(0, np.int64)).shape == (0,)
