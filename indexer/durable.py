"""Bytes that are on the disk, not only on their way to it."""

from __future__ import annotations

import os
from pathlib import Path


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


def replace(file: Path, text: str, *, via: str) -> None:
    """Let `file` hold `text` from one moment to the next, whatever happens, by way of a file called `via` beside it.

    Raises OSError; `file` is then as it was.
    """
    written = file.with_name(via)
    written.write_text(text, encoding="ascii")
    sync(written)
    written.replace(file)
    sync(file.parent)
