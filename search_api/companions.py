"""What else is in the group of a hit: near-copies of its text and translations of its story."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.facts import Heading
from indexer.generation import Generation
from search_api.results import Copy, Kind

# Sorts behind every date: what has none may be the latest.
_UNDATED = "~"


class Companions:
    """Reads groups of one generation. Threads may share it."""

    def __init__(self, generation: Generation) -> None:
        """Take the generation as it is."""
        self._facts, self._groups = generation.facts, generation.groups
        stories = generation.groups.stories
        self._in_order = np.argsort(stories, kind="stable")
        self._starts = np.searchsorted(stories[self._in_order], np.arange(len(stories) + 1))

    def of(self, rows: Sequence[int]) -> list[tuple[Copy, ...]]:
        """Return for each of the articles at `rows` the others of its group, earliest first, undated ones last."""
        others = [[other for other in self._members(row) if other != row] for row in rows]
        headings = self._facts.headings({other for own in others for other in own})
        return [
            tuple(sorted((self._copy(row, other, headings[other]) for other in own), key=_earliest))
            for row, own in zip(rows, others, strict=True)
        ]

    def known_to(self, row: int, *, asked_lang: bool) -> list[int]:
        """Return the articles that who has read one need not be shown, itself among them.

        Its near-copies and translations; without the translations where a language was asked for.
        """
        return [other for other in self._members(row) if not asked_lang or self._groups.same_text(row, other)]

    def _members(self, row: int) -> list[int]:
        """Return the rows of the story of an article, itself among them, rising."""
        story = self._groups.stories[row]
        members: list[int] = self._in_order[self._starts[story] : self._starts[story + 1]].tolist()
        return members

    def _copy(self, row: int, other: int, heading: Heading) -> Copy:
        kind: Kind = "copy" if self._groups.same_text(row, other) else "translation"
        return Copy(
            article_id=heading.id,
            source=heading.source,
            lang=heading.lang,
            title=heading.title,
            url=heading.url,
            published=heading.published,
            kind=kind,
        )


def _earliest(copy: Copy) -> tuple[str, str]:
    return copy.published or _UNDATED, copy.article_id
