"""The names of generations, by the time they were made and always rising; and where an index folder keeps them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

FOLDER = "generations"
# Names the one that is served, where a file does.
CURRENT = "current"
BUILD_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4,64}")


def next_name(folder: Path, now: datetime) -> str:
    """Return a name for a generation made `now` (UTC) that sorts behind all those in `folder`.

    The oldest are swept first, so a clock that was set back must not make a new generation look old: its name then
    follows the last one's instead of the clock.
    """
    name = f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond // 16:04x}"
    last = max(generation_names(folder), default="")
    return name if name > last else _after(last)


def generation_names(folder: Path) -> list[str]:
    """Return the names of the generations in `folder`, oldest first; none where there is no folder."""
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if BUILD_NAME.fullmatch(entry.name))


def _after(name: str) -> str:
    second, _, count = name.partition("-")
    following = f"{int(count, 16) + 1:0{len(count)}x}"
    # No larger number of as many digits: a longer name sorts behind it all the same.
    return f"{second}-{following}" if len(following) == len(count) else f"{name}0"
