"""Addresses of articles, as foreign files write them."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

LINE_BREAKS = re.compile(r"[\t\r\n]")
NO_ADDRESS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def web_address(text: str | None, base: str | None = None) -> str | None:
    """Return the absolute http(s) address, with %20 for spaces as browsers have it; None where it is none."""
    text = re.sub(r"\s", "%20", LINE_BREAKS.sub("", (text or "").strip()))
    try:
        absolute = urljoin(base, text) if base and text else text
        parts = urlsplit(absolute)
        known = parts.scheme in {"http", "https"} and parts.hostname and not NO_ADDRESS.search(absolute)
        return absolute if known else None
    except ValueError:
        return None
