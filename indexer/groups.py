"""Which articles say the same: near-copies of one text, and translations of one story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from corpus import copies, evidence
from corpus.article import Article
from indexer import translations
from indexer.errors import IndexDamaged
from indexer.facts import Facts
from indexer.signs import Signs, Terms
from indexer.translations import Articles, Yardstick
from indexer.vectors import mean_direction

# Raise this when grouping changes: groups are then made anew, from vectors that are known.
VERSION = 1
NAME = "groups.npy"

Rows = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Groups:
    """Which group each article is in, by row, int32 (articles,): the row of its first article, its own if it is alone.

    `stories` holds copies and translations together, `texts` near-copies alone.
    """

    stories: Rows
    texts: Rows

    def same_text(self, row: int, other: int) -> bool:
        """Say whether two articles are near-copies."""
        return bool(self.texts[row] == self.texts[other])

    def counts(self) -> tuple[int, int, int]:
        """Return how many groups of several articles there are, and how many articles are copies and translations.

        A story of five texts, one of which two outlets have, is one group with one copy and four translations.
        """
        texts, stories = len(np.unique(self.texts)), len(np.unique(self.stories))
        groups = int((np.bincount(self.stories) > 1).sum()) if len(self.stories) else 0
        return groups, len(self.texts) - texts, texts - stories

    def save(self, folder: Path) -> None:
        """Write them into `folder`."""
        np.save(folder / NAME, np.stack([self.stories, self.texts]), allow_pickle=False)

    @classmethod
    def open(cls, folder: Path, count: int) -> Groups:
        """Read what `save` wrote for `count` articles. Raises IndexDamaged."""
        file = folder / NAME
        try:
            stored = np.load(file, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise IndexDamaged(f"it cannot be read ({error})", where=str(file)) from error
        if stored.dtype != np.int32 or stored.shape != (2, count):
            raise IndexDamaged("it does not fit the articles", where=str(file))
        if count and not (stored.min() >= 0 and (stored <= np.arange(count)).all()):
            raise IndexDamaged("it names articles that cannot be the first of a group", where=str(file))
        return cls(*stored)


def find(facts: Facts, vectors: NDArray[np.float32], yardstick: Yardstick | None, *, quiet: bool) -> Groups:
    """Group the articles of `facts`, whose passages have the neutral `vectors` float32 (passages, dimension).

    Without a yardstick no translations are looked for.
    """
    count, _ = facts.counts()
    with tqdm(total=count, desc="comparing", unit=" articles", disable=True if quiet else None) as bar:

        def read(row: int) -> Article:
            # Every article is read once in order, and some again later.
            bar.update(max(row + 1 - bar.n, 0))
            return facts.article(row)

        texts = _firsts(copies.centres(count, read))
    if yardstick is None:
        return Groups(texts, texts)
    owners = facts.article_of_each()
    rows = np.intersect1d(np.flatnonzero(texts == np.arange(count)), owners)
    found = translations.stories(described(facts, rows, owners, vectors), yardstick)
    stories = np.arange(count, dtype=np.int32)
    stories[rows] = rows[found]
    return Groups(_firsts(stories[texts]), texts)


def described(facts: Facts, rows: NDArray[np.int64], owners: Rows, vectors: NDArray[np.float32]) -> Articles:
    """Return what translations are told by, of the articles at `rows`.

    `owners` int32 (passages,): the article of each of `vectors` float32 (passages, dimension).
    """
    starts, ends = np.searchsorted(owners, rows), np.searchsorted(owners, rows + 1)
    means = np.empty((len(rows), vectors.shape[1]), np.float32)
    for place, (first, last) in enumerate(zip(starts, ends, strict=True)):
        means[place] = mean_direction(vectors[first:last])
    read = map(facts.article, rows.tolist())
    said = [(article.lang, _day(article), *signs_of(article)) for article in read]
    langs, days, numbers, names, sizes = zip(*said, strict=True) if said else ((), (), (), (), ())
    return Articles(
        vectors=means,
        languages=np.unique(np.array(langs, np.str_), return_inverse=True)[1].astype(np.int64),
        days=np.array(days, np.int64),
        signs=Signs(Terms(numbers), Terms(names), np.array(sizes, np.float64)),
    )


def signs_of(article: Article) -> tuple[frozenset[str], frozenset[str], int]:
    """Return the numbers and the names of an article, and its size in bytes."""
    said = f"{article.title}\n{article.text}"
    return evidence.numbers(said), evidence.names(said), len(said.encode("utf-8", "surrogatepass"))


def _day(article: Article) -> int:
    return date.fromisoformat(article.published[:10]).toordinal() if article.published else -1


def _firsts(group: Sequence[int] | Rows) -> Rows:
    """Return for each article the first one of its group, whatever number the group has."""
    _, firsts, places = np.unique(group, return_index=True, return_inverse=True)
    return firsts[places].astype(np.int32)
