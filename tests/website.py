"""A web server on this machine for tests, and a clock that they turn."""

from __future__ import annotations

import contextlib
import ssl
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

Respond = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Page:
    """What the server answers for a path; with an `etag` it answers 304 to who knows it."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        unchanged = self.etag and request.headers.get("If-None-Match") == self.etag
        request.send_response(304 if unchanged else self.status)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if self.etag:
            request.send_header("ETag", self.etag)
        request.send_header("Content-Length", "0" if unchanged else str(len(self.body)))
        request.end_headers()
        if not unchanged:
            request.wfile.write(self.body)


@dataclass(frozen=True)
class Seen:
    """A request that came in: path, headers by small name, the address that it came to."""

    path: str
    headers: Mapping[str, str]
    address: str


class Website:
    """Serves `pages` by path on a port of its own; 404 for others. Keeps what was asked for in `seen`."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.pages: dict[str, Respond] = {}
        self.seen: list[Seen] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                site.seen.append(Seen(self.path, headers, self.connection.getsockname()[0]))
                # The client may have had enough.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    site.pages.get(self.path, Page(status=404))(self)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Website:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # Handshakes take place in the threads that serve the requests: a bad one must not end the server.
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def asked(self, path: str) -> int:
        """Return how often a path was asked for."""
        return sum(seen.path == path for seen in self.seen)


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    """Make a certificate for a name (DNS:news.example, IP:127.0.0.1) and its key, PEM both; return their files."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    request = f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=tests -addext subjectAltName={name}"
    subprocess.run([*request.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class TurnedClock:
    """A clock that stands still but for who sleeps. Keeps each sleep in `slept`."""

    def __init__(self, now: datetime = datetime(2026, 11, 25, 12, tzinfo=UTC)) -> None:
        self.slept: list[float] = []
        self._now = now
        self._lock = threading.Lock()
        self._passed = 0.0

    def now(self) -> datetime:
        return self._now + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._passed += seconds
