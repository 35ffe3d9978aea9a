"""The fetcher against a real server: what it asks, what it takes, when it asks again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version

import pytest

from corpus.fetching import Validators
from tests.corpus.fetchers import error_of, patient
from tests.website import Page, TurnedClock, Website


def test_a_page(site: Website, clock: TurnedClock) -> None:
    site.pages["/a?b=c"] = Page(b"caf\xe9", headers={"Content-Type": "text/html; charset=latin-1", "Set-Cookie": "a=b"})
    fetcher = patient(clock, contact="desk@example.org (\n)")
    found = fetcher.fetch(f"{site.url}/a?b=c#d")
    assert (found.content, found.content_type) == (b"caf\xe9", "text/html; charset=latin-1")
    assert (found.url, found.unchanged, found.at) == (f"{site.url}/a?b=c", False, clock.now())
    fetcher.fetch(f"{site.url}/a?b=c")
    robots, first, second = site.seen
    assert robots.path == "/robots.txt"
    assert first.headers["user-agent"] == f"Veille/{version('veille')} (+desk@example.org)"
    assert first.headers["host"] == f"127.0.0.1:{site.port}"
    assert first.headers["accept-encoding"] == "gzip"
    assert "cookie" not in second.headers


def test_what_is_known_is_not_sent_again(site: Website, clock: TurnedClock) -> None:
    site.pages["/"] = Page(b"new", etag='"1"', headers={"Last-Modified": "Tue, 24 Nov 2026 10:00:00 GMT"})
    fetcher = patient(clock)
    first = fetcher.fetch(site.url)
    assert first.validators == Validators('"1"', "Tue, 24 Nov 2026 10:00:00 GMT")
    again = fetcher.fetch(site.url, first.validators)
    assert (again.unchanged, again.content) == (True, b"")
    assert site.seen[-1].headers["if-modified-since"] == "Tue, 24 Nov 2026 10:00:00 GMT"
    assert fetcher.fetch(site.url, Validators('"2"')).content == b"new"
    assert fetcher.fetch(site.url, Validators('"2"\r\nX: y')).content == b"new"
    assert "x" not in site.seen[-1].headers


def test_not_modified_without_being_asked_is_an_error(site: Website, clock: TurnedClock) -> None:
    site.pages["/"] = Page(status=304)
    assert error_of(patient(clock), site.url).kind == "http-304"


@pytest.mark.parametrize(
    ("status", "attempts", "temporary"), [(404, 1, False), (410, 1, False), (500, 3, True), (503, 3, True)]
)
def test_statuses(site: Website, clock: TurnedClock, status: int, attempts: int, temporary: bool) -> None:
    site.pages["/x"] = Page(b"sorry", status)
    error = error_of(patient(clock), f"{site.url}/x")
    assert (error.kind, error.temporary, error.where) == (f"http-{status}", temporary, f"{site.url}/x")
    assert site.asked("/x") == attempts


def test_a_server_that_recovers_is_waited_for(site: Website, clock: TurnedClock) -> None:
    answers: Iterator[Page] = iter([Page(status=429, headers={"Retry-After": "7"}), Page(status=502), Page(b"at last")])

    def one_after_another(request: BaseHTTPRequestHandler) -> None:
        next(answers)(request)

    site.pages["/x"] = one_after_another
    assert patient(clock, pause=0.0).fetch(f"{site.url}/x").content == b"at last"
    asked_to_wait, backed_off = clock.slept
    assert asked_to_wait == 7
    assert 2 <= backed_off <= 4


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("3600", 3600), ("999999999999999999999", 86400), ("Wed, 25 Nov 2026 13:00:00 GMT", 3600), ("soon", 0), ("-5", 0)],
)
def test_a_long_wait_is_left_to_the_caller(site: Website, clock: TurnedClock, value: str, seconds: int) -> None:
    site.pages["/x"] = Page(status=429, headers={"Retry-After": value})
    error = error_of(patient(clock, pause=0.0), f"{site.url}/x")
    assert error.retry_after == pytest.approx(seconds, abs=20)
    assert site.asked("/x") == (1 if seconds else 3)


def test_redirects(site: Website, clock: TurnedClock) -> None:
    for number in range(6):
        site.pages[f"/{number}"] = Page(status=301, headers={"Location": f"/{number - 1}"})
    site.pages |= {
        "/0": Page(b"end"),
        "/loop": Page(status=302, headers={"Location": "/loop"}),
        "/file": Page(status=302, headers={"Location": "file:///etc/passwd"}),
        "/nowhere": Page(status=302),
        "/bad": Page(status=302, headers={"Location": "http://[::1"}),
    }
    fetcher = patient(clock)
    found = fetcher.fetch(f"{site.url}/5")
    assert (found.content, found.url) == (b"end", f"{site.url}/0")
    kinds = [error_of(fetcher, site.url + path).kind for path in ("/loop", "/file", "/nowhere", "/bad")]
    assert kinds == ["redirects", "url", "redirects", "url"]
    assert site.asked("/loop") == 6


def test_one_request_a_second_to_a_host(site: Website, clock: TurnedClock) -> None:
    site.pages |= {f"/{number}": Page(b"x") for number in range(3)}
    fetcher = patient(clock, pause=2.5)
    for number in range(3):
        fetcher.fetch(f"{site.url}/{number}")
    # robots.txt and three pages; another host need not wait.
    assert clock.slept == [2.5, 2.5, 2.5]
    with Website("127.0.0.2") as other:
        other.pages["/robots.txt"] = Page(b"User-agent: *\nCrawl-delay: 9\n")
        other.pages["/"] = Page(b"x")
        fetcher.fetch(other.url)
        fetcher.fetch(other.url)
    assert clock.slept[3:] == [2.5, 9]


def test_threads_share_the_pace(site: Website, clock: TurnedClock) -> None:
    site.pages["/x"] = Page(b"x")
    fetcher = patient(clock)
    threads = [threading.Thread(target=fetcher.fetch, args=(f"{site.url}/x",)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.asked("/robots.txt") == 1
    assert clock.monotonic() >= 4
