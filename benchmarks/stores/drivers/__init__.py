"""One file a store: how vectors are put into it, and asked for. Nothing is imported here that a store might lack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

Ask = Callable[[Any, int], list[int]]
"""Returns the rows of the nearest to a vector float32 (dimension,), so many, best first."""


class Driver(Protocol):
    """What a file of this folder holds. Arrays are numpy's, which no type here needs to know."""

    @staticmethod
    def build(vectors: Any, folder: Path) -> None:
        """Put float32 (rows, dimension) into `folder`, which is empty."""

    @staticmethod
    def opened(folder: Path) -> Ask:
        """Return what asks the store in `folder`."""
