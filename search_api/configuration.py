"""Where settings come from: flags before the environment before a file before defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource

from search_api.errors import SettingsError
from search_api.settings import PREFIX, Settings

INDEX_VARIABLE = f"{PREFIX}INDEX"
CONFIG_VARIABLE = f"{PREFIX}CONFIG"


class Loaded:
    """Settings, and for each where it came from."""

    def __init__(self, settings: Settings, origins: Mapping[str, str]) -> None:
        """Keep both."""
        self.settings = settings
        self.origins = origins

    def lines(self) -> list[str]:
        """Return a line a setting, secrets masked."""
        rows = [(name, self._shown(name), self.origins.get(name, "default")) for name in Settings.model_fields]
        widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
        return [f"{name:{widths[0]}}  {value:{widths[1]}}  {origin}" for name, value, origin in rows]

    def _shown(self, name: str) -> str:
        value = getattr(self.settings, name)
        if name == "rate_limit":
            return self.settings.rate or "none"
        if isinstance(value, tuple):
            return ",".join(value) or "-"
        return "-" if value is None else str(value)


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    config: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Loaded:
    """Return the settings: `flags` that are not None, then VEILLE_*, then the TOML file `config`, then defaults.

    Raises SettingsError, naming the setting and where it was found.
    """
    environment = os.environ if environment is None else environment
    config = config or (Path(environment[CONFIG_VARIABLE]) if environment.get(CONFIG_VARIABLE) else None)
    sources: list[tuple[str, Mapping[str, Any]]] = [
        ("flag", {name: value for name, value in (flags or {}).items() if value is not None}),
        ("environment", _of_environment(environment)),
        (str(config), _of_file(config) if config else {}),
    ]
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, found in reversed(sources):
        values |= found
        origins |= dict.fromkeys(found, origin)
    try:
        return Loaded(Settings(**values), origins)
    except ValidationError as error:
        raise _mistake(error, origins) from error


def _of_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    # An empty variable is one that is not set.
    source.env_vars = {name.lower(): value for name, value in environment.items() if value}
    return dict(source())


def _of_file(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as stream:
            return tomllib.load(stream)
    except OSError as error:
        raise SettingsError(f"it cannot be read ({error.strerror})", "Check --config", where=str(file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"it is no TOML ({error})", "Write lines such as port = 8000", where=str(file)) from error


def _mistake(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name == "index" and first["type"] == "missing":
        return SettingsError(f"{INDEX_VARIABLE} is not set", "Give --index DIR, or set it to the folder of an index")
    origin = origins.get(name, "")
    place = {"environment": PREFIX + name.upper(), "flag": f"--{name.replace('_', '-')}"}.get(origin, origin)
    said = first["msg"].removeprefix("Value error, ")
    return SettingsError(f"{name}: {said}" if name else said, "See veille serve --help", where=place)
