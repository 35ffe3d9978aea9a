"""What a server needs to know, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from search_api.errors import SettingsError

INDEX_VARIABLE = "VEILLE_INDEX"
HOST_VARIABLE = "VEILLE_HOST"
PORT_VARIABLE = "VEILLE_PORT"
HOST = "127.0.0.1"
PORT = 8000
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the index is and where to listen. Port 0 takes any that is free."""

    index: Path
    host: str = HOST
    port: int = PORT

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read VEILLE_INDEX, VEILLE_HOST and VEILLE_PORT. Raises SettingsError."""
        index = environment.get(INDEX_VARIABLE)
        if not index:
            raise SettingsError(f"{INDEX_VARIABLE} is not set", "Set it to the folder of an index")
        port = environment.get(PORT_VARIABLE) or str(PORT)
        if not port.isascii() or not port.isdecimal() or int(port[:6]) > HIGHEST_PORT:
            raise SettingsError(f"{PORT_VARIABLE} is {port!r}", f"Give a number from 0 to {HIGHEST_PORT}")
        return cls(Path(index), environment.get(HOST_VARIABLE) or HOST, int(port))
