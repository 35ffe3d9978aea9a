"""Nearest neighbours in a collection of Milvus."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indexer.breadth import FEW, Breadth
from indexer.errors import IndexUnreachable
from indexer.filter import Allowed
from indexer.milvus.collection import METRIC
from indexer.milvus.connection import SOON, Connection
from indexer.milvus.expression import among, expression
from indexer.nearest import Neighbours, Rows, Vectors
from indexer.vectors import ordered

# Milvus gives no more hits, and no more rows, at once.
MOST = 16_384
_VECTORS_AT_ONCE = 4_096
_QUESTIONS_AT_ONCE = 256
# Nothing is written to a collection that is served: what a node has loaded is all there is, and needs no waiting for.
CONSISTENCY = "Eventually"


@dataclass(frozen=True, slots=True)
class Cells:
    """How many cells the vectors lie in, 0 for none, and into how many a search looks."""

    count: int = 0
    breadth: Breadth | None = None

    def probes(self, part: float) -> int:
        """Return how many to look into where so large a part of the rows is allowed."""
        return self.breadth.probes_for(part) if self.breadth else self.count


class MilvusVectors:
    """Vectors of passages, by row, in a loaded collection that nobody writes to. Threads may share it."""

    def __init__(self, connection: Connection, collection: str, *, count: int, dimension: int, cells: Cells) -> None:
        """Take them as they are."""
        self._connection, self._collection = connection, collection
        self._count, self._dimension, self._cells = count, dimension, cells

    @property
    def count(self) -> int:
        """Number of rows."""
        return self._count

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None, *, exactly: bool = False
    ) -> list[Neighbours]:
        """Find the nearest, as `Nearest` says, 16,384 at most. Raises IndexUnreachable."""
        left = self._count if allowed is None else len(allowed)
        wanted = min(k, MOST, left)
        if wanted <= 0:
            return [(np.empty(0, np.float32), np.empty(0, np.int64)) for _ in queries]
        passing = "" if allowed is None else expression(allowed)
        whole = exactly or (allowed is not None and left <= FEW)
        probes = self._cells.count if whole else self._cells.probes(left / self._count)
        found = self.within(queries, wanted, passing, probes)
        if probes < self._cells.count and min(len(rows) for _, rows in found) < wanted:
            return self.within(queries, wanted, passing, self._cells.count)
        return found

    def within(self, queries: Vectors, k: int, passing: str, probes: int) -> list[Neighbours]:
        """Return the k nearest that pass a filter, looking into so many cells. Raises IndexUnreachable."""
        parameters = {"metric_type": METRIC, "params": {"nprobe": probes} if self._cells.count else {}}
        found: list[Neighbours] = []
        with self._connection.asking() as client:
            for start in range(0, len(queries), _QUESTIONS_AT_ONCE):
                answers = client.search(
                    self._collection,
                    data=list(np.ascontiguousarray(queries[start : start + _QUESTIONS_AT_ONCE], np.float32)),
                    filter=passing,
                    limit=k,
                    search_params=parameters,
                    output_fields=["row"],
                    consistency_level=CONSISTENCY,
                    timeout=SOON,
                )
                for hits in answers:
                    scores = np.fromiter((hit["distance"] for hit in hits), np.float32, len(hits))
                    found.append(
                        ordered(scores, np.fromiter((hit["entity"]["row"] for hit in hits), np.int64, len(hits)))
                    )
        return found

    def vectors(self, rows: Rows) -> Vectors:
        """Return float32 (len(rows), dimension). Raises IndexUnreachable."""
        asked, places = np.unique(np.asarray(rows, np.int64), return_inverse=True)
        found = np.empty((len(asked), self._dimension), np.float32)
        with self._connection.asking() as client:
            for start in range(0, len(asked), _VECTORS_AT_ONCE):
                block = asked[start : start + _VECTORS_AT_ONCE]
                answers = client.query(
                    self._collection,
                    filter=among("row", block.tolist()),
                    output_fields=["row", "vector"],
                    consistency_level=CONSISTENCY,
                    timeout=SOON,
                )
                if len(answers) != len(block):
                    raise self._short(len(answers), len(block))
                own = np.fromiter((answer["row"] for answer in answers), np.int64, len(block))
                found[np.searchsorted(asked, own)] = np.array([answer["vector"] for answer in answers], np.float32)
        return found[places]

    def scores(self, query: Vectors, rows: Rows) -> Vectors:
        """Return inner products, float32 (len(rows),). Raises IndexUnreachable.

        Milvus computes them: numbers are a fiftieth of what vectors would be.
        """
        scores = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), MOST):
            block = rows[start : start + MOST]
            order = np.argsort(block)
            ((found, own),) = self.within(
                query[np.newaxis], len(block), among("row", block.tolist()), self._cells.count
            )
            if len(own) != len(block):
                raise self._short(len(own), len(block))
            scores[start + order[np.searchsorted(block[order], own)]] = found
        return scores

    def reach(self) -> None:
        """Ask for a passage. Raises IndexUnreachable, also where the server is up and has not loaded them yet."""
        with self._connection.asking() as client:
            found = client.query(
                self._collection,
                filter=among("row", [0]),
                output_fields=["row"],
                consistency_level=CONSISTENCY,
                timeout=SOON,
            )
        if len(found) != min(self._count, 1):
            raise self._short(len(found), 1)

    def _short(self, found: int, asked: int) -> IndexUnreachable:
        return IndexUnreachable(
            f"Milvus gave {found:,} of {asked:,} passages",
            "It may still be loading them: try again",
            where=self._connection.where,
        )
