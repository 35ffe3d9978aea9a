"""The files of a generation, checked by what its manifest says before anything else reads them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from indexer.errors import IndexDamaged, IndexUnreadable
from indexer.manifest import REBUILD, FileSum

State = tuple[int, int, int, int]


@contextmanager
def checked_files(
    directory: Path, files: Mapping[str, FileSum], *, lazy: Collection[str] = ()
) -> Iterator[dict[str, int]]:
    """Hold the files open after checking size and SHA-256, of those in `lazy` the size alone; yield their descriptors.

    What is read through a descriptor is the file that was checked, whatever has since been put in its place. Where
    files are read by name, leaving makes sure that each name still stands for the file that was checked, unwritten
    since. Raises IndexDamaged or IndexUnreadable.
    """
    with ExitStack() as stack:
        opened: dict[str, int] = {}
        for name in files:
            file = directory / name
            if name != file.name:
                raise IndexDamaged(f"the manifest lists {name!r}", REBUILD, where=str(directory))
            opened[name] = _opened(file)
            stack.callback(os.close, opened[name])

        def check(name: str) -> State:
            return _check(directory / name, opened[name], files[name], whole=name not in lazy)

        # Summing up lets go of the interpreter: large files are read side by side.
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            states = list(threads.map(check, files))
        yield opened
        for name, before in zip(files, states, strict=True):
            if _state(directory / name) != before:
                raise IndexDamaged("it was changed while it was opened", "Try again", where=str(directory / name))


def _opened(file: Path) -> int:
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        return os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as error:
        raise IndexDamaged("it is missing", REBUILD, where=str(file)) from error
    except OSError as error:
        raise IndexUnreadable.at(file, error) from error


def _check(file: Path, descriptor: int, expected: FileSum, *, whole: bool) -> State:
    try:
        state = _state(descriptor)
        size = state[2]
        if size != expected.bytes:
            raise IndexDamaged(f"it has {size:,} bytes instead of {expected.bytes:,}", REBUILD, where=str(file))
        if not whole:
            return state
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise IndexUnreadable.at(file, error) from error
    if found != expected.sha256:
        raise IndexDamaged("its content is not what was published (sha256 differs)", REBUILD, where=str(file))
    return state


def _state(file: Path | int) -> State:
    """Return what changes where a file is replaced or written to; a size of -1 where there is no file."""
    try:
        found = os.fstat(file) if isinstance(file, int) else file.stat()
    except FileNotFoundError:
        return 0, 0, -1, 0
    size = found.st_size if stat.S_ISREG(found.st_mode) else -1
    return found.st_dev, found.st_ino, size, found.st_mtime_ns
