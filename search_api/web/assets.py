"""What the page loads: style sheets, scripts, an icon. Read once, served under a name that changes with any of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_VERSION_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that a browser may keep for good."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All of them. Scripts import each other by relative names, so one version stands for the whole set."""

    version: str
    files: dict[str, Asset]

    def named(self, suffix: str) -> list[str]:
        """Return the names that end so, in order."""
        return sorted(name for name in self.files if name.endswith(suffix))


@cache
def assets() -> Assets:
    """Return the assets of this version of the package."""
    files = {
        entry.name: Asset(entry.read_bytes(), _TYPES[suffix])
        for entry in sorted(_folder().iterdir(), key=lambda entry: entry.name)
        for suffix in _TYPES
        if entry.name.endswith(suffix)
    }
    told = hashlib.sha256()
    for name, asset in files.items():
        told.update(f"{name}\n{len(asset.body)}\n".encode())
        told.update(asset.body)
    return Assets(told.hexdigest()[:_VERSION_LENGTH], files)


def _folder() -> Traversable:
    return resources.files("search_api.web") / "assets"
