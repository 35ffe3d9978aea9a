"""The keys that a running server takes: those of the file as it is now."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from pydantic import SecretStr

from search_api.errors import KeysError
from search_api.service.keys import Key, key_of, owner_of, read_keys

_LOOK = 1.0
_ENVIRONMENT = "environment"
_log = logging.getLogger("veille")


class Keyring:
    """Knows whose a key is. A key that is made or revoked counts within a second, without a restart."""

    def __init__(self, file: Path, extra: SecretStr | None = None) -> None:
        """Read the file. Raises KeysError where it cannot be read."""
        self._file = file
        self._extra = () if extra is None else (key_of(_ENVIRONMENT, extra.get_secret_value()),)
        self._state = _state(file)
        self._keys: tuple[Key, ...] = read_keys(file)
        self._looked = time.monotonic()

    def __len__(self) -> int:
        return len(self._keys) + len(self._extra)

    def owner(self, token: str) -> str | None:
        """Return the name of a key, None where it is none of those that are taken."""
        self._look()
        return owner_of(token, (*self._keys, *self._extra))

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked < _LOOK:
            return
        self._looked = now
        state = _state(self._file)
        if state == self._state:
            return
        try:
            self._keys = read_keys(self._file)
        except KeysError as error:
            # Nobody gets in on a key that may have been revoked.
            self._keys = ()
            _log.error("%s: no key of it is taken", error)
        self._state = state


def _state(file: Path) -> tuple[int, ...]:
    try:
        found = os.stat(file)  # noqa: PTH116  # a path made anew each second is of no use
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
