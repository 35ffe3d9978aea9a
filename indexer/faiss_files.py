"""Files of FAISS: mapped into memory or read, and written so that errors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import faiss

from indexer.errors import IndexDamaged


def mapped(file: Path, descriptor: int | None = None) -> faiss.Index:
    """Map an index into memory: `file`, or what is behind `descriptor`, which may be closed later.

    Check its sum first, and give the descriptor that it was checked by: FAISS reads, and may crash on, anything.
    Raises IndexDamaged where FAISS finds that it is none.
    """
    return _opened(file, descriptor, faiss.IO_FLAG_MMAP_IFC)


def read(file: Path, descriptor: int, kinds: tuple[type[faiss.Index], ...], called: str) -> Any:
    """Read sketches as `mapped` maps vectors: FAISS copies them even so, and they would take their memory twice.

    Raises IndexDamaged also where they are no inner-product index of one of `kinds`, which are `called` so.
    """
    index = _opened(file, descriptor, 0)
    if not isinstance(index, kinds) or index.metric_type != faiss.METRIC_INNER_PRODUCT:
        raise IndexDamaged(f"it holds a {type(index).__name__}, not {called}", where=str(file))
    return index


def _opened(file: Path, descriptor: int | None, flags: int) -> faiss.Index:
    try:
        source = str(file) if descriptor is None else f"/proc/self/fd/{descriptor}"
        owner = faiss.read_index(source, flags)
    except RuntimeError as error:
        raise IndexDamaged("FAISS cannot read it", where=str(file)) from error
    index = faiss.downcast_index(owner)
    # The downcast only borrows: FAISS's object dies with the one that was read.
    index.referenced_objects = [owner]  # type: ignore[attr-defined]
    return index


def write(index: faiss.Index, file: Path) -> None:
    """Write an index. Raises OSError; FAISS's own writer does not say so where closing the file fails."""
    with file.open("wb") as stream:
        writer = faiss.PyCallbackIOWriter(stream.write)  # type: ignore[attr-defined]  # FAISS's stubs lack it
        faiss.write_index(index, writer)
