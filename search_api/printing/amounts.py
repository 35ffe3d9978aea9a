"""Amounts in words."""

from __future__ import annotations

from collections.abc import Mapping

from search_api.terminal import plain

INDENT = "    "
_LISTED = 40


def counted(count: int, noun: str, nouns: str = "") -> str:
    """Return a number and what it counts, such as "1 article" or "3,803 passages"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or noun + 's'}"


def tally(counts: Mapping[str, int]) -> str:
    """Return names and their counts, most first; "(none)" is the empty name."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    listed = [f"{plain(name) or '(none)'} {count:,}" for name, count in ranked[:_LISTED]]
    more = len(ranked) - len(listed)
    return ", ".join(listed) + (f" and {more:,} more" if more else "")


def size(count: int) -> str:
    """Return a number of bytes."""
    mebi, kibi = 1 << 20, 1 << 10
    return f"{count / mebi:,.1f} MiB" if count >= mebi else f"{count / kibi:,.1f} KiB"
