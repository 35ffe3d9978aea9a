"""The files of a generation, checked by what its manifest says before anything else reads them."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from indexer.errors import IndexDamaged, IndexUnreadable
from indexer.manifest import PART, REBUILD, FileSum, sum_of

State = tuple[int, int, int, int]


class _Part(NamedTuple):
    """What of a file is summed up in one go, and its SHA-256."""

    file: Path
    descriptor: int
    start: int
    end: int
    sha256: str


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

        states = [_sized(directory / name, opened[name], expected) for name, expected in files.items()]
        parts = [
            part
            for name, expected in files.items()
            if name not in lazy
            for part in _parts(directory / name, opened[name], expected)
        ]
        # Summing up lets go of the interpreter: files, and parts of large ones, are read side by side.
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            list(threads.map(_check, parts))
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


def _sized(file: Path, descriptor: int, expected: FileSum) -> State:
    """Return the state of a file that has the size it should have."""
    try:
        state = _state(descriptor)
    except OSError as error:
        raise IndexUnreadable.at(file, error) from error
    if state[2] != expected.bytes:
        raise IndexDamaged(f"it has {state[2]:,} bytes instead of {expected.bytes:,}", REBUILD, where=str(file))
    return state


def _parts(file: Path, descriptor: int, expected: FileSum) -> Iterator[_Part]:
    """Yield the parts of a file, or all of it as one where no parts are told, or too few."""
    starts = range(0, expected.bytes, PART)
    if len(expected.parts) != len(starts):
        yield _Part(file, descriptor, 0, expected.bytes, expected.sha256)
        return
    for start, sha256 in zip(starts, expected.parts, strict=True):
        yield _Part(file, descriptor, start, start + PART, sha256)


def _check(part: _Part) -> None:
    try:
        found = sum_of(part.descriptor, part.start, part.end)
    except OSError as error:
        raise IndexUnreadable.at(part.file, error) from error
    if found != part.sha256:
        raise IndexDamaged("its content is not what was published (sha256 differs)", REBUILD, where=str(part.file))


def _state(file: Path | int) -> State:
    """Return what changes where a file is replaced or written to; a size of -1 where there is no file."""
    try:
        found = os.fstat(file) if isinstance(file, int) else file.stat()
    except FileNotFoundError:
        return 0, 0, -1, 0
    size = found.st_size if stat.S_ISREG(found.st_mode) else -1
    return found.st_dev, found.st_ino, size, found.st_mtime_ns
