"""Whether the service is alive, and whether it can answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from search_api.schemas.examples import BUILD, NULL

_READY: dict[str, JsonValue] = {"status": "ready", "build": BUILD, "articles": 415, "passages": 3803, "newer": NULL}


class Live(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "live"}]})

    status: str = "live"


class Ready(BaseModel):
    """The index can be searched."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READY]})

    status: str = "ready"
    build: str
    articles: int
    passages: int
    newer: str | None = Field(
        None, description="The newest generation and why it does not open; null where it is the one that is served."
    )
