"""The small corpus that the package ships. See LICENCE.md beside it."""

from __future__ import annotations

from pathlib import Path


def path() -> Path:
    """Return the JSON Lines file."""
    return Path(__file__).parent / "articles.jsonl"
