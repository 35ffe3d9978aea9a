"""What remains of an index and of the work on it when a build is cut short."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from indexer import publishing
from indexer.cache import FOLDER as CACHE
from indexer.cache import count_embeddings
from indexer.errors import IndexUnreachable
from indexer.generation import served_name
from indexer.lock import holder

if TYPE_CHECKING:
    from indexer.encoder import EncoderSpec


class Standing:
    """Looks at an index before a build, and again when asked what remains."""

    def __init__(self, index_dir: Path) -> None:
        """Remember what is served now."""
        self._index_dir = index_dir
        self._before = served_name(index_dir)
        self.spec: EncoderSpec | None = None

    def told(self) -> str:
        """Return it in a line."""
        now = served_name(self._index_dir)
        if now is None:
            served = "no index is served yet"
        elif now == self._before:
            served = "the served index is as it was"
        else:
            served = f"build {now} is served"
        kept = (
            0
            if self.spec is None
            else count_embeddings(self._index_dir / CACHE, self.spec.fingerprint, self.spec.dimension)
        )
        embedded = f"; {kept:,} embeddings are kept" if kept else ""
        return f"{self._index_dir}: {served}{embedded}"

    def put_away(self) -> None:
        """Remove what is staged if it is this process that stages it. The lock goes with the process."""
        builder = holder(self._index_dir)
        if builder and (builder.pid, builder.host) == (os.getpid(), socket.gethostname()):
            # Else the next build does it.
            with suppress(IndexUnreachable):
                publishing.clear(self._index_dir)
