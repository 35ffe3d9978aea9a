"""What of a generation is suggested to who types: its titles, and the names that recur in them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

import numpy as np

from corpus.title_names import names_in
from indexer.generation import Generation
from search_api.suggestions import LONGEST, Suggestion, Suggestions

# The newest: more would take seconds and hundreds of megabytes.
_MOST_TITLES = 100_000


class Suggester:
    """Gathers suggestions of one generation when the first is asked for. Threads may share it."""

    def __init__(self, generation: Generation) -> None:
        """Take the generation as it is."""
        self._generation = generation
        self._lock = threading.Lock()
        self._gathered: Suggestions | None = None

    def suggestions(self) -> Suggestions:
        """Return them; whoever comes first gathers them."""
        with self._lock:
            if self._gathered is None:
                self._gathered = Suggestions(self._known())
            return self._gathered

    def _known(self) -> Iterator[Suggestion]:
        """Yield names, those in most titles first, and titles, those of most articles first, then the newest."""
        registry, stories = self._generation.registry, self._generation.groups.stories
        titles = [" ".join(title.split()) for title in self._generation.facts.titles()]
        newest = np.argsort(registry.published, kind="stable")[::-1]
        rows = [row for row in newest.tolist() if 0 < len(titles[row]) <= LONGEST][:_MOST_TITLES]
        by_story = sorted(rows, key=lambda row: (int(stories[row]), row))
        langs = registry.lang
        told = ((titles[row], langs.names[langs.codes[row]], int(stories[row])) for row in by_story)
        for name in sorted(names_in(told), key=lambda name: (-name.count, name.text)):
            yield Suggestion(name.text, "name", name.count)
        # Counter keeps the order of equals: newest first.
        for title, count in Counter(titles[row] for row in rows).most_common():
            yield Suggestion(title, "title", count)
