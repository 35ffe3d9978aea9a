"""What the address of the page says: the question, its filters, and what is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from pydantic import ValidationError

from search_api.errors import QueryError
from search_api.queries import MOST_HITS_SERVED, readable
from search_api.schemas.requests import Filters

FIRST = 10
_MANY = ("lang", "source", "category")
_ONE = ("q", "like", "read", "since", "until", "k")


@dataclass(frozen=True, slots=True)
class Asked:
    """The state of the page. `like`: the article whose likes are asked for; `read`: the one that is open."""

    q: str = ""
    like: str = ""
    read: str = ""
    lang: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    k: str = ""

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> Asked:
        """Take what is known of the parameters of an address, and leave out the rest."""
        found: dict[str, Any] = {}
        for name, value in parameters:
            if name in _ONE:
                found[name] = readable(value).strip()
            elif name in _MANY:
                found[name] = tuple(dict.fromkeys((*found.get(name, ()), readable(value))))
        return cls(**found)

    def __bool__(self) -> bool:
        return bool(self.q or self.like or self.read)

    @property
    def filtered(self) -> int:
        """How many filters there are."""
        return sum(len(getattr(self, name)) for name in _MANY) + bool(self.since) + bool(self.until)

    @property
    def count(self) -> int:
        """How many stories are wanted."""
        return int(self.k) if self.k.isascii() and self.k.isdigit() and len(self.k) < len("1000") else FIRST

    @property
    def more(self) -> int:
        """How many stories to ask for next."""
        return min(self.count + FIRST, MOST_HITS_SERVED)

    def arguments(self) -> dict[str, Any]:
        """Return the filters as keyword arguments of SearchEngine. Raises QueryError where they cannot hold."""
        given = {name: list(getattr(self, name)) for name in _MANY if getattr(self, name)}
        given |= {name: getattr(self, name) for name in ("since", "until", "k") if getattr(self, name)}
        try:
            return Filters.model_validate(given).arguments()
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]) if first["loc"] else "the address"
            raise QueryError(f"{name}: {first['msg']}") from error

    def address(self, **changes: Any) -> str:
        """Return the address, relative to the page, of this state after changes."""
        state = replace(self, **changes)
        pairs = [(name, getattr(state, name)) for name in ("q", "like", "read") if getattr(state, name)]
        pairs += [(name, value) for name in _MANY for value in getattr(state, name)]
        pairs += [(name, getattr(state, name)) for name in ("since", "until", "k") if getattr(state, name)]
        return f"?{urlencode(pairs)}" if pairs else "./"
