"""What the owner of a site lets programs read: robots.txt, RFC 9309."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
import protego

from corpus.fetching.errors import FetchError
from corpus.fetching.exchange import Answer
from corpus.fetching.options import NAME
from corpus.fetching.pace import Clock

# RFC 9309: at least 500 KiB must be read, and a day is how long it may be remembered.
MOST_BYTES = 500 * 1024
REMEMBERED = 24 * 3600.0
REMEMBERED_UNREACHABLE = 300.0
TOO_MANY = 429
# Rules of more hosts than these are fetched anew: those of one may take megabytes.
MOST_HOSTS = 1000
CLIENT_ERRORS = range(400, 500)
OK = range(200, 300)
# Groups for others are read as one: thousands of names times thousands of rules would take minutes.
_OTHERS = re.compile(
    rf"^[ \t]*user[- ]?agent[ \t]*:(?![ \t]*(?:\*|{NAME})[ \t]*(?:#|\r|$))[^\r\n]*", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host's robots.txt says; none where it has none."""

    parsed: protego.Protego | None

    def allow(self, url: httpx2.URL) -> bool:
        """Say whether the address may be read."""
        return self.parsed is None or bool(self.parsed.can_fetch(str(url), NAME))

    @property
    def delay(self) -> float:
        """Return the seconds between requests that it asks for, 0 where it asks for none."""
        return float(self.parsed.crawl_delay(NAME) or 0.0) if self.parsed else 0.0


class Robots:
    """The rules of each host, fetched once a day. May be shared by threads."""

    def __init__(self, get: Callable[[httpx2.URL], Answer], clock: Clock) -> None:
        """Take how robots.txt itself is fetched, redirects included; `get` raises FetchError."""
        self._get = get
        self._clock = clock
        self._known: dict[httpx2.URL, tuple[float, Rules | FetchError]] = {}
        self._locks: defaultdict[httpx2.URL, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def of(self, url: httpx2.URL) -> Rules:
        """Return the rules for an address.

        Raises FetchError where they cannot be had: 4xx means that there are none, anything else that nothing may
        be read for now.
        """
        place = url.copy_with(raw_path=b"/robots.txt")
        with self._guard:
            lock = self._locks[place]
        with lock:
            until, outcome = self._known.get(place, (0.0, Rules(None)))
            if self._clock.monotonic() >= until:
                outcome = self._fetched(place)
                lasting = REMEMBERED if isinstance(outcome, Rules) else REMEMBERED_UNREACHABLE
                with self._guard:
                    self._known.pop(place, None)
                    self._known[place] = (self._clock.monotonic() + lasting, outcome)
                    if len(self._known) > MOST_HOSTS:
                        oldest = next(iter(self._known))
                        del self._known[oldest], self._locks[oldest]
        if isinstance(outcome, FetchError):
            raise FetchError(
                outcome.problem,
                outcome.remedy,
                where=str(url),
                kind=outcome.kind,
                temporary=outcome.temporary,
                retry_after=outcome.retry_after,
            )
        return outcome

    def _fetched(self, place: httpx2.URL) -> Rules | FetchError:
        try:
            answer = self._get(place)
        except FetchError as error:
            if error.kind in {"redirects", "encoding"}:
                return Rules(None)
            return error
        if answer.status in OK:
            return Rules(parsed(answer.body))
        if answer.status in CLIENT_ERRORS and answer.status != TOO_MANY:
            return Rules(None)
        return FetchError(
            f"its robots.txt cannot be read (status {answer.status}), so nothing may be read for now",
            where=str(place),
            kind="robots",
            temporary=True,
        )


def parsed(body: bytes) -> protego.Protego:
    """Return the rules in the text of a robots.txt, whatever it holds."""
    text = body[:MOST_BYTES].decode("utf-8", "replace").replace("\x00", "")
    return protego.Protego.parse(_OTHERS.sub("User-agent: others", text))
