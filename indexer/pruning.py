"""Which origins are read to the end, so that what they no longer hold may go."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from corpus.errors import SourceError
from corpus.origins import covers, is_complete


def check_complete(sources: Sequence[str]) -> None:
    """Raise SourceError for a source of which nothing can be told by what it lacks."""
    for source in sources:
        if not is_complete(source):
            raise SourceError(
                "what it lacks is not gone: a feed holds the latest entries alone, and standard input may end early",
                "Leave out --prune, or give files and folders that hold everything",
                where=source,
                kind="prune",
            )
        if Path(source).is_dir():
            # What a folder does not show is passed over in reading: it must not be taken for gone.
            for _ in os.walk(source, onerror=_unreadable):
                pass


def pruned_origins(
    sources: Sequence[str], held: Collection[str], known: Collection[str], damaged: Collection[str]
) -> list[str]:
    """Return the origins whose articles go unless they were read in this run.

    `held` are those in which articles were found, `known` those the index has articles from, `damaged` those in which
    a record was left out, which may be one of them: all of theirs stay. Raises SourceError for a source, or a file in
    one, in which nothing at all was found, as that is how a disk that is not there looks.
    """
    for source in sources:
        if not any(covers(source, origin) for origin in (*held, *damaged)):
            raise _empty(source)
    covered = sorted(o for o in known if is_complete(o) and any(covers(source, o) for source in sources))
    for origin in covered:
        if origin not in held and origin not in damaged and Path(origin).exists():
            raise _empty(origin)
    return [origin for origin in covered if origin not in damaged]


def _empty(where: str) -> SourceError:
    return SourceError(
        "no article was found in it, so nothing is pruned",
        "Delete the file if its articles should go, or leave out --prune",
        where=where,
        kind="empty",
    )


def _unreadable(error: OSError) -> None:
    raise SourceError(
        f"it cannot be read ({error.strerror}), so nothing is pruned",
        "Make it readable, or leave out --prune",
        where=str(error.filename),
        kind="unreadable",
    )
