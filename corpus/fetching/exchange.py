"""One request and its answer: no retries, no redirects, no cookies, a connection of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property

import httpcore2
import httpx2

from corpus.fetching.addresses import Resolve, is_private_by_name
from corpus.fetching.body import read_body
from corpus.fetching.connection import CheckedBackend, Deadline, in_private_network
from corpus.fetching.errors import FetchError
from corpus.fetching.options import FetchOptions

WITH_BODY = frozenset({200, 203})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said. The body is read for 200 and 203 alone, and is empty otherwise."""

    url: httpx2.URL
    status: int
    headers: httpx2.Headers
    body: bytes


class Exchange:
    """Sends requests to addresses that were checked. May be shared by threads."""

    def __init__(self, options: FetchOptions, resolve: Resolve) -> None:
        """Take the limits, and how names are resolved. Raises FetchError for a proxy that is none."""
        if options.proxy is not None:
            _check_proxy(options.proxy)
        self._options = options
        self._resolve = resolve

    def get(self, url: httpx2.URL, headers: Mapping[str, str], limit: int, *, cut: bool = False) -> Answer:
        """Return the answer with at most `limit` bytes of body (see `read_body`). Raises FetchError."""
        where = str(url)
        request = httpcore2.Request(
            "GET",
            httpcore2.URL(
                scheme=url.raw_scheme,
                host=url.raw_host,
                port=url.port,
                target=url.raw_path,
            ),
            headers=[("Host", url.netloc.decode("ascii")), *headers.items()],
            extensions={
                "timeout": {
                    "connect": self._options.connect_timeout,
                    "read": self._options.read_timeout,
                    "write": self._options.read_timeout,
                    "pool": self._options.connect_timeout,
                }
            },
        )
        with _named_errors(where), closing(self._connection(url)) as connection:
            response = connection.handle_request(request)
            with closing(response):
                found = httpx2.Headers(response.headers)
                body = b""
                if response.status in WITH_BODY:
                    encoding = found.get("content-encoding", "")
                    body = read_body(response.iter_stream(), encoding, limit, cut=cut)
                return Answer(url, response.status, found, body)

    def _connection(self, url: httpx2.URL) -> httpcore2.HTTPConnection | httpcore2.HTTPProxy:
        options = self._options
        deadline = Deadline(options.total_timeout)
        if options.proxy:
            if is_private_by_name(url.host) and not options.may_be_private(url.host):
                raise in_private_network(url.host)
            backend = CheckedBackend(self._resolve, deadline, lambda host: True)
            proxy = httpx2.URL(options.proxy)
            port = proxy.port or (443 if proxy.scheme == "https" else 80)
            return httpcore2.HTTPProxy(
                httpcore2.URL(scheme=proxy.raw_scheme, host=proxy.raw_host, port=port, target=b"/"),
                proxy_auth=(proxy.username, proxy.password) if proxy.userinfo else None,
                ssl_context=self._trust,
                network_backend=backend,
            )
        backend = CheckedBackend(self._resolve, deadline, options.may_be_private)
        port = url.port or (443 if url.scheme == "https" else 80)
        origin = httpcore2.Origin(url.raw_scheme, url.raw_host, port)
        trust = self._trust if url.scheme == "https" else None
        return httpcore2.HTTPConnection(origin, ssl_context=trust, network_backend=backend)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return httpcore2.default_ssl_context()


def _check_proxy(text: str) -> None:
    try:
        proxy = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError):
        proxy = httpx2.URL("")
    if proxy.scheme not in {"http", "https"} or not proxy.host:
        raise FetchError("it is no address of a proxy", "Write it as http://HOST:PORT", where=text, kind="url")


@contextmanager
def _named_errors(where: str) -> Iterator[None]:
    """Turn what can go wrong on the way into FetchError."""
    try:
        yield
    except FetchError as error:
        error.where = error.where or where
        raise
    except httpcore2.TimeoutException as error:
        raise FetchError("it did not answer in time", where=where, kind="timeout", temporary=True) from error
    except (httpcore2.NetworkError, httpcore2.ProxyError) as error:
        if _is_about_trust(error):
            raise FetchError(f"its certificate is not trusted ({error})", where=where, kind="tls") from error
        raise FetchError(f"no connection ({error})", where=where, kind="connection", temporary=True) from error
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        raise FetchError(f"it does not speak HTTP ({error})", where=where, kind="protocol", temporary=True) from error


def _is_about_trust(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False
