"""What an index holds: its articles by their ids, what became of them, and their vectors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from indexer.generation import Generation
from indexer.history import Revision
from search_api.article_vectors import vectors_of
from search_api.companions import Companions
from search_api.errors import ArticleMissing
from search_api.info import IndexInfo
from search_api.queries import readable
from search_api.results import Copy


class Holdings:
    """One generation of an index. Close it, or use it in a `with` statement. Safe to share between threads."""

    def __init__(self, generation: Generation) -> None:
        """Take the generation as it is."""
        self._generation = generation
        self._companions = Companions(generation)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index's files."""
        self._generation.close()

    def reach(self) -> None:
        """Return where the index can be searched now. Raises IndexUnreachable where another process does not answer."""
        self._generation.vectors.reach()

    def article(self, article_id: str) -> Article:
        """Return an article with its whole text. Raises ArticleMissing."""
        return self._generation.facts.article(self._row(article_id))

    def revisions(self, article_id: str) -> list[Revision]:
        """Return what an article was before it changed, the latest first. Raises ArticleMissing."""
        return self._generation.facts.revisions(self._row(article_id))

    def copies(self, article_id: str) -> tuple[Copy, ...]:
        """Return the near-copies and translations of an article, earliest first. Raises ArticleMissing."""
        return self._companions.of([self._row(article_id)])[0]

    def sentences(self, article_id: str) -> int:
        """Return how many sentences an article was found to have. Raises ArticleMissing."""
        return sum(len(passage.sentences) for passage in self._generation.facts.passages_of(self._row(article_id)))

    def languages(self) -> dict[str, str]:
        """Return the language of every article, by its id."""
        places = self._generation.places
        rows, first = np.unique(places.article, return_index=True)
        return {places.ids[row]: places.languages[places.language[at]] for row, at in zip(rows, first, strict=True)}

    def vectors(
        self, article_ids: Sequence[str] | None = None, *, neutral: bool = True
    ) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Return ids of articles (n) and the unit vector of each, float32 (n, dimension).

        These are all articles in the order of the index, or `article_ids` in theirs. A vector is the direction of the
        mean of the passages', as `similar` compares it; the dot product of two is their cosine. `neutral` False gives
        what the encoder made of them, the languages left in. Raises ArticleMissing.
        """
        wanted = self._generation.places.ids if article_ids is None else tuple(article_ids)
        rows = range(len(wanted)) if article_ids is None else map(self._row, wanted)
        return wanted, vectors_of(self._generation, rows, neutral=neutral)

    @property
    def build(self) -> str:
        """The name of the generation that answers."""
        return self._generation.manifest.build

    @property
    def folder(self) -> Path:
        """The folder of the index."""
        return self._generation.directory.parent.parent

    def info(self) -> IndexInfo:
        """Return what the index holds."""
        return self._info

    @cached_property
    def _info(self) -> IndexInfo:
        return IndexInfo.of(self._generation)

    def _row(self, article_id: str) -> int:
        row = self._generation.facts.article_row(readable(article_id))
        if row is None:
            raise ArticleMissing(
                f"there is no article {readable(article_id[:200])!r}",
                "Take the article_id of a hit",
            )
        return row
