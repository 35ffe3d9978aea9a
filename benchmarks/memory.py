"""The memory of a process, as Linux tells it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes: `own` are the process's alone.

    `mapped` are pages of files, of the index and of libraries: all processes share them, and the system takes them back
    where it needs the room.
    """

    own: int
    mapped: int

    @property
    def resident(self) -> int:
        """Return both."""
        return self.own + self.mapped

    @classmethod
    def of(cls, process: int | None = None) -> Memory:
        """Read that of a process, by default this one."""
        status = Path(f"/proc/{process or os.getpid()}/status").read_text("ascii")
        fields = dict(line.split(":", 1) for line in status.splitlines())
        return cls(*(int(fields[name].split()[0]) * 1024 for name in ("RssAnon", "RssFile")))
