"""The OpenAPI document, with its examples whole."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from search_api.schemas.examples import NULL


class Application(FastAPI):
    """An application whose document says in its examples what is null: FastAPI leaves that out, of examples too."""

    def openapi(self) -> dict[str, Any]:
        """Return the document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _with_nulls(super().openapi())
        return self.openapi_schema


def _with_nulls(part: Any) -> Any:
    if isinstance(part, dict):
        return {name: _with_nulls(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_with_nulls(value) for value in part]
    return None if part == NULL else part
