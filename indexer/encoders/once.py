"""What the bundled encoder makes once for a user, and keeps in his cache folder.

A file's name holds what went into it and a digest of its own bytes, so a damaged one is made again. Two processes may
make the same at once: each writes a file of its own and moves it into place. Where the folder cannot be written, all
is made every time.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import platformdirs

from corpus.durable import replace_privately

DIGEST_LENGTH = 16


def own_folder() -> Path:
    """Return the folder of the user's cache."""
    return platformdirs.user_cache_path("veille") / "encoders"


def found(folder: Path, key: str, kind: str) -> bytes | None:
    """Return the bytes that were kept as `key`, in a file of that `kind`; None where there are none, or damaged."""
    for file in sorted(folder.glob(f"{key}-*.{kind}")):
        content = file.read_bytes()
        if file.stem.endswith(f"-{_digest(content)}"):
            return content
        file.unlink(missing_ok=True)
    return None


def keep(folder: Path, key: str, kind: str, content: bytes) -> str:
    """Keep bytes as `key`; return why they cannot be kept, nothing where they are."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_privately(folder / f"{key}-{_digest(content)}.{kind}", content)
    except OSError as error:
        return f"it cannot be kept in {folder} ({error.strerror})"
    return ""


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:DIGEST_LENGTH]
