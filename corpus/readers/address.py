"""Addresses of articles, as foreign files write them."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit


def web_address(text: str | None, base: str | None = None) -> str | None:
    """Return the absolute http(s) address, None where it is none."""
    text = "".join((text or "").split())
    try:
        absolute = urljoin(base, text) if base and text else text
        parts = urlsplit(absolute)
        return absolute if parts.scheme in {"http", "https"} and parts.hostname else None
    except ValueError:
        return None
