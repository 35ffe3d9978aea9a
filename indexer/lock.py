"""One builder at a time in an index folder."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus.durable import sync
from indexer import workers
from indexer.errors import IndexBusy, IndexUnwritable
from indexer.milvus import place

NAME = "lock"
OWN = {"cache", "current", "fetched.json", "generations", "keep", "removed.jsonl", place.NAME, workers.FOLDER, NAME}
_LONGEST = 1_000
_SHOWN = 120
_POLL = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """Who builds in a folder, as it wrote into the lock: `since` is a UTC second."""

    pid: int
    host: str
    since: str
    command: str

    @classmethod
    def me(cls) -> Holder:
        """Return this process."""
        program = Path(sys.argv[0])
        name = f"python -m {program.parent.name}" if program.name == "__main__.py" else program.name or "python"
        command = " ".join([name, *sys.argv[1:]])[:_SHOWN]
        return cls(os.getpid(), socket.gethostname(), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", command)

    @classmethod
    def read(cls, text: str) -> Holder | None:
        """Return whom a lock names, None where it names nobody in a way that is understood."""
        try:
            holder = cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None
        kinds = (int, str, str, str)
        values = (holder.pid, holder.host, holder.since, holder.command)
        return holder if all(map(isinstance, values, kinds)) else None

    def __str__(self) -> str:
        """Return it for a message; a lock may have been written by anybody."""
        host, since, command = (
            "".join(character if character.isprintable() else " " for character in text)[:_SHOWN]
            for text in (self.host, self.since, self.command)
        )
        return f"process {self.pid} on {host}, since {since} ({command})"


@contextmanager
def building(index_dir: Path, *, wait: float = 0.0, quiet: bool = False) -> Iterator[None]:
    """Hold the folder, which is made if need be. The system lets go of it when the process dies.

    Where another process holds it, wait up to `wait` seconds, with a line on stderr unless `quiet`. Raises IndexBusy
    where it still holds it then, IndexUnwritable where the folder cannot be written or is full of something else.
    """
    handle = _opened(index_dir)
    try:
        _take(handle, index_dir, wait, quiet=quiet)
        # Who it is only helps whoever waits: a disk too full to say so is another step's to report.
        with suppress(OSError):
            os.ftruncate(handle, 0)
            os.pwrite(handle, json.dumps(asdict(Holder.me())).encode() + b"\n", 0)
        try:
            yield
        finally:
            with suppress(OSError):
                os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def holder(index_dir: Path) -> Holder | None:
    """Return who held the folder last, whether it still does or not."""
    with suppress(OSError):
        return Holder.read((index_dir / NAME).read_bytes()[:_LONGEST].decode("utf-8", "replace"))
    return None


def _opened(index_dir: Path) -> int:
    try:
        new = not index_dir.exists()
        index_dir.mkdir(parents=True, exist_ok=True)
        if new:
            # A parent that may be written but not listed cannot be synced.
            with suppress(PermissionError):
                sync(index_dir.parent)
        names = {entry.name for entry in index_dir.iterdir()}
        if names and not names & OWN:
            raise IndexUnwritable(
                "the folder is not empty and holds no index",
                "Give an empty or new folder",
                where=str(index_dir),
            )
        return os.open(index_dir / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise IndexUnwritable(
            f"an index cannot be written there ({error.strerror})",
            "Choose another folder",
            where=str(index_dir),
        ) from error


def _take(handle: int, index_dir: Path, wait: float, *, quiet: bool) -> None:
    deadline = time.monotonic() + wait
    told = quiet or wait <= 0
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            who = holder(index_dir) or "another process"
        left = deadline - time.monotonic()
        if left <= 0:
            waited = f", for which {wait:,.0f} s were waited" if wait > 0 else ""
            remedy = "Wait until it has finished: --wait 10m does" if wait <= 0 else "Try again later, or wait longer"
            raise IndexBusy(f"{who} is building in it{waited}", remedy, where=str(index_dir))
        if not told:
            print(f"veille: {index_dir}: waiting for {who}, which is building in it", file=sys.stderr, flush=True)
            told = True
        time.sleep(min(_POLL, left))
