"""What can be wrong with a question, and the one place that says which HTTP status an error has (RFC 9457)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from corpus.errors import VeilleError
from indexer.encoder import EncoderError
from indexer.errors import IndexProblem

MEDIA_TYPE = "application/problem+json"
# Paths of the server are nobody's business but its operator's: these errors reach the log whole, the client
# only by their problem and this remedy.
OPERATOR = "The operator of this server finds the details in its log"


class QueryError(VeilleError):
    """A question, or one of its filters, that cannot be answered as it was put."""


class ArticleMissing(VeilleError):
    """The index holds no article of that id."""


class CanaryError(VeilleError):
    """A file of canaries cannot be read."""


class RerankerError(VeilleError):
    """A reranker cannot be loaded, or gives nothing that could be put into an order."""


class SettingsError(VeilleError):
    """A setting is missing or out of range, or the address to serve on cannot be had."""


class NotebookError(VeilleError):
    """Something that only a notebook needs is not installed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The body of every HTTP error. `remedy` is an extension member, absent where there is none."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the members that have a value."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    title: str
    status: HTTPStatus


INVALID = _Kind("invalid-request", "The request cannot be answered as it is", HTTPStatus.BAD_REQUEST)
_UNEXPECTED = _Kind("internal", "Something went wrong on the server", HTTPStatus.INTERNAL_SERVER_ERROR)
_KINDS: dict[type[VeilleError], _Kind] = {
    QueryError: INVALID,
    ArticleMissing: _Kind("no-such-article", "There is no such article", HTTPStatus.NOT_FOUND),
    IndexProblem: _Kind("index-unavailable", "The index cannot be searched", HTTPStatus.SERVICE_UNAVAILABLE),
    EncoderError: _Kind("encoder-unavailable", "The encoder cannot be used", HTTPStatus.SERVICE_UNAVAILABLE),
    RerankerError: _Kind("reranker-unavailable", "The reranker cannot be used", HTTPStatus.SERVICE_UNAVAILABLE),
}


def problem_of(error: Exception) -> Problem:
    """Return what an HTTP client is told about `error`. Anything unforeseen is told as little as possible."""
    for known, kind in _KINDS.items():
        if isinstance(error, known):
            ours = kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            return problem(kind, error.problem, OPERATOR if ours else error.remedy or None)
    return problem(_UNEXPECTED, "The request could not be completed", OPERATOR)


def problem(kind: _Kind, detail: str, remedy: str | None = None) -> Problem:
    """Return a problem of one of the kinds above."""
    return Problem(f"urn:veille:problem:{kind.name}", kind.title, int(kind.status), detail, remedy)


def plain_problem(status: int, detail: str) -> Problem:
    """Return a problem that has no kind but its HTTP status, such as 404 for an unknown path."""
    return Problem("about:blank", HTTPStatus(status).phrase, status, detail)
