"""Where passages belong: the article and the language of each, by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import Facts


@dataclass(frozen=True, slots=True)
class Places:
    """`article` int32 (passages,); `language` int16 (passages,): a place in `languages`; `ids`: of articles.

    `starts` int64 (articles + 1,): the first row of each article's passages, which are written one after the other.
    """

    article: NDArray[np.int32]
    starts: NDArray[np.int64]
    language: NDArray[np.int16]
    languages: tuple[str, ...]
    ids: tuple[str, ...]

    def rows_of(self, article: int) -> NDArray[np.int64]:
        """Return the rows of an article's passages, int64 (n,), rising."""
        return np.arange(self.starts[article], self.starts[article + 1], dtype=np.int64)

    def rows_of_each(self, articles: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the rows of the passages of some articles, one after the other, and whose each is.

        Both int64 (n,); the second holds places in `articles`.
        """
        first = self.starts[articles]
        lengths = self.starts[articles + 1] - first
        owner = np.repeat(np.arange(len(articles)), lengths)
        return np.arange(len(owner)) + np.repeat(first - np.cumsum(lengths) + lengths, lengths), owner

    @classmethod
    def of(cls, facts: Facts) -> Places:
        """Read them from passages.sqlite."""
        ids, langs = facts.articles_in_order()
        languages, codes = np.unique(np.array(langs, np.str_), return_inverse=True)
        article = facts.article_of_each()
        starts = np.searchsorted(article, np.arange(len(ids) + 1))
        return cls(article, starts, codes.astype(np.int16)[article], tuple(map(str, languages)), ids)
