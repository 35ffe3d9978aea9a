"""Lengths of time, as one writes them on a command line."""

from __future__ import annotations

import re

import typer

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([smhd]?)")


def seconds(text: str | float) -> float:
    """Return the seconds in "90", "90s", "10m", "1.5h" or "1d". Raises typer.BadParameter."""
    found = _WRITTEN.fullmatch(str(text).strip().lower())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no length of time: write 30s, 10m or 1h")
    return float(found[1]) * _UNITS[found[2]]
