"""A generation's vectors into a new collection: written, indexed to the last row, loaded, and only then searched.

Before its index is finished a collection answers from a makeshift one, which was seen to find 0.38 of the ten nearest.
"""

from __future__ import annotations

import time
from typing import Any

from indexer.errors import IndexUnreachable
from indexer.milvus import probing
from indexer.milvus.collection import METRIC, rows, schema
from indexer.milvus.connection import LONG, Connection
from indexer.milvus.vectors import Cells, MilvusVectors
from indexer.store import Content, Written

_FIELD = "vector"
# Below, Milvus compares all of them; milvus-lite always does, whatever it is told.
LEAST = 50_000
_POLL = 0.2


def load(connection: Connection, collection: str, content: Content, about: str) -> Written:
    """Make the collection. Raises IndexUnreachable."""
    count, dimension = content.vectors.shape
    cells = probing.cells_for(count) if connection.place.server and count >= LEAST else 0
    with connection.asking() as client:
        if client.has_collection(collection, timeout=LONG):
            client.drop_collection(collection, timeout=LONG)
        client.create_collection(collection, schema=schema(dimension), timeout=LONG)
        for block in rows(content, about):
            client.insert(collection, block, timeout=LONG)
        client.flush(collection, timeout=LONG)
        parameters = client.prepare_index_params()
        kind = "IVF_FLAT" if cells else "FLAT"
        parameters.add_index(_FIELD, index_type=kind, metric_type=METRIC, params={"nlist": cells} if cells else {})
        client.create_index(collection, parameters, timeout=LONG)
        _wait_until_indexed(connection, client, collection, count)
        client.load_collection(collection, timeout=LONG)
    if not cells:
        return Written("Milvus FLAT", "Flat", None)
    vectors = MilvusVectors(connection, collection, count=count, dimension=dimension, cells=Cells(cells))
    breadth = probing.measured(vectors, content.vectors, content.questions, cells)
    return Written(f"Milvus IVF_FLAT, {cells:,} cells", "Flat", breadth)


def _wait_until_indexed(connection: Connection, client: Any, collection: str, count: int) -> None:
    """Wait as long as it goes on. Raises IndexUnreachable where nothing moves any more."""
    last, deadline = -1, time.monotonic() + LONG
    while True:
        state = client.describe_index(collection, _FIELD, timeout=LONG)
        indexed, pending, total = (int(state[name]) for name in ("indexed_rows", "pending_index_rows", "total_rows"))
        if pending == 0 and indexed == total == count:
            return
        if indexed != last:
            last, deadline = indexed, time.monotonic() + LONG
        if time.monotonic() > deadline:
            raise IndexUnreachable(
                f"Milvus has indexed {indexed:,} of {count:,} passages, and no more for {LONG:.0f} s",
                "Look into its log",
                where=connection.where,
            )
        time.sleep(_POLL)
