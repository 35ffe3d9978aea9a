"""A connection that a hostile client cannot hold, on top of uvicorn's.

uvicorn waits for ever for the headers of a request and for a client to take its answer, reads any number of headers,
and goes on reading a body that nobody wants. Here all of that has an end.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from search_api.errors import BAD_HTTP, FULL, HEAD_TOO_LARGE, HEAD_TOO_SLOW, MEDIA_TYPE, Kind, problem
from search_api.service.exchange import HEADERS

MOST_HEADERS = 100
LARGEST_HEAD = 32 * 1024
# An answer of which a client takes nothing for so long is thrown away with its connection.
_STUCK = 20.0


class LimitedConfig(Config):
    """uvicorn's configuration, with these connections and their limits."""

    def __init__(self, app: Any, *, head_seconds: float, most_connections: int, **others: Any) -> None:
        """Take what uvicorn's takes, how long a client may take for headers, and how many connections there may be."""
        super().__init__(app, http=Connection, **others)
        self.head_seconds = head_seconds
        self.most_connections = most_connections


class Connection(HttpToolsProtocol):
    """HTTP/1.1 with limits."""

    def __init__(
        self,
        config: LimitedConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives."""
        super().__init__(config, server_state, app_state, _loop)
        self.head_seconds = config.head_seconds
        self.most_connections = config.most_connections
        self._head = 0
        self._too_large = False
        self._in_body = False
        self._overdue: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count it, and give the client so long for its first request."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._refuse(FULL, f"there are {self.most_connections:,} already", retry=True)
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all clocks."""
        self._stop_waiting()
        self._unset_keepalive_if_required()
        if self._stuck is not None:
            self._stuck.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless this connection is done with."""
        if self.transport.is_closing():
            return
        if self._in_body and self.cycle.response_complete:
            # The rest of a body that nobody read.
            self.transport.close()
            return
        if not self._in_body:
            self._head += len(data)
            if self._overdue is None and (self.cycle is None or self.cycle.response_complete):
                self._await_head()
        super().data_received(data)
        if self._overdue is not None and self._head > LARGEST_HEAD:
            self._too_large = True
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Begin to collect headers."""
        self._too_large = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep it, if there are not too many."""
        if len(self.headers) < MOST_HEADERS:
            super().on_header(name, value)
        else:
            self._too_large = True

    def on_headers_complete(self) -> None:
        """Stop the clock: from here on the time is the request's own. Raises where there are too many."""
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if self._too_large or size > LARGEST_HEAD:
            self._too_large = True
            raise ValueError("the head is too large")  # the parser turns it into what ends in send_400_response
        self._head = 0
        self._in_body = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Know that what comes next is another request."""
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Watch whether the client takes its answer."""
        super().on_response_complete()
        self._watch(self.transport.get_write_buffer_size())

    def pause_writing(self) -> None:
        """Watch whether the client takes any of its answer."""
        super().pause_writing()
        self._watch(self.transport.get_write_buffer_size())

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, or too much of it."""
        if self._too_large:
            self._refuse(HEAD_TOO_LARGE, f"at most {MOST_HEADERS} headers and {LARGEST_HEAD:,} bytes are read")
        else:
            self._refuse(BAD_HTTP, "the request cannot be read")

    def shutdown(self) -> None:
        """Finish what runs, at the end of the server. A request that has not come yet does not count."""
        self._stop_waiting()
        super().shutdown()

    def _await_head(self) -> None:
        self._overdue = self.loop.call_later(self.head_seconds, self._head_is_overdue)

    def _stop_waiting(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _head_is_overdue(self) -> None:
        self._overdue = None
        if self._head:
            self._refuse(HEAD_TOO_SLOW, f"the headers took more than {self.head_seconds:g} s")
        else:
            self.transport.close()

    def _watch(self, left: int) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None
        if left:
            self._stuck = self.loop.call_later(_STUCK, self._is_stuck, left)

    def _is_stuck(self, before: int) -> None:
        self._stuck = None
        left = self.transport.get_write_buffer_size()
        if left >= before:
            self.transport.abort()
        else:
            self._watch(left)

    def _refuse(self, kind: Kind, detail: str, *, retry: bool = False) -> None:
        """Answer without asking the application, and close the connection."""
        self._stop_waiting()
        body = json.dumps(problem(kind, detail).to_json()).encode()
        fields = {
            **HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
            **({"Retry-After": "1"} if retry else {}),
        }
        # Where an answer is under way already there is no place for another.
        if self.cycle is None or self.cycle.response_complete:
            lines = [f"{name}: {value}\r\n".encode("ascii") for name, value in fields.items()]
            self.transport.write(b"".join([STATUS_LINE[kind.status], *lines, b"\r\n", body]))
        self.transport.close()
        self._watch(self.transport.get_write_buffer_size())
