"""Where passages belong: the article and the language of each, by row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.facts import Facts


@dataclass(frozen=True, slots=True)
class Places:
    """`article` int32 (passages,); `language` int16 (passages,): a place in `languages`; `ids`: of articles."""

    article: NDArray[np.int32]
    language: NDArray[np.int16]
    languages: tuple[str, ...]
    ids: tuple[str, ...]

    def rows_of(self, article: int) -> NDArray[np.int64]:
        """Return the rows of an article's passages, which are written one after the other: int64 (n,)."""
        first, last = np.searchsorted(self.article, [article, article + 1])
        return np.arange(first, last, dtype=np.int64)

    @classmethod
    def of(cls, facts: Facts) -> Places:
        """Read them from passages.sqlite."""
        ids, langs = facts.articles_in_order()
        languages, codes = np.unique(np.array(langs, np.str_), return_inverse=True)
        article = facts.article_of_each()
        return cls(article, codes.astype(np.int16)[article], tuple(map(str, languages)), ids)
