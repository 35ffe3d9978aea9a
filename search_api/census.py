"""What matches a question in one generation, counted and ordered by what the registry knows of articles."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from indexer.facts import Filter
from indexer.generation import Generation
from indexer.registry import Registry
from search_api.confidence import Judge
from search_api.counting import count
from search_api.coverage import By, Coverage
from search_api.fusion import Question
from search_api.matching import Matching, matching


class Census:
    """Counts the articles of one generation. Threads may share it."""

    def __init__(self, generation: Generation, judge: Judge) -> None:
        """Take the generation as it is; what is known of its articles is read when it is first asked for."""
        self._generation, self._judge = generation, judge

    @cached_property
    def _registry(self) -> Registry:
        return Registry.of(self._generation.facts)

    def coverage(
        self, query: str | None, question: Question | None, wanted: Filter, by: By | None, *, group: bool
    ) -> Coverage:
        """Count what matches `question`, whose text is `query`, and passes `wanted`; without one, all there is."""
        everything = np.arange(self._generation.manifest.articles)
        if query is None or question is None:
            found = Matching(everything, complete=True)
        else:
            found = matching(self._generation, self._judge, query, question)
        stories = self._generation.groups.stories if group else everything.astype(np.int32)
        build = self._generation.manifest.build
        return count(self._registry, found, stories, wanted, by, query=query, build=build)
