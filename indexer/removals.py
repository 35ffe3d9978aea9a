"""What was taken out for good: no source brings it back.

`removed.jsonl` stands beside the generations, as it must outlive each of them. It names articles by SHA-256 alone, by
their ids and by the pages they stood on: an id or an address can say what is not to be said any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.durable import replacing
from corpus.urls import canonical_url
from indexer.errors import IndexDamaged

NAME = "removed.jsonl"
REMEDY = "Restore it from a copy; without it, articles that were taken out come back"


class Removals:
    """The list of one index, a line an article. Change it only while holding the index's lock."""

    def __init__(self, index_dir: Path) -> None:
        """Read it; where there is none nothing was taken out. Raises IndexDamaged."""
        self._file = index_dir / NAME
        self._articles: list[list[str]] = []
        try:
            content = self._file.read_text(encoding="ascii")
            self._articles = [list(map(str, json.loads(line)["sha256"])) for line in content.splitlines()]
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexDamaged(f"it cannot be read ({error})", REMEDY, where=str(self._file)) from error
        self._digests = {digest for digests in self._articles for digest in digests}

    def holds(self, article_id: str, url: str | None) -> bool:
        """Say whether an article was taken out, under its id or from its page."""
        return bool(self._digests) and not self._digests.isdisjoint(_digests(article_id, url))

    def among(self, articles: Iterable[tuple[str, str | None]]) -> Iterator[str]:
        """Yield those of some ids, each with its url, that were taken out. Where nothing was, none is looked at."""
        if self._digests:
            yield from (article_id for article_id, url in articles if self.holds(article_id, url))

    def add(self, articles: Iterable[tuple[str, str | None]]) -> None:
        """Write down ids and urls, in one step."""
        added = [digests for own in articles if (digests := _digests(*own)) not in self._articles]
        self._write([*self._articles, *added])

    def forget(self, names: Iterable[str]) -> None:
        """Let articles with these ids, or of these pages, come back, in one step."""
        forgotten = {digest for name in names for digest in _digests(name, name)}
        self._write([digests for digests in self._articles if forgotten.isdisjoint(digests)])

    def _write(self, articles: list[list[str]]) -> None:
        if articles == self._articles:
            return
        with replacing(self._file, via="removed.new") as stream:
            stream.writelines(f"{json.dumps({'sha256': digests})}\n".encode() for digests in articles)
        self._articles = articles
        self._digests = {digest for digests in articles for digest in digests}


def _digests(article_id: str, url: str | None) -> list[str]:
    named = [("id", article_id)] + ([("url", canonical_url(url))] if url else [])
    return [hashlib.sha256("\0".join(pair).encode("utf-8", "surrogatepass")).hexdigest() for pair in named]
