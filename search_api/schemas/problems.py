"""What can go wrong, as the contract tells it: each status of an endpoint with an example of each kind of problem."""

from __future__ import annotations

from typing import Any

from corpus.errors import VeilleError
from indexer.errors import IndexMissing
from search_api.errors import (
    HEAD_TOO_LARGE,
    MEDIA_TYPE,
    ArticleMissing,
    KeyWanted,
    Overloaded,
    Problem,
    QueryError,
    TimedOut,
    TooLarge,
    TooOften,
    problem,
    problem_of,
)

# `BatchAnswer` brings it into the document.
_SCHEMA = {"$ref": f"#/components/schemas/{Problem.__name__}"}
_RETRY_AFTER = {
    "Retry-After": {"description": "In how many seconds to ask again.", "schema": {"type": "integer"}, "example": 1}
}
_CHALLENGE = {
    "WWW-Authenticate": {
        "description": "What is wanted.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="veille"',
    }
}


def _documented(description: str, *found: Problem, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    examples = {one.type.rpartition(":")[2]: {"summary": one.title, "value": one.to_json()} for one in found}
    told = {"description": description, "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": examples}}}
    return told if headers is None else {**told, "headers": headers}


def _told(error: type[VeilleError], said: str, remedy: str) -> Problem:
    return problem_of(error(said, remedy))


EMPTY = _told(QueryError, "the query is empty", "Ask something, in any language")
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _documented(
        "The question or one of its filters cannot be answered as it is; `detail` names it.",
        EMPTY,
    ),
    401: _documented(
        "The server wants a key, and there is none or none that is valid.",
        _told(KeyWanted, "the request has no key", "Send one as Authorization: Bearer KEY or X-API-Key: KEY"),
        headers=_CHALLENGE,
    ),
    404: _documented(
        "The index holds no such article.",
        _told(ArticleMissing, "there is no article 'musk-menace-google'", "Take the article_id of a hit"),
    ),
    413: _documented(
        "The body is too large; the rest of it is not read.",
        _told(TooLarge, "the body has more than 65,536 bytes", "Ask a shorter question"),
    ),
    429: _documented(
        "The key, or the address without one, asked more often than it may.",
        _told(TooOften, "the limit is 600 per 1 minute", "Ask again in 1 s"),
        headers=_RETRY_AFTER,
    ),
    "4XX": _documented(
        "Something else is wrong with the request; `detail` says what.",
        problem(HEAD_TOO_LARGE, "at most 100 headers and 32,768 bytes are read"),
    ),
    503: _documented(
        "There is too much to do, or the index cannot be searched.",
        _told(Overloaded, "128 requests are waiting already", "Ask again a little later"),
        _told(TimedOut, "there was no answer within 10 s", "Ask again later"),
        _told(IndexMissing, "there is no index", ""),
        headers=_RETRY_AFTER,
    ),
}


def problems(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """Return the responses that an endpoint may give instead of an answer.

    "4XX" is what is left of these; it also keeps FastAPI from announcing its own 422.
    """
    return {status: _PROBLEMS[status] for status in statuses}


# Of endpoints that are asked something.
ASKED = problems(400, 401, 429, "4XX", 503)
