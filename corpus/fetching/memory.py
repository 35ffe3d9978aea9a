"""What was fetched before, so that only what is new is asked for again.

What is remembered holds for one state of an index, its `basis`: the name of the build into which everything
remembered went. Whoever finds another build (one rolled back, or begun afresh) remembers nothing, and everything
is fetched once more; otherwise a server's "nothing new" would leave articles out for good.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.durable import replacing
from corpus.fetching.fetcher import Validators
from corpus.fetching.options import version_of_veille

LAYOUT = 1
LARGEST = 200_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What an address held when it was read last.

    `entries` maps a feed's entries (a page is one) to the version of each that was read. `follow` says whether the
    pages that they link to were read. `failures` counts how often in a row it could not be read, and `rest_until`
    is when it is to be tried again, in seconds since 1970.
    """

    validators: Validators = field(default_factory=Validators)
    entries: Mapping[str, str] = field(default_factory=dict)
    follow: bool = False
    failures: int = 0
    rest_until: float = 0.0


class FetchMemory:
    """Remembered addresses. A file that is missing, damaged, or of another basis or version is as good as none."""

    def __init__(self, file: Path, basis: str | None, known: Mapping[str, Remembered]) -> None:
        """Use `open`."""
        self._file = file
        self.basis = basis
        self._known = dict(known)
        self._saved = dict(known)

    @classmethod
    def open(cls, file: Path, basis: str | None) -> FetchMemory:
        """Read what holds for `basis`; None, for an index that does not exist, has nothing remembered."""
        try:
            if basis is None or file.stat().st_size > LARGEST:
                return cls(file, basis, {})
            data = json.loads(file.read_bytes())
            if (data["layout"], data["version"], data["basis"]) != (LAYOUT, version_of_veille(), basis):
                return cls(file, basis, {})
            return cls(file, basis, {str(url): _remembered(part) for url, part in data["addresses"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls(file, basis, {})

    def of(self, url: str) -> Remembered:
        """Return what is remembered of an address."""
        return self._known.get(url) or Remembered()

    def note(self, url: str, seen: Remembered) -> None:
        """Remember; lasting only once it is saved."""
        self._known[url] = seen

    def save(self, basis: str) -> None:
        """Write what is remembered, for `basis` from now on. Whole or not at all. Raises OSError."""
        if basis == self.basis and self._known == self._saved:
            return
        data = {
            "layout": LAYOUT,
            "version": version_of_veille(),
            "basis": basis,
            "addresses": {url: asdict(seen) for url, seen in sorted(self._known.items())},
        }
        with replacing(self._file, via=f".{self._file.name}.{os.getpid()}") as stream:
            stream.write(json.dumps(data, separators=(",", ":")).encode())
        self.basis = basis
        self._saved = dict(self._known)


def _remembered(part: Any) -> Remembered:
    validators = Validators(str(part["validators"]["etag"]), str(part["validators"]["last_modified"]))
    return Remembered(
        validators=validators,
        entries={str(key): str(version) for key, version in part["entries"].items()},
        follow=bool(part["follow"]),
        failures=int(part["failures"]),
        rest_until=float(part["rest_until"]),
    )
