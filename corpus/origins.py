"""Where articles came from, so that what a source no longer holds can be told from what others hold.

An origin is a file with its whole path, "-" for standard input, or an address. A folder is not one: each of its files
is. So a file may be given by itself today and with its folder tomorrow.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

STDIN: Final = "-"
# A feed holds the latest entries: what it no longer holds is old, not gone.
_FEEDS: Final = (".rss", ".atom", ".xml", ".opml")
_PACKED: Final = (".gz", ".zst")


def origin_of(source: Path | str) -> str:
    """Return the name that a source, or a file in one, goes by: links are not followed."""
    return str(source) if _elsewhere(source) else os.path.abspath(source)  # noqa: PTH100  # resolve() follows links


def covers(source: Path | str, origin: str) -> bool:
    """Say whether `origin` is `source` or a file in that folder, wherever the process stands."""
    whole = origin_of(source)
    return origin == whole or (not _elsewhere(source) and origin.startswith(whole.rstrip("/") + "/"))


def is_complete(source: Path | str) -> bool:
    """Say whether a source holds all it ever will: what it lacks is gone.

    Neither a feed does nor standard input, which ends early, without a word, where the command before it fails.
    """
    name = str(source).lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    return not _elsewhere(source) and not name.endswith(_FEEDS)


def _elsewhere(source: Path | str) -> bool:
    return str(source) == STDIN or "://" in str(source)
