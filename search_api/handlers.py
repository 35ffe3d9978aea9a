"""Every error leaves the server as application/problem+json, as `errors` says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from corpus.errors import VeilleError
from search_api.errors import INVALID, MEDIA_TYPE, Problem, Refused, plain_problem, problem, problem_of
from search_api.queries import readable

_NAMED = 5
_LONGEST_NAME = 60
_log = logging.getLogger("veille")


def install(app: FastAPI) -> None:
    """Register the handlers of what routes raise. What middleware refuses goes through `told` too."""
    app.add_exception_handler(VeilleError, _foreseen)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def told(error: Exception) -> JSONResponse:
    """Return the answer to an error, whoever noticed it. What is for the operator is logged."""
    said = problem_of(error)
    if isinstance(error, Refused):
        return _answer(said, error.headers)
    if not isinstance(error, VeilleError):
        _log.error("a request failed", exc_info=error)
    elif said.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s", error)
    return _answer(said)


def _answer(said: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(said.to_json(), said.status, headers=headers, media_type=MEDIA_TYPE)


def _foreseen(_: Request, error: Exception) -> JSONResponse:
    return told(error)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for it alone
    details = [f"{_place(found['loc'])}: {found['msg']}" for found in error.errors()[:_NAMED]]
    return _answer(problem(INVALID, "; ".join(details), "The contract is at /docs"))


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for it alone
    if isinstance(error.__cause__, VeilleError):
        return told(error.__cause__)
    return _answer(plain_problem(error.status_code, error.detail), error.headers)


def _place(location: tuple[int | str, ...]) -> str:
    # The first part is "query" or "body". Names may be the client's own, and of any length.
    parts = [readable(str(part))[:_LONGEST_NAME] for part in location[1:]]
    return ".".join(parts) or str(location[0])
