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


class KeysError(VeilleError):
    """The file of API keys cannot be read or written, or holds no such key."""


class Refused(VeilleError):
    """A request that is not answered, whatever it asks. `headers` go with the answer."""

    def __init__(self, problem: str, remedy: str = "", *, retry_after: int | None = None, **headers: str) -> None:
        """`retry_after`: in how many seconds to try again. Other headers are given with _ for -."""
        super().__init__(problem, remedy)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


class Overloaded(Refused):
    """More requests wait than the server will keep."""


class TimedOut(Refused):
    """A request took longer than it may."""


class KeyWanted(Refused):
    """A request came without a valid key."""


class TooOften(Refused):
    """A key or an address asked more often than it may."""


class TooLarge(Refused):
    """The body of a request is larger than the server reads."""


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
class Kind:
    """A kind of problem: its `type` is urn:veille:problem:NAME."""

    name: str
    title: str
    status: HTTPStatus


INVALID = Kind("invalid-request", "The request cannot be answered as it is", HTTPStatus.BAD_REQUEST)
# What is said before there is a request (search_api/service/connection.py).
BAD_HTTP = Kind("bad-http", "The request is not HTTP", HTTPStatus.BAD_REQUEST)
HEAD_TOO_LARGE = Kind(
    "headers-too-large", "The request's headers are too large", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
)
HEAD_TOO_SLOW = Kind("headers-too-slow", "The request's headers did not come in time", HTTPStatus.REQUEST_TIMEOUT)
FULL = Kind("too-many-connections", "The server has too many connections", HTTPStatus.SERVICE_UNAVAILABLE)
_UNEXPECTED = Kind("internal", "Something went wrong on the server", HTTPStatus.INTERNAL_SERVER_ERROR)
_KINDS: dict[type[VeilleError], Kind] = {
    QueryError: INVALID,
    ArticleMissing: Kind("no-such-article", "There is no such article", HTTPStatus.NOT_FOUND),
    IndexProblem: Kind("index-unavailable", "The index cannot be searched", HTTPStatus.SERVICE_UNAVAILABLE),
    TooLarge: Kind("body-too-large", "The body is too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    KeyWanted: Kind("key-wanted", "A valid key is needed", HTTPStatus.UNAUTHORIZED),
    TooOften: Kind("too-many-requests", "Too many requests", HTTPStatus.TOO_MANY_REQUESTS),
    Overloaded: Kind("overloaded", "The server has too much to do", HTTPStatus.SERVICE_UNAVAILABLE),
    TimedOut: Kind("timed-out", "The answer took too long", HTTPStatus.SERVICE_UNAVAILABLE),
    EncoderError: Kind("encoder-unavailable", "The encoder cannot be used", HTTPStatus.SERVICE_UNAVAILABLE),
    RerankerError: Kind("reranker-unavailable", "The reranker cannot be used", HTTPStatus.SERVICE_UNAVAILABLE),
}


def problem_of(error: Exception) -> Problem:
    """Return what an HTTP client is told about `error`. Anything unforeseen is told as little as possible."""
    for known, kind in _KINDS.items():
        if isinstance(error, known):
            ours = kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Refused)
            return problem(kind, error.problem, OPERATOR if ours else error.remedy or None)
    return problem(_UNEXPECTED, "The request could not be completed", OPERATOR)


def kinds() -> list[tuple[str, str, int]]:
    """Return the name, the title and the status of every kind of problem."""
    every = [*dict.fromkeys(_KINDS.values()), BAD_HTTP, HEAD_TOO_LARGE, HEAD_TOO_SLOW, FULL, _UNEXPECTED]
    return [(kind.name, kind.title, int(kind.status)) for kind in every]


def problem(kind: Kind, detail: str, remedy: str | None = None) -> Problem:
    """Return a problem of one of the kinds above."""
    return Problem(f"urn:veille:problem:{kind.name}", kind.title, int(kind.status), detail, remedy)


def plain_problem(status: int, detail: str) -> Problem:
    """Return a problem that has no kind but its HTTP status, such as 404 for an unknown path."""
    return Problem("about:blank", HTTPStatus(status).phrase, status, detail)
