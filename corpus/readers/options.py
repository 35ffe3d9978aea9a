"""How sources are read: what a caller may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Choices that hold for all sources of one run.

    `columns`: the column of a table, or the key of a JSON object, for a field of `Article`, where it is not called
    as the field is. `moment`: when the run reads, with its zone; no date may lie more than a day after it.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
