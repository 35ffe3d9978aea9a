"""A question as it was read: encoded, with what lies near it. Questions that come together are read together."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.nearest import Neighbours
from search_api.highlight import Read


@dataclass(frozen=True, slots=True)
class Reading:
    """`read`: a question's raw vector and tokens; `near`: its nearest passages of all, None where not looked for."""

    query: str
    read: Read
    near: Neighbours | None = None
