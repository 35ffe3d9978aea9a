"""The body of an answer, bounded as sent and as unpacked."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from corpus.fetching.errors import FetchError

# zlib's own header or gzip's, whichever it is.
EITHER = zlib.MAX_WBITS + 32
GZIP = b"\x1f\x8b"


class TooLarge(Exception):
    """There is more than was asked for."""


def read_body(chunks: Iterable[bytes], encoding: str, limit: int, *, cut: bool = False) -> bytes:
    """Return the body, unpacked where `encoding` (Content-Encoding) says it is packed.

    Never holds much more than `limit` bytes: more raise FetchError (too-large), or with `cut` are left out.
    """
    named = encoding.strip().lower()
    if named not in {"", "identity", "gzip", "x-gzip"}:
        # Nothing else was accepted; other packings can blow up beyond what can be bounded here.
        raise FetchError(f"its body is packed as {named[:20]!r}, which was not asked for", kind="encoding")
    body = bytearray()
    try:
        pieces = _bounded(chunks, limit)
        for piece in unpacked(pieces, limit) if named.endswith("gzip") else pieces:
            body += piece
    except TooLarge:
        if not cut:
            raise FetchError(f"it has more than {limit:,} bytes", kind="too-large") from None
    except zlib.error as error:
        raise FetchError(f"its body cannot be unpacked ({error})", kind="encoding", temporary=True) from error
    return bytes(body[:limit])


def unpacked(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """Yield what gzip packed, one member after another. Raises TooLarge beyond `limit` bytes, zlib.error."""
    machine = zlib.decompressobj(EITHER)
    size, began = 0, False
    for chunk in chunks:
        rest = chunk
        while rest:
            piece = machine.decompress(rest, limit - size + 1)
            began, size = True, size + len(piece)
            yield piece
            if size > limit:
                raise TooLarge
            rest = machine.unconsumed_tail
            if machine.eof:
                rest = machine.unused_data
                if not rest.startswith(GZIP):
                    break  # what some servers append
                machine = zlib.decompressobj(EITHER)
    if began and not machine.eof:
        raise zlib.error("it ends too early")


def _bounded(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        yield chunk
        if size > limit:
            raise TooLarge
