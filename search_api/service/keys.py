"""API keys: made here, shown once, and kept as hashes in a file that only its owner may read.

A key is 256 random bits. Nobody can guess it, so a slow hash, which is for passwords that people choose, would
protect nothing and cost every request its time: SHA-256 is enough.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.durable import replace_privately
from search_api.errors import KeysError

_BYTES = 32
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: whose it is, when it was made (ISO 8601, UTC), the SHA-256 of it in hex."""

    name: str
    created: str
    sha256: str


def read_keys(file: Path) -> tuple[Key, ...]:
    """Return the keys in a file, none where there is no file. Raises KeysError."""
    try:
        return TypeAdapter(tuple[Key, ...]).validate_python(json.loads(file.read_bytes())["keys"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no file of keys"
        raise KeysError(
            f"the keys cannot be read ({reason})", "Restore it, or create keys anew", where=str(file)
        ) from (error)


def create_key(file: Path, name: str) -> str:
    """Add a key and return it: it is told this once. Raises KeysError where the name is taken or is none."""
    if not _NAME.fullmatch(name):
        raise KeysError(f"{name[:80]!r} is no name for a key", "Take letters, digits, and . _ @ -; at most 64 of them")
    token = f"veille_{secrets.token_urlsafe(_BYTES)}"
    with _changing(file) as keys:
        if any(key.name == name for key in keys):
            raise KeysError(f"there is a key called {name!r} already", "Choose another name, or revoke it first")
        _write(file, [*keys, Key(name, f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", _digest(token))])
    return token


def revoke_key(file: Path, name: str) -> None:
    """Take a key out. Raises KeysError where there is none of that name."""
    with _changing(file) as keys:
        kept = [key for key in keys if key.name != name]
        if len(kept) == len(keys):
            raise KeysError(f"there is no key called {name[:80]!r}", "See veille keys list", where=str(file))
        _write(file, kept)


def owner_of(token: str, keys: Sequence[Key]) -> str | None:
    """Return the name of the key that `token` is, None where it is none. All are compared, each in constant time."""
    digest = _digest(token)
    found = None
    for key in keys:
        if hmac.compare_digest(digest, key.sha256):
            found = key.name
    return found


def key_of(name: str, token: str) -> Key:
    """Return a key that is known by other means than the file."""
    return Key(name, "", _digest(token))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def _changing(file: Path) -> Iterator[tuple[Key, ...]]:
    """Hold the file against others who change it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritable(file, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield read_keys(file)
    finally:
        os.close(handle)


def _write(file: Path, keys: Sequence[Key]) -> None:
    text = json.dumps({"keys": TypeAdapter(list[Key]).dump_python(list(keys))}, indent=1)
    try:
        replace_privately(file, f"{text}\n".encode())
    except OSError as error:
        raise _unwritable(file, error) from error


def _unwritable(file: Path, error: OSError) -> KeysError:
    return KeysError(f"it cannot be written ({error.strerror})", "Choose another with --keys", where=str(file))
