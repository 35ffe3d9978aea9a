"""Files that are whole and on the disk, whatever happens while they are written."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


def sync(path: Path, *, forget: bool = False) -> None:
    """Wait until a file, or what a folder lists, is on the disk. Raises OSError.

    `forget` asks the system to drop its copy in memory, so that who reads the file next reads the disk.
    """
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
        if forget:
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


@contextmanager
def replacing(file: Path, *, via: str) -> Iterator[BinaryIO]:
    """Give a file called `via` to write into, which takes the place of `file` beside it from one moment to the next.

    For one writer at a time: a killed one leaves `via`, which the next one begins anew. Raises OSError; whatever is
    raised meanwhile, `file` is as it was.
    """
    coming = file.with_name(via)
    try:
        with coming.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        coming.replace(file)
    except BaseException:
        coming.unlink(missing_ok=True)
        raise
    sync(file.parent)


def replace_privately(file: Path, content: bytes) -> None:
    """Let `file`, which its owner alone can read, hold `content` from one moment to the next. Raises OSError.

    Writers do not disturb each other: each has a file of its own until the end.
    """
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
