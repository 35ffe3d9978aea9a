"""Fetches addresses: patient with servers that falter, polite to those that do not, trusting none."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from corpus.fetching.addresses import Resolve, checked_url, resolve
from corpus.fetching.errors import FetchError
from corpus.fetching.exchange import WITH_BODY, Answer, Exchange
from corpus.fetching.options import FetchOptions
from corpus.fetching.pace import Clock, Pace, SystemClock
from corpus.fetching.robots import MOST_BYTES, Robots

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, "
    "text/html;q=0.8, application/xhtml+xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
NOT_MODIFIED = 304
MOVED = frozenset({301, 302, 303, 307, 308})
MAY_PASS = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_RETRY_AFTER = 24 * 3600.0
LONGEST_VALIDATOR = 1000


@dataclass(frozen=True, slots=True)
class Validators:
    """How a server names a version of what it sent (RFC 9110, 8.8). Empty where it names none."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for a newer version only."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in asked.items() if value and _is_fit(value)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address holds. `url` is where it was found in the end, `at` when (UTC).

    Where it is `unchanged` since the version that `known` named, there is no content.
    """

    url: str
    at: datetime
    unchanged: bool
    content: bytes
    content_type: str
    validators: Validators


class Fetcher:
    """Reads http and https addresses. May be shared by threads; keeps no cookies, and no connection open."""

    def __init__(
        self,
        options: FetchOptions | None = None,
        *,
        resolve: Resolve = resolve,
        clock: Clock | None = None,
    ) -> None:
        """Take the limits, how names are resolved, and a clock. Raises FetchError for a proxy that is none."""
        self.options = options or FetchOptions()
        self._clock = clock or SystemClock()
        self._pace = Pace(self._clock)
        self._exchange = Exchange(self.options, resolve)
        self._robots = Robots(self._robots_txt, self._clock)

    def fetch(self, url: str, known: Validators | None = None) -> Fetched:
        """Return what `url` holds, or that it is unchanged since the version that `known` names.

        Follows redirects, each to an address that is checked anew, and obeys each host's robots.txt. Raises
        FetchError.
        """
        target = checked_url(url)
        asked = known.headers() if known else {}
        for _ in range(self.options.redirects + 1):
            rules = self._robots.of(target)
            if not rules.allow(target):
                raise FetchError("its robots.txt asks not to read it", where=str(target), kind="robots")
            pause = max(self.options.pause, min(rules.delay, self.options.longest_pause))
            answer = self._insist(target, {"Accept": ACCEPT, **asked}, pause)
            if answer.status not in MOVED:
                return self._fetched(answer, asked=bool(asked))
            target = _next(answer)
        raise self._too_many_redirects(url)

    def _fetched(self, answer: Answer, *, asked: bool) -> Fetched:
        unchanged = answer.status == NOT_MODIFIED and asked
        if answer.status not in WITH_BODY and not unchanged:
            raise FetchError(
                f"the server answered {answer.status}",
                where=str(answer.url),
                kind=f"http-{answer.status}",
                temporary=answer.status in MAY_PASS,
                retry_after=self._retry_after(answer),
            )
        headers = answer.headers
        return Fetched(
            url=str(answer.url),
            at=self._clock.now(),
            unchanged=unchanged,
            content=answer.body,
            content_type=headers.get("content-type", "")[:200],
            validators=Validators(_fit(headers.get("etag", "")), _fit(headers.get("last-modified", ""))),
        )

    def _robots_txt(self, place: httpx2.URL) -> Answer:
        target = place
        for _ in range(self.options.redirects + 1):
            answer = self._insist(target, {"Accept": "text/plain, */*;q=0.1"}, self.options.pause, MOST_BYTES)
            if answer.status not in MOVED:
                return answer
            target = _next(answer)
        raise self._too_many_redirects(str(place))

    def _insist(self, url: httpx2.URL, headers: dict[str, str], pause: float, cut: int = 0) -> Answer:
        """Return the first answer that is not a passing fault, or the last one. Raises FetchError."""
        sent = {"User-Agent": self.options.user_agent, "Accept-Encoding": "gzip", "Connection": "close", **headers}
        attempt = 0
        while True:
            attempt += 1
            self._pace.wait(url.host, pause)
            wait = self.options.backoff * 2 ** (attempt - 1) * (1 + random.random())  # noqa: S311  # only spreads load
            try:
                answer = self._exchange.get(url, sent, cut or self.options.max_bytes, cut=bool(cut))
            except FetchError as error:
                if not error.temporary or attempt >= self.options.attempts:
                    raise
            else:
                wait = max(wait, self._retry_after(answer))
                last = attempt >= self.options.attempts or wait > self.options.longest_wait
                if answer.status not in MAY_PASS or last:
                    return answer
            self._pace.leave_alone(url.host, wait)

    def _retry_after(self, answer: Answer) -> float:
        """Return how many seconds the server wants to be left alone."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return min(float(text[:9]), LONGEST_RETRY_AFTER)
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            return 0.0
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return min(max((moment - self._clock.now()).total_seconds(), 0.0), LONGEST_RETRY_AFTER)

    def _too_many_redirects(self, url: str) -> FetchError:
        return FetchError(f"it was redirected more than {self.options.redirects} times", where=url, kind="redirects")


def _next(answer: Answer) -> httpx2.URL:
    location = answer.headers.get("location", "")
    try:
        return checked_url(str(answer.url.join(location)))
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(
            f"it was redirected to something that is no address ({error})", where=str(answer.url), kind="url"
        ) from error


def _fit(value: str) -> str:
    return value if _is_fit(value) else ""


def _is_fit(value: str) -> bool:
    return len(value) <= LONGEST_VALIDATOR and value.isascii() and value.isprintable()
