"""/docs: the contract as a page that loads nothing and runs nothing; programs read /openapi.json."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #8888;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}pre{overflow-x:auto}code{overflow-wrap:anywhere}"
)
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show every endpoint with what it takes and gives."""
    return HTMLResponse("".join(_page(request.app.openapi())), headers={"Content-Security-Policy": _POLICY})


def _page(contract: Mapping[str, Any]) -> Iterator[str]:
    title = escape(contract["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: the contract</title>'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<style>{_STYLE}</style><h1>{title} {escape(contract['info']['version'])}</h1>"
    yield f"<p>{escape(contract['info']['summary'])} Programs read <a href=openapi.json>openapi.json</a>.</p>"
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            yield from _operation(f"{method.upper()} {path}", operation)
    for name, schema in contract.get("components", {}).get("schemas", {}).items():
        if "properties" in schema:
            yield f'<h2 id="{escape(name)}">{escape(name)}</h2>{_text(schema.get("description"))}'
            required = schema.get("required", ())
            yield from _table((field, field in required, about) for field, about in schema["properties"].items())
            yield from _example(schema)


def _operation(name: str, operation: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h2><code>{escape(name)}</code></h2>{_text(operation.get('description'))}"
    parameters = operation.get("parameters", ())
    yield from _table((p["name"], p.get("required", False), {**p["schema"], **p}) for p in parameters)
    for said, found in (("Takes", [operation.get("requestBody", {})]), ("Gives", operation["responses"].values())):
        names = [name for part in found for name in _references(part)]
        if names:
            links = ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in dict.fromkeys(names))
            yield f"<p>{said}: {links}</p>"
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            yield from _example({"examples": [content["example"]]} if "example" in content else {})


def _table(rows: Any) -> Iterator[str]:
    listed = list(rows)
    if listed:
        yield "<table><tr><th>name</th><th>type</th><th>meaning</th></tr>"
        for name, required, about in listed:
            meaning = escape(str(about.get("description", "")))
            for example in about.get("examples", ())[:1]:
                meaning += f" For example <code>{escape(json.dumps(example, ensure_ascii=False))}</code>"
            needed = " (required)" if required else ""
            yield f"<tr><td><code>{escape(name)}</code>{needed}</td><td>{_type(about)}</td><td>{meaning}</td></tr>"
        yield "</table>"


def _example(schema: Mapping[str, Any]) -> Iterator[str]:
    for example in schema.get("examples", ())[:1]:
        text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
        yield f"<details><summary>For example</summary><pre>{escape(text)}</pre></details>"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    bounds = [
        f"{word} {schema[name]}"
        for name, word in (("minimum", "from"), ("maximum", "to"), ("maxLength", "at most"), ("default", "default"))
        if name in schema
    ]
    return escape(" ".join([str(schema.get("type", "any")), *bounds]))


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"].rsplit("/", 1)[-1]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _text(said: str | None) -> str:
    return f"<p>{escape(said)}</p>" if said else ""
