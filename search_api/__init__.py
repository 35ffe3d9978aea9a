"""Answers questions from an index: in Python, over HTTP, on the command line. Knows `indexer` and `corpus`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from search_api.engine import SearchEngine

__all__ = ["SearchEngine"]


def __getattr__(name: str) -> Any:
    # Numpy and FAISS are loaded with the engine: `veille --help` does without (PEP 562).
    if name == "SearchEngine":
        from search_api.engine import SearchEngine

        return SearchEngine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
