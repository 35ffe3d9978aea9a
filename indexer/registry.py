"""What articles are counted and told apart by: language, source, category and date of all, as arrays by row."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from indexer.facts import Facts
from indexer.filter import Filter

Attribute = Literal["lang", "source", "category"]
# The least text that is one.
_FIRST: Final = "\0"
ATTRIBUTES: Final[tuple[Attribute, ...]] = ("lang", "source", "category")


@dataclass(frozen=True, slots=True)
class Column:
    """An attribute of every article. `codes` int32 (articles,): places in `names`, which are sorted."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, values: Iterable[str]) -> Column:
        """Take the values as they come."""
        listed = list(values)
        names = sorted(set(listed))
        place = {name: code for code, name in enumerate(names)}
        return cls(tuple(names), np.fromiter((place[value] for value in listed), np.int32, len(listed)))

    def among(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Say which articles have one of the values that are wanted, bool (articles,)."""
        held = set(wanted)
        chosen = np.array([name in held for name in self.names], bool)
        return chosen[self.codes]


@dataclass(frozen=True, slots=True)
class Registry:
    """`published`: ISO 8601 in ASCII, bytes (articles,), empty where there is no date, as in `date`.

    No source or category is "".
    """

    lang: Column
    source: Column
    category: Column
    date: Column
    published: NDArray[np.bytes_]

    @classmethod
    def of(cls, facts: Facts) -> Registry:
        """Read them from passages.sqlite: everything but ids and texts."""
        langs, sources, categories, dates = zip(*facts.attributes(), strict=True) if facts.counts()[0] else ((),) * 4
        published = np.array([date.encode("ascii", "replace") for date in dates], np.bytes_)
        return cls(Column.of(langs), Column.of(sources), Column.of(categories), Column.of(dates), published)

    @property
    def dates(self) -> NDArray[np.int32]:
        """The dates in numbers, int32 (articles,): the greater, the newer; -1: none."""
        return self.date.codes - np.int32(self.date.names[:1] == ("",))

    def column(self, attribute: Attribute) -> Column:
        """Return one by its name."""
        return {"lang": self.lang, "source": self.source, "category": self.category}[attribute]

    def passing(self, wanted: Filter, ignored: Attribute | None = None) -> NDArray[np.bool_]:
        """Say which articles pass a filter, or pass what is left of it without one attribute: bool (articles,)."""
        passing = np.ones(len(self.published), bool)
        asked = {"lang": wanted.langs, "source": wanted.sources, "category": wanted.categories}
        for attribute in ATTRIBUTES:
            if asked[attribute] and attribute != ignored:
                passing &= self.column(attribute).among(asked[attribute])
        if wanted.since is not None or wanted.before is not None:
            # What has no date comes first of all, and lies in no span.
            first = bisect_left(self.date.names, wanted.since or _FIRST)
            last = len(self.date.names) if wanted.before is None else bisect_left(self.date.names, wanted.before)
            passing &= (self.date.codes >= first) & (self.date.codes < last)
        return passing
