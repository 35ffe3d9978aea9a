"""/: the page for people, and what it loads. It answers without scripts too; with them it asks the other endpoints."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic_core import to_json
from starlette.exceptions import HTTPException

from corpus.errors import VeilleError
from search_api.errors import Refused, problem_of
from search_api.service.service import Service, ServiceNeeded, as_json, frozen
from search_api.web.asked import Asked
from search_api.web.assets import assets
from search_api.web.page import View, rendered
from search_api.web.wording import LANGUAGES, chosen, wording

router = APIRouter(include_in_schema=False)
# Nothing from elsewhere, nothing inline, and no text that a script could turn into markup.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
REMEMBERED = "veille-ui"
_SWITCH = "ui"
_YEAR = 31_536_000


@router.get("/")
async def page(request: Request, service: ServiceNeeded) -> Response:
    """Show the page, with the answer to what its address asks."""
    given = request.query_params.multi_items()
    wished = request.query_params.get(_SWITCH)
    if wished is not None:
        return _switched(wished, [(name, value) for name, value in given if name != _SWITCH])
    words = wording(chosen(request.cookies.get(REMEMBERED), request.headers.get("accept-language", "")))
    view = View(Asked.of(given), words)
    status, headers = 200, {}
    try:
        view = await _found(view, service, request.scope["state"].get("refusal"))
    except VeilleError as error:
        problem = problem_of(error)
        headers = dict(error.headers) if isinstance(error, Refused) else {}
        status = problem.status
        view = replace(view, problem=problem, retry_after=int(headers.get("Retry-After", 0)) or None)
    headers |= {
        "Content-Security-Policy": POLICY,
        "Content-Language": words.code,
        "Vary": "Accept-Language, Cookie",
        # Kept for the back button, never by a proxy, and asked for again when it is loaded anew.
        "Cache-Control": "private, no-cache",
    }
    return HTMLResponse(rendered(view), status, headers=headers)


@router.get("/assets/{version}/{name}")
async def asset(version: str, name: str) -> Response:
    """Return a style sheet, a script or the icon. An address never stands for other bytes than it did before."""
    held = assets()
    found = held.files.get(name) if version == held.version else None
    if found is None:
        raise HTTPException(404)
    return Response(
        found.body, media_type=found.media_type, headers={"Cache-Control": f"public, max-age={_YEAR}, immutable"}
    )


def _switched(wished: str, rest: list[tuple[str, str]]) -> Response:
    answer = RedirectResponse(f"?{urlencode(rest)}" if rest else "./", 303)
    if wished in LANGUAGES:
        answer.set_cookie(REMEMBERED, wished, max_age=_YEAR, httponly=True, samesite="lax")
    return answer


async def _found(view: View, service: Service, refusal: Refused | None) -> View:
    """Return the view with the answer in it. Raises what the service does, and what Access refused."""
    asked = view.asked
    if refusal is not None and asked:
        raise refusal
    if refusal is None and not service.settings.guarded:
        with service.served.lease() as engine:
            info = engine.info()
        view = replace(view, articles=info.articles, languages=info.languages, sources=info.sources)
    if asked.read:
        told = await service.run(lambda engine: to_json(engine.article(asked.read)))
        view = replace(view, article=json.loads(told.body))
    if asked.like:
        arguments = asked.arguments()
        found = await service.run(
            lambda engine: as_json(engine.similar(asked.like, **arguments)),
            key=("similar", asked.like, frozen(arguments)),
        )
        return replace(view, answer=json.loads(found.body))
    if asked.q:
        found = await service.search(asked.q, {**asked.arguments(), "prefer": ["any"]})
        return replace(view, answer=json.loads(found.body))
    return view
