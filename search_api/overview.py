"""What all of an index says to a question: how many stories match, which are the newest, and what there is to ask."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api.answers import Answers
from search_api.census import Census
from search_api.confidence import Judge
from search_api.coverage import By, Coverage, check_by
from search_api.filters import Date, make_filter, notes_on
from search_api.highlight import Highlighter
from search_api.holdings import Holdings
from search_api.news import MOST_STORIES, News, stories_at
from search_api.queries import readable
from search_api.questions import Questions, Step
from search_api.reading import Reading
from search_api.suggesting import Suggester
from search_api.suggestions import Suggestion


class Overview(Holdings):
    """One generation of an index, and the encoder that reads questions to it. Safe to share between threads."""

    def __init__(
        self,
        generation: Generation,
        encoder: Encoder,
        *,
        dense_only: bool,
        longest_query: int,
        step: Step,
        root: str,
    ) -> None:
        """Take the parts as they are. Raises EncoderMismatch where the vectors may not be compared."""
        super().__init__(generation)
        self._step = step
        self._highlighter = Highlighter(generation, encoder)
        self._questions = Questions(
            generation, encoder, self._highlighter, dense_only=dense_only, longest=longest_query, step=step
        )
        self._judge = Judge(generation)
        self._answers = Answers(generation, self._highlighter, self._judge, self._companions, step=step, root=root)
        self._census = Census(generation, self._judge)
        self._suggester = Suggester(generation)

    def coverage(
        self,
        query: str | None = None,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        by: By | None = None,
        group: bool = True,
        reading: Reading | None = None,
    ) -> Coverage:
        """Return how many stories match `query` by day or month, language, source and category; all without a query.

        The filters are those of `search`, `reading` too. `by` is "day" or "month"; where it is not said, it is day
        if what is counted spans at most two months. `group` False counts articles. No text is read, and neither a
        reranker nor `prefer` has a say. Raises QueryError.
        """
        started = time.perf_counter()
        wanted, by = make_filter(lang, source, since, until, category), check_by(by)
        query, reading, question = self._questions.standing(query, reading)
        notes = notes_on(wanted, self._generation)
        if query is not None and reading is not None:
            notes = [*self._questions.notes_on_length(query, reading.read), *notes]
        with self._step("count"):
            counted = self._census.coverage(query, question, wanted, by, group=group)
        return replace(counted, seconds=seconds_since(started), notes=tuple(notes))

    def newest(
        self,
        query: str | None = None,
        most: int = MOST_STORIES,
        *,
        lang: str | Sequence[str] = (),
        source: str | Sequence[str] = (),
        category: str | Sequence[str] = (),
        since: Date | None = None,
        until: Date | None = None,
        group: bool = True,
        reading: Reading | None = None,
    ) -> News:
        """Return the `most` newest of the stories that `coverage` counts for the same question and filters.

        Those without a date are not among them. Raises QueryError.
        """
        wanted = make_filter(lang, source, since, until, category)
        query, reading, question = self._questions.standing(query, reading)
        with self._step("count"):
            rows = self._census.newest(query, question, wanted, most, group=group)
        sentences = None
        if query is not None and reading is not None:
            with self._step("highlight"):
                sentences = [found.text for found in self._answers.highlights(query, reading.read, rows)]
        return News(query, wanted, self.build, stories_at(self._generation.facts, rows, sentences))

    def suggest(self, typed: str) -> list[Suggestion]:
        """Return at most ten titles and names that hold what was typed so far, without reading it as a question.

        The first call gathers what there is to suggest.
        """
        return self._suggester.suggestions().for_typed(readable(typed))


def seconds_since(started: float) -> float:
    """Return the seconds since `time.perf_counter()` was `started`, as answers give them."""
    return round(time.perf_counter() - started, 6)
