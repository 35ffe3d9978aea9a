"""LanceDB: a table of vectors (https://docs.lancedb.com/tables), with an index from 100,000 rows on.

Below that its documentation (https://docs.lancedb.com/indexing/vector-index) advises to do without.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa

from benchmarks.stores.drivers import Ask

TABLE = "passages"
_INDEXED = 100_000
_BATCH = 50_000


def build(vectors: Any, folder: Path) -> None:
    """Add everything to a new table, and index it where there are many: IVF_PQ, its default."""
    dimension = vectors.shape[1]
    schema = pa.schema([pa.field("id", pa.int64()), pa.field("vector", pa.list_(pa.float32(), dimension))])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(vectors), _BATCH):
            block = vectors[start : start + _BATCH]
            listed = pa.FixedSizeListArray.from_arrays(pa.array(block.ravel()), dimension)
            yield pa.record_batch([pa.array(range(start, start + len(block))), listed], schema=schema)

    table = lancedb.connect(str(folder)).create_table(
        TABLE, pa.RecordBatchReader.from_batches(schema, batches()), schema=schema
    )
    if len(vectors) >= _INDEXED:
        table.create_index(metric="cosine", vector_column_name="vector")


def opened(folder: Path) -> Ask:
    """Open the table."""
    table = lancedb.connect(str(folder)).open_table(TABLE)

    def ask(vector: Any, k: int) -> list[int]:
        found = table.search(vector).distance_type("cosine").select(["id"]).limit(k).to_arrow()
        return list(found["id"].to_pylist())

    return ask
