"""Amounts of memory, as one writes them on a command line."""

from __future__ import annotations

import re

import typer

# Of so few bytes each kind of index takes its part, however small.
LEAST = 64_000_000
_UNITS = {"mb": 10**6, "gb": 10**9, "mib": 1 << 20, "gib": 1 << 30}
_WRITTEN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([mg]i?b)")


def size(text: str) -> int:
    """Return the bytes in "500MB", "1.5GB", "512MiB" or "2GiB", 0 for "all". Raises typer.BadParameter."""
    written = text.strip().lower()
    if written == "all":
        return 0
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise typer.BadParameter(f"{text!r} is no amount of memory: write 500MB, 2GB or all")
    amount = int(float(found[1]) * _UNITS[found[2]])
    if amount < LEAST:
        raise typer.BadParameter(f"{text} is too little: at least {LEAST // 10**6}MB")
    return amount
