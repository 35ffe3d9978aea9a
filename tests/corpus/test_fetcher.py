"""The fetcher against a real server: what it asks, what it takes, what it refuses."""

from __future__ import annotations

import gzip
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from importlib.metadata import version
from pathlib import Path

import pytest

from corpus.fetching import Fetcher, FetchError, FetchOptions, Validators
from tests.website import Page, TurnedClock, Website

LIMIT = 100_000


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        yield opened


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


def patient(clock: TurnedClock, **changed: object) -> Fetcher:
    options = {"allow_private": True, "max_bytes": LIMIT, "read_timeout": 5.0} | changed
    return Fetcher(FetchOptions(**options), clock=clock)  # type: ignore[arg-type]  # options by name


def error_of(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value


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


def test_a_server_that_never_answers(site: Website, clock: TurnedClock) -> None:
    over = threading.Event()
    site.pages["/x"] = lambda request: over.wait(10) and None
    error = error_of(patient(clock, read_timeout=0.1, attempts=2), f"{site.url}/x")
    over.set()
    assert (error.kind, error.temporary, site.asked("/x")) == ("timeout", True, 2)


def test_a_server_that_goes_on_and_on(site: Website, clock: TurnedClock) -> None:
    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for _ in range(200):
            request.wfile.write(b"a")
            time.sleep(0.05)

    def trickle_headers(request: BaseHTTPRequestHandler) -> None:
        for _ in range(200):
            request.wfile.write(b"H")
            time.sleep(0.05)

    site.pages |= {"/body": trickle, "/headers": trickle_headers}
    fetcher = patient(clock, total_timeout=0.4, attempts=1)
    for path in ("/body", "/headers"):
        assert error_of(fetcher, site.url + path).kind == "timeout"


def test_a_body_without_end(site: Website, clock: TurnedClock) -> None:
    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"a" * 65536)

    site.pages["/x"] = endless
    assert error_of(patient(clock), f"{site.url}/x").kind == "too-large"


def packed(body: bytes, **headers: str) -> Page:
    return Page(body, headers={"Content-Encoding": "gzip"} | headers)


def test_packed_bodies(site: Website, clock: TurnedClock) -> None:
    text = b"one of two " * 1000
    site.pages |= {
        "/good": packed(gzip.compress(text)),
        "/parts": packed(gzip.compress(text) + gzip.compress(b"second") + b"\0\0"),
        "/empty": packed(b""),
        "/exact": packed(gzip.compress(b"a" * LIMIT)),
        "/bomb": packed(gzip.compress(b"\0" * 50_000_000)),
        "/many": packed(gzip.compress(b"a" * 1000) * 200),
        "/over": packed(gzip.compress(b"a" * (LIMIT + 1))),
        "/false": packed(b"this is not packed"),
        "/short": packed(gzip.compress(text)[:-20]),
        "/other": packed(text, **{"Content-Encoding": "br"}),
    }
    fetcher = patient(clock, attempts=1)
    assert fetcher.fetch(f"{site.url}/good").content == text
    assert fetcher.fetch(f"{site.url}/parts").content == text + b"second"
    assert fetcher.fetch(f"{site.url}/empty").content == b""
    assert len(fetcher.fetch(f"{site.url}/exact").content) == LIMIT
    kinds = {
        path: error_of(fetcher, site.url + path).kind
        for path in ("/bomb", "/many", "/over", "/false", "/short", "/other")
    }
    assert kinds == {
        "/bomb": "too-large",
        "/many": "too-large",
        "/over": "too-large",
        "/false": "encoding",
        "/short": "encoding",
        "/other": "encoding",
    }
    # A deflate stream is not what was asked for, whatever it is called.
    site.pages["/deflate"] = packed(zlib.compress(text), **{"Content-Encoding": "deflate"})
    assert error_of(fetcher, f"{site.url}/deflate").kind == "encoding"


def test_a_body_that_breaks_off_is_asked_for_again(site: Website, clock: TurnedClock) -> None:
    def broken(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "1000")
        request.end_headers()
        request.wfile.write(b"half")

    site.pages["/x"] = broken
    error = error_of(patient(clock), f"{site.url}/x")
    assert (error.kind, error.temporary, site.asked("/x")) == ("protocol", True, 3)


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


class Names:
    """A resolver with a table; counts what it is asked."""

    def __init__(self, **addresses: str) -> None:
        self.table = {name.replace("_", "."): found.split() for name, found in addresses.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.table[host]


@pytest.mark.parametrize(
    "place", ["http://127.0.0.1", "http://inside.example", "http://2130706433", "http://[::ffff:7f00:1]"]
)
def test_a_redirect_into_a_private_network_is_refused(site: Website, clock: TurnedClock, place: str) -> None:
    site.pages["/feed"] = Page(status=302, headers={"Location": f"{place}:{site.port}/secret"})
    site.pages["/secret"] = Page(b"secret")
    names = Names(news_example="127.0.0.1", inside_example="127.0.0.1")
    options = FetchOptions(private_hosts=frozenset({"news.example"}))
    error = error_of(Fetcher(options, resolve=names, clock=clock), f"http://news.example:{site.port}/feed")
    assert error.kind == "private-address"
    assert site.asked("/feed") == 1
    assert site.asked("/secret") == 0


@pytest.mark.parametrize("addresses", ["127.0.0.1", "8.8.8.8 10.0.0.1", "2606:4700::1111 ::1", "169.254.169.254"])
def test_a_name_with_any_private_address_is_refused_before_connecting(clock: TurnedClock, addresses: str) -> None:
    names = Names(news_example=addresses)
    error = error_of(Fetcher(FetchOptions(), resolve=names, clock=clock), "https://news.example/feed")
    assert error.kind == "private-address"
    assert "news.example" in error.problem
    assert names.asked == ["news.example"]


def test_the_connection_goes_to_the_very_address_that_was_checked(clock: TurnedClock) -> None:
    with Website("127.0.0.2") as site:
        site.pages["/"] = Page(b"here")

        def turns(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.2"] if len(asked) % 2 else ["127.0.0.1"]

        asked: list[str] = []
        fetcher = Fetcher(FetchOptions(allow_private=True, attempts=1), resolve=turns, clock=clock)
        error = error_of(fetcher, f"http://news.example:{site.port}/")
        # The request for robots.txt went to the first answer, that for the page to the second, where nobody listens.
        assert error.kind == "connection"
        assert asked == ["news.example"] * 2
        (robots,) = site.seen
        assert (robots.path, robots.address) == ("/robots.txt", "127.0.0.2")
        assert robots.headers["host"] == f"news.example:{site.port}"


def test_the_next_address_is_tried_where_one_does_not_answer(clock: TurnedClock) -> None:
    with Website("127.0.0.2") as site:
        site.pages["/"] = Page(b"here")
        names = Names(news_example="127.0.0.3 127.0.0.2")
        fetcher = Fetcher(FetchOptions(allow_private=True), resolve=names, clock=clock)
        assert fetcher.fetch(f"http://news.example:{site.port}/").content == b"here"


def test_this_machine_is_refused_by_all_its_names(site: Website, clock: TurnedClock) -> None:
    site.pages["/"] = Page(b"secret")
    fetcher = Fetcher(FetchOptions(), clock=clock)
    for host in (
        "127.0.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "0",
        "0.0.0.0",  # noqa: S104  # refused here
        "127.1",
        "0x7f000001",
        "2130706433",
        "[::ffff:127.0.0.1]",
    ):
        assert error_of(fetcher, f"http://{host}:{site.port}/").kind == "private-address"
    assert site.seen == []


def test_a_certificate_is_checked_for_the_name_not_the_address(
    site: Website, clock: TurnedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=news.example"
    options = ["-addext", "subjectAltName=DNS:news.example", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request.split(), *options], check=True, capture_output=True)
    site.encrypt(certificate, key)
    site.pages["/"] = Page(b"encrypted")
    names = Names(news_example="127.0.0.1", other_example="127.0.0.1")

    def fetcher() -> Fetcher:
        return Fetcher(FetchOptions(allow_private=True, attempts=3), resolve=names, clock=clock)

    untrusted = error_of(fetcher(), f"https://news.example:{site.port}/")
    assert (untrusted.kind, untrusted.temporary, names.asked) == ("tls", False, ["news.example"])
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert fetcher().fetch(f"https://news.example:{site.port}/").content == b"encrypted"
    assert error_of(fetcher(), f"https://other.example:{site.port}/").kind == "tls"
    assert error_of(fetcher(), f"https://127.0.0.1:{site.port}/").kind == "tls"
    assert error_of(fetcher(), f"http://news.example:{site.port}/").kind in {"protocol", "connection"}


def test_a_name_that_does_not_exist(clock: TurnedClock) -> None:
    assert error_of(patient(clock), "http://nothing.invalid/").kind == "name"


def test_a_port_that_nobody_listens_on(clock: TurnedClock) -> None:
    with Website() as gone:
        pass
    assert error_of(patient(clock, attempts=1), gone.url).kind == "connection"


def test_a_proxy_that_is_asked_for(site: Website, clock: TurnedClock) -> None:
    site.pages["http://news.example/feed"] = Page(b"through the proxy")
    fetcher = Fetcher(FetchOptions(proxy=site.url), clock=clock)
    assert fetcher.fetch("http://news.example/feed").content == b"through the proxy"
    for host in ("127.0.0.1", "localhost", "169.254.169.254", "0x7f.1"):
        assert error_of(fetcher, f"http://{host}/").kind == "private-address"


def test_proxies_of_the_environment_are_not_used(
    site: Website, clock: TurnedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    site.pages["/"] = Page(b"direct")
    assert patient(clock).fetch(site.url).content == b"direct"


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
