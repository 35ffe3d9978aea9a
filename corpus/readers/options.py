"""How sources are read: what a caller may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

OnError = Literal["stop", "skip"]
LARGEST_FILE = 8 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """Choices that hold for all sources of one run.

    `on_error`: stop at a record that cannot be read, or skip and count it. `columns`: the column of a table
    or the key of a JSON object for a field of `Article`, where it is not called as the field is. `moment`:
    when the run reads; dates more than a day after it are refused. `largest_file`: bytes that one file may
    have when decompressed.
    """

    on_error: OnError = "stop"
    columns: Mapping[str, str] = field(default_factory=dict)
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
    largest_file: int = LARGEST_FILE
