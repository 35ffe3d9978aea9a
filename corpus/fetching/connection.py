"""Connections that go to an address that was checked, and end in time.

A name is resolved once, every address that it has is checked, and the connection goes to one of these very addresses:
a name that answers differently when asked again (DNS rebinding) gains nothing. TLS and the Host header keep the name.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore2

from corpus.fetching.addresses import Resolve, is_private_by_name, is_public, spelt_address
from corpus.fetching.errors import FetchError


def in_private_network(host: str) -> FetchError:
    """Return the error that says so."""
    return FetchError(
        f"{host} is in a private network", "If it is meant, name the host with --private-host", kind="private-address"
    )


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, seconds: float) -> None:
        """Start now."""
        self._end = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """Return how long may be waited: `timeout` or what is left. Raises httpcore2.ReadTimeout where nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("it took too long")
        return left if timeout is None else min(timeout, left)


class CheckedBackend(httpcore2.NetworkBackend):
    """Opens connections for one request."""

    def __init__(self, resolve: Resolve, deadline: Deadline, may_be_private: Callable[[str], bool]) -> None:
        """Take how names are resolved, and which hosts may lie in a private network."""
        self._resolve = resolve
        self._deadline = deadline
        self._may_be_private = may_be_private
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers. Raises FetchError where one is private, httpcore2's errors."""
        failed: Exception = httpcore2.ConnectError("it has no address")
        for address in self._addresses(host, port):
            try:
                stream = self._plain.connect_tcp(
                    address, port, self._deadline.within(timeout), local_address, socket_options
                )
                return _Stream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Refuse: no address leads to one."""
        raise httpcore2.UnsupportedProtocol("sockets of this machine are not read")

    def _addresses(self, host: str, port: int) -> list[str]:
        if is_private_by_name(host) and not self._may_be_private(host):
            raise in_private_network(host)
        spelt = spelt_address(host)
        try:
            addresses = [spelt] if spelt else list(self._resolve(host, port))
        except socket.gaierror as error:
            temporary = error.errno == socket.EAI_AGAIN
            raise FetchError(f"{host} cannot be resolved", kind="name", temporary=temporary) from error
        except (OSError, UnicodeError) as error:
            raise FetchError(f"{host} cannot be resolved ({error})", kind="name") from error
        private = next((address for address in addresses if not is_public(address)), None)
        if private and not self._may_be_private(host):
            raise in_private_network(host if host == private else f"{host} ({private})")
        return addresses


class _Stream(httpcore2.NetworkStream):
    """A connection on which no read or write outlasts the deadline, however slowly the other side goes on."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
