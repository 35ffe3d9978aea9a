"""One builder at a time in an index folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.errors import IndexBusy, IndexUnwritable

NAME = "lock"
OWN = {"cache", "current", "generations", NAME}


@contextmanager
def building(index_dir: Path) -> Iterator[None]:
    """Hold the folder, which is made if need be. The system lets go of it when the process dies.

    Raises IndexBusy where another process holds it, IndexUnwritable where it cannot be written or is
    full of something else.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        names = {entry.name for entry in index_dir.iterdir()}
        if names and not names & OWN:
            raise IndexUnwritable(
                "the folder is not empty and holds no index",
                "Give an empty or new folder",
                where=str(index_dir),
            )
        handle = os.open(index_dir / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise IndexUnwritable(
            f"an index cannot be written there ({error.strerror})",
            "Choose another folder",
            where=str(index_dir),
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(handle, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise IndexBusy(
                f"process {holder} is building in it", "Wait until it has finished", where=str(index_dir)
            ) from error
        # Who it is only helps whoever waits: a disk too full to say so is another step's to report.
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
