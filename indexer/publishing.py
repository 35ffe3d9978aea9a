"""How a generation goes live: staged, checked, and only then named as the one that is served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from corpus.durable import sync
from indexer import manifest
from indexer.errors import IndexUnreachable
from indexer.manifest import FileSum
from indexer.naming import BUILD_NAME, FOLDER
from indexer.stores import store_of

STAGING = ".staging-"
# Holds the name of what is about to be served: what a killed process left half-way is known by it.
COMING = "current.new"


def publish(index_dir: Path, name: str, fill: Callable[[Path], None], check: Callable[[Path], None]) -> None:
    """Let `fill` write a generation into a staging folder; fsync it, let `check` look at it, and only then serve it.

    Whatever goes wrong before the last step, the generation served so far stays as it is and nothing of the new one
    is left. Raises what `fill` and `check` do, and OSError.
    """
    folder = index_dir / FOLDER
    staging = folder / f"{STAGING}{name}"
    try:
        staging.mkdir(parents=True)
        fill(staging)
        for file in staging.iterdir():
            sync(file, forget=True)
        sync(staging)
        check(staging)
        coming = index_dir / COMING
        coming.write_text(f"{name}\n", encoding="ascii")
        sync(coming)
        staging.rename(folder / name)
        sync(folder)
        store_of(index_dir).serve(coming)
    except BaseException:
        # What holds the vectors may be out of reach: the next build finds what is left.
        with suppress(IndexUnreachable):
            _abandon(index_dir, name)
        raise


def point(index_dir: Path, name: str) -> None:
    """Serve another generation, which is complete and checked. Raises OSError."""
    store_of(index_dir).point(name)


def clear(index_dir: Path) -> None:
    """Remove what killed builds left half done. Call only while holding the lock. Raises IndexUnreachable."""
    coming = index_dir / COMING
    if coming.exists():
        name = coming.read_text(encoding="ascii", errors="replace").strip()
        # It may hold half a name, where the process was killed while writing it.
        if BUILD_NAME.fullmatch(name):
            _abandon(index_dir, name)
        coming.unlink(missing_ok=True)
    for leftover in (index_dir / FOLDER).glob(f"{STAGING}*"):
        _remove(index_dir, leftover.name.removeprefix(STAGING), leftover)


def discard(index_dir: Path, name: str) -> None:
    """Remove a generation: it is gone at once for whoever looks, and half of one is never found."""
    leaving = index_dir / FOLDER / f"{STAGING}{name}"
    (index_dir / FOLDER / name).rename(leaving)
    _remove(index_dir, name, leaving)


def file_sums(directory: Path) -> dict[str, FileSum]:
    """Return size and checksum of every file in `directory` but the manifest."""
    return {f.name: FileSum.of(f) for f in sorted(directory.iterdir()) if f.name != manifest.NAME}


def _abandon(index_dir: Path, name: str) -> None:
    """Remove what there is of a generation that did not become the one that is served. Raises IndexUnreachable."""
    folder = index_dir / FOLDER
    served = store_of(index_dir).serves(name)
    _remove(index_dir, name, folder / f"{STAGING}{name}")
    if not served:
        _remove(index_dir, name, folder / name)
        (index_dir / COMING).unlink(missing_ok=True)


def _remove(index_dir: Path, name: str, directory: Path) -> None:
    """Remove a folder, its vectors first: whatever ends this half-way, the folder says that they may be there."""
    if directory.exists():
        store_of(index_dir).discard(name)
    shutil.rmtree(directory, ignore_errors=True)
