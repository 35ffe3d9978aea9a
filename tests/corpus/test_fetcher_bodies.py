"""The fetcher against a real server: answers that do not come, do not end, or are not what they say."""

from __future__ import annotations

import gzip
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler

from tests.corpus.fetchers import LIMIT, error_of, patient
from tests.website import Page, TurnedClock, Website


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
