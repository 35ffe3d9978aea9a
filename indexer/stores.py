"""Which store an index folder has."""

from __future__ import annotations

from pathlib import Path

from indexer.folder_store import FolderStore
from indexer.milvus.place import Place
from indexer.store import Store


def store_of(index_dir: Path) -> Store:
    """Return what holds the vectors of the index in `index_dir`. Raises IndexProblem where pymilvus is missing."""
    place = Place.of(index_dir)
    if place is None:
        return FolderStore(index_dir)
    from indexer.milvus.store import MilvusStore

    return MilvusStore(index_dir, place)
