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
from search_api.errors import INVALID, MEDIA_TYPE, Problem, plain_problem, problem, problem_of
from search_api.queries import readable

_NAMED = 5
_LONGEST_NAME = 60
_log = logging.getLogger("veille")


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(VeilleError, _foreseen)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    # Starlette raises it again behind the answer, so that it reaches the server's log with its traceback.
    app.add_exception_handler(Exception, _unforeseen)


def _answer(told: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(told.to_json(), told.status, headers=headers, media_type=MEDIA_TYPE)


def _foreseen(request: Request, error: Exception) -> JSONResponse:
    told = problem_of(error)
    if told.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s %s: %s", request.method, request.url.path, error)
    return _answer(told)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for it alone
    details = [f"{_place(found['loc'])}: {found['msg']}" for found in error.errors()[:_NAMED]]
    return _answer(problem(INVALID, "; ".join(details), "The contract is at /docs"))


def _http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for it alone
    return _answer(plain_problem(error.status_code, error.detail), error.headers)


def _unforeseen(_: Request, error: Exception) -> JSONResponse:
    return _answer(problem_of(error))


def _place(location: tuple[int | str, ...]) -> str:
    # The first part is "query" or "body". Names may be the client's own, and of any length.
    parts = [readable(str(part))[:_LONGEST_NAME] for part in location[1:]]
    return ".".join(parts) or str(location[0])
