"""How much room on the disk a build needs, before it begins."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.cache import KEY_BYTES
from indexer.codes import EXTRA
from indexer.draft import Draft
from indexer.errors import IndexUnwritable, NoRoom
from indexer.manifest import Manifest
from indexer.recipe import Recipe

# As an index over 24,539 news articles in 31 languages has it: a token of a passage's budget stands for so many bytes
# of UTF-8, passages fill so much of their budget, and each byte of text is kept as so many of SQLite and of words.
_TEXT_PER_TOKEN = 4
_FILLED = 0.8
_KEPT_PER_BYTE = 2.5
_PER_ARTICLE = 1_500
_CACHE_HEADS = KEY_BYTES + 4 + KEY_BYTES + 8
_MARGIN = 1.1
# Parallel questions in the cache, headers, the manifest.
_LEAST = 3 << 20
FREE_SOME = "The index served so far is untouched. Free some space or choose another folder; --lean needs less"
# Where files are replaced in one step each.
AGAIN = "Free some space or allow writing, and give the same command again"


def check_room(
    index_dir: Path, cache: Path, draft: Draft, previous: Manifest | None, recipe: Recipe, width: int
) -> None:
    """Raise NoRoom where the disk has less than `needed` bytes free. Quotas are not seen."""
    wanted = needed(draft.size(), len(draft), previous, recipe, width, _size(cache))
    free = shutil.disk_usage(index_dir).free
    if free < wanted:
        raise NoRoom(
            f"the build needs about {mebibytes(wanted)}, {mebibytes(free)} are free", FREE_SOME, where=str(index_dir)
        )


@contextmanager
def writing(index_dir: Path, remedy: str = FREE_SOME) -> Iterator[None]:
    """Turn what the system says where something cannot be written into IndexUnwritable, NoRoom where the disk is full.

    What was estimated may be wrong, or others may fill the disk meanwhile.
    """
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        full = full or getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        kind = NoRoom if full else IndexUnwritable
        left = f", {mebibytes(shutil.disk_usage(index_dir).free)} are free" if full else ""
        raise kind(f"writing failed ({reason}){left}", remedy, where=str(index_dir)) from error


def needed(size: int, articles: int, previous: Manifest | None, recipe: Recipe, width: int, cached: int) -> int:
    """Estimate how many bytes a build writes: a generation, and what is not in the cache yet.

    `size` is that of the records of new and changed articles in bytes, `articles` their number, `width` that of a
    vector in dimensions, `cached` the size of the cache in bytes.
    """
    new = articles + size // (recipe.budget * _TEXT_PER_TOKEN)
    known = previous.passages if previous else 0
    codes = int(_FILLED * recipe.budget) * (width // 8 + EXTRA) if recipe.codes_version else 0
    vector = 4 * width
    # What is embedded need not be again, whichever build it was for.
    embedded = max((new + known) * (vector + codes + _CACHE_HEADS) - cached, 0)
    kept = _KEPT_PER_BYTE * size + _PER_ARTICLE * articles
    if previous:
        kept += sum(
            file.bytes for name, file in previous.files.items() if not name.startswith(("vectors", "whole", "tokens"))
        )
    # Vectors lie in a file of their own while they are made.
    return int(_MARGIN * ((new + known) * (2 * vector + codes) + kept + embedded)) + _LEAST


def mebibytes(count: int) -> str:
    """Return a number of bytes as a reader wants it."""
    return f"{count / (1 << 20):,.0f} MiB"


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0
