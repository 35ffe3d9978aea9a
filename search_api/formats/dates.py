"""Dates as reference managers want them."""

from __future__ import annotations

import re

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_BUILT = re.compile(r"(\d{4})(\d{2})(\d{2})T")


def day(published: str | None) -> str:
    """Return the day of a date in ISO 8601; nothing where there is none."""
    found = _DAY.match(published or "")
    return found[0] if found else ""


def built_on(build: str) -> str:
    """Return the day on which a build was made: on that day it was read so. Nothing where its name does not say."""
    found = _BUILT.match(build)
    return "-".join(found.groups()) if found else ""
