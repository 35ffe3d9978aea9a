"""/feed: a standing question as an Atom feed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from search_api import atom
from search_api.schemas.coverage import StandingRequest
from search_api.schemas.examples import NEWS, QUERY, ROOT
from search_api.schemas.problems import ASKED
from search_api.service.service import ServiceNeeded, frozen, respond

router = APIRouter(prefix="/feed", tags=["coverage"], responses=ASKED)
_UPDATED = re.compile(rb"<updated>([^<]+)</updated>")
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_ASKED = urlencode({"q": QUERY})
_EXAMPLE = atom.feed(NEWS, itself=f"{ROOT}feed?{_ASKED}", page=f"{ROOT}?{_ASKED}").decode()
_CHANGED: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The feed.",
        "content": {atom.MEDIA_TYPE: {"schema": {"type": "string"}, "example": _EXAMPLE}},
    },
    304: {"description": "It is as `If-None-Match` knows it."},
}


class AtomResponse(Response):
    """A response whose media type is that of Atom."""

    media_type = atom.MEDIA_TYPE


@router.get("", response_class=AtomResponse, responses=_CHANGED)
async def feed(asked: Annotated[StandingRequest, Query()], service: ServiceNeeded, request: Request) -> Response:
    """Return the 50 newest stories that match, by their earliest article; those without a date are left out.

    Entries keep their ids whatever build or server they come from. Send `If-None-Match`: an unchanged feed is 304.
    """
    arguments = asked.arguments()
    root, question = service.root(request), f"?{request.url.query}" if request.url.query else ""
    itself, page = f"{root}feed{question}", f"{root}{question}"
    found = await service.ask(
        asked.q,
        lambda engine, reading: atom.feed(
            engine.newest(asked.q, reading=reading, **arguments), itself=itself, page=page
        ),
        key=("feed", itself, frozen(arguments)),
    )
    answer = respond(request, found, atom.MEDIA_TYPE)
    answer.headers.update(_validators(found.body))
    if _matches(request.headers.get("If-None-Match", ""), answer.headers["ETag"]):
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return answer


def _validators(body: bytes) -> dict[str, str]:
    # What changes a feed may be older than its newest entry, so only the tag tells whether it has changed.
    headers = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
    first = _UPDATED.search(body)
    if first is not None and b"<entry" in body:
        changed = datetime.fromisoformat(first[1].decode("ascii"))
        headers["Last-Modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    return headers


def _matches(asked: str, tag: str) -> bool:
    return asked.strip() == "*" or tag in _TAG.findall(asked)
