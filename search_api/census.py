"""What matches a question in one generation, counted and ordered by what the registry knows of articles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.filter import Filter
from indexer.generation import Generation
from search_api.confidence import Judge
from search_api.counting import count
from search_api.coverage import By, Coverage
from search_api.fusion import Question
from search_api.matching import Matching, matching


class Census:
    """Counts the articles of one generation. Threads may share it."""

    def __init__(self, generation: Generation, judge: Judge) -> None:
        """Take the generation as it is."""
        self._generation, self._judge = generation, judge

    def coverage(
        self, query: str | None, question: Question | None, wanted: Filter, by: By | None, *, group: bool
    ) -> Coverage:
        """Count what matches `question`, whose text is `query`, and passes `wanted`; without one, all there is."""
        found = self._matching(query, question)
        build = self._generation.manifest.build
        return count(self._generation.registry, found, self._stories(group=group), wanted, by, query=query, build=build)

    def newest(
        self, query: str | None, question: Question | None, wanted: Filter, most: int, *, group: bool
    ) -> list[int]:
        """Return the rows of the earliest articles of the newest stories, the newest first, at most so many.

        They are those that `coverage` counts, without the undated ones.
        """
        found = self._matching(query, question).articles
        published = self._generation.registry.published
        dated = found[self._generation.registry.passing(wanted)[found] & (published[found] != b"")]
        earliest_first = dated[np.argsort(published[dated], kind="stable")]
        _, first = np.unique(self._stories(group=group)[earliest_first], return_index=True)
        newest: list[int] = earliest_first[np.sort(first)][::-1][:most].tolist()
        return newest

    def _matching(self, query: str | None, question: Question | None) -> Matching:
        if query is None or question is None:
            return Matching(np.arange(self._generation.manifest.articles), complete=True)
        return matching(self._generation, self._judge, query, question)

    def _stories(self, *, group: bool) -> NDArray[np.int32]:
        stories = self._generation.groups.stories
        return stories if group else np.arange(len(stories), dtype=np.int32)
