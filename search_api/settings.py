"""What a server needs to know; `configuration` finds it."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from indexer.addresses import folder_of
from search_api.queries import LONGEST_QUERY, MOST_HITS, MOST_QUESTIONS, RERANK_TOP

PREFIX = "VEILLE_"
HIGHEST_PORT = 65_535
# Of clients that are not on this machine, unless told otherwise.
RATE_ELSEWHERE = "600/minute"
_SHORTEST_KEY = 32
_LONGEST_QUERY_EVER = 20_000
# What may stand in an address unescaped (RFC 3986), and nothing that an attribute or a header would not take.
_ADDRESS = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Seconds = Annotated[float, Field(gt=0, le=3_600)]
Count = Annotated[int, Field(ge=1, le=100_000)]
# From the environment, a list is written with commas; in a file it is a list.
Listed = Annotated[tuple[str, ...], NoDecode]


def default_keys() -> Path:
    """Return where the API keys are, unless told otherwise."""
    return platformdirs.user_config_path("veille") / "keys.json"


def public_address(value: str) -> str:
    """Return the address of a service with a slash at its end. Raises ValueError where it is none, or says too much."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _ADDRESS.fullmatch(value):
        raise ValueError("it is no address of http or https, such as https://news.example.org/veille")
    if "?" in value or "#" in value or "@" in parts.netloc:
        raise ValueError("it may hold a host, a port and a path, and nothing else")
    _ = parts.port  # raises where that is no number
    return f"{value.rstrip('/')}/"


class Settings(BaseSettings):
    """Where the index is, where to listen, and how much anybody may ask for. Frozen."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    index: Path = Field(description="Folder of the index, or its address in Milvus.")
    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen on.")
    port: int = Field(default=8000, ge=0, le=HIGHEST_PORT, description="Port; 0 takes a free one.")
    workers: int = Field(default=1, ge=1, le=64, description="Processes; they share the files of the index in memory.")
    model: str | None = Field(default=None, description="Encoder; default: the one that the index was built with.")
    reranker: str | None = Field(default=None, description="A CrossEncoder that puts the first hits into its order.")
    rerank_top: int = Field(default=RERANK_TOP, ge=1, le=MOST_HITS, description="How many articles the reranker reads.")

    open: bool = Field(default=False, description="Answer anybody without a key, whatever the host.")
    require_key: bool = Field(default=False, description="Ask for a key on a loopback address too.")
    keys: Path = Field(
        default_factory=default_keys,
        description="File of API keys: see `veille keys`.",
    )
    api_key: SecretStr | None = Field(default=None, description="One more key that is taken, of 32 characters or more.")
    rate_limit: str | None = Field(
        default=None,
        description="Requests a key, or an address without one, may make, such as 600/minute; none: no limit. "
        f"Default: none on a loopback address, {RATE_ELSEWHERE} elsewhere.",
    )
    trusted_proxies: Listed = Field(default=(), description="Networks whose X-Forwarded-For is believed.")
    cors_origins: Listed = Field(default=(), description="Origins whose pages may ask.")
    public_url: str | None = Field(
        default=None,
        description="Where clients reach this server, behind a proxy: for feeds and permalinks. "
        "Default: the address of the request.",
    )

    longest_query: int = Field(
        default=LONGEST_QUERY, ge=1, le=_LONGEST_QUERY_EVER, description="Most characters of a question."
    )
    most_batched: int = Field(
        default=MOST_QUESTIONS, ge=1, le=MOST_QUESTIONS, description="Most questions in one request."
    )
    request_seconds: Seconds = Field(default=10.0, description="After so long a request is answered with 503.")
    head_seconds: Seconds = Field(default=10.0, description="How long a client may take to send a request's headers.")
    idle_seconds: Seconds = Field(default=15.0, description="How long a connection may stay idle between requests.")
    stop_seconds: Seconds = Field(default=10.0, description="How long running requests may take to finish at the end.")
    most_waiting: Count = Field(default=128, description="Most requests that wait; others are answered with 503.")
    most_connections: Count = Field(default=1_000, description="Most connections at once.")
    threads: int = Field(
        default=0, ge=0, le=256, description="Threads that answer; 0: one a processor, shared by the workers."
    )
    largest_group: int = Field(default=8, ge=1, le=256, description="Most questions that are encoded together.")
    group_wait_ms: float = Field(
        default=0.0,
        ge=0,
        le=1_000,
        description="How long a question waits for company where nothing else is to be done.",
    )
    cache_entries: int = Field(default=10_000, ge=0, le=10_000_000, description="Most answers that are kept; 0: none.")
    cache_megabytes: float = Field(default=64.0, ge=0, le=1_000_000, description="Most memory for them.")
    reload_seconds: Seconds = Field(default=0.5, description="How often to look for a new generation of the index.")

    log_format: Literal["json", "text"] = Field(default="json", description="How lines of the log are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="debug writes questions into the log."
    )

    @field_validator("index", mode="before")
    @classmethod
    def _folder(cls, value: Any) -> Any:
        return folder_of(value) if isinstance(value, str) else value

    @field_validator("trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network, strict=False)
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        return None if value is None else public_address(value)

    @field_validator("rate_limit")
    @classmethod
    def _rate(cls, value: str | None) -> str | None:
        from limits import parse

        if value is not None and value != "none":
            parse(value)
        return value

    @field_validator("api_key")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"it has fewer than {_SHORTEST_KEY} characters")
        return value

    @model_validator(mode="after")
    def _decided(self) -> Settings:
        if self.open and self.require_key:
            raise ValueError("open and require_key exclude each other")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def guarded(self) -> bool:
        """Whether a request needs a key."""
        return self.require_key or not (self.loopback or self.open)

    @property
    def rate(self) -> str | None:
        """The limit in force, None where there is none."""
        chosen = self.rate_limit or ("none" if self.loopback else RATE_ELSEWHERE)
        return None if chosen == "none" else chosen

    @property
    def proxies(self) -> tuple[Network, ...]:
        """The networks of trusted proxies."""
        return tuple(ipaddress.ip_network(network, strict=False) for network in self.trusted_proxies)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what the constructor is given alone; `configuration.load` looks elsewhere."""
        return (init_settings,)
