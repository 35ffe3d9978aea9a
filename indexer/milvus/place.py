"""Which Milvus holds the vectors of an index, and under what name: a small file in the index's folder."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.durable import replacing
from indexer.errors import AddressWrong, IndexDamaged

NAME = "milvus.json"
PLAIN, ENCRYPTED = "milvus://", "milvus+tls://"
# What may be there before: that of an index which is to move here.
_TAKEN_ALONG = {"cache", "removed.jsonl"}
# Milvus takes letters, digits and underscores, and puts no more than 255 of them into a name; a generation adds 30.
COLLECTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
# Of milvus-lite, beside that file; and the alias in it, as there is one index in a folder.
LITE_FILE = "milvus.db"
LITE_COLLECTION = "passages"


@dataclass(frozen=True, slots=True)
class Place:
    """A server (`server` is HOST:PORT) or, without one, milvus-lite in the index's folder; and the alias there.

    `encrypted`: whether the server is spoken to over TLS, and over nothing else.
    """

    collection: str
    server: str = ""
    encrypted: bool = False

    @classmethod
    def of(cls, index_dir: Path) -> Place | None:
        """Return where the vectors of an index are, None where they are files of its own. Raises IndexDamaged."""
        file = index_dir / NAME
        try:
            found = cls(**json.loads(file.read_bytes()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"it cannot be read ({error})", "Remove it and build again", where=str(file)) from error
        named = isinstance(found.collection, str) and COLLECTION.fullmatch(found.collection)
        if not named or not isinstance(found.encrypted, bool):
            raise IndexDamaged("it does not say where vectors are", "Remove it and build again", where=str(file))
        return found

    def mark(self, index_dir: Path, reach: Callable[[], None]) -> None:
        """Make it the folder of an index with its vectors here. Raises OSError, AddressWrong where it is another's.

        Before what was encrypted no longer is, or the other way round, `reach` is called, which raises what it wants.
        """
        known = Place.of(index_dir)
        if known == self:
            return
        problem = ""
        if known and self.reaches_the_same_as(known):
            reach()
        elif known:
            problem = f"the vectors of its index are in {known}"
        elif index_dir.is_dir() and {entry.name for entry in index_dir.iterdir()} - _TAKEN_ALONG:
            problem = "it holds something else"
        if problem:
            raise AddressWrong(problem, "Take another address, or another folder", where=str(index_dir))
        index_dir.mkdir(parents=True, exist_ok=True)
        with replacing(index_dir / NAME, via=f"{NAME}.new") as stream:
            stream.write(f"{json.dumps(asdict(self))}\n".encode())

    def reaches_the_same_as(self, other: Place) -> bool:
        """Say whether both lead to the same collection, encrypted or not."""
        return (self.collection, self.server) == (other.collection, other.server)

    def __str__(self) -> str:
        """Return its address, that of milvus-lite without the folder."""
        scheme = ENCRYPTED if self.encrypted else PLAIN
        return f"{scheme}{self.server}/{self.collection}" if self.server else "milvus-lite"
