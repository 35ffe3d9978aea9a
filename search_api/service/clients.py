"""Who asks: the address behind the proxies that are trusted, and no others."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import Scope

from search_api.settings import Network

UNKNOWN = "unknown"
# Whoever has one IPv6 address has 2**64 of them.
_ONE_CLIENT = 64


def address_of(scope: Scope, proxies: Sequence[Network]) -> str:
    """Return the address of the client.

    X-Forwarded-For is believed from its end, as far as it was written by trusted proxies: what a client writes into
    it himself stands before that.
    """
    peer = scope.get("client")
    address = str(peer[0]) if peer else UNKNOWN
    if not proxies or not _within(address, proxies):
        return address
    for forwarded in reversed(",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")):
        try:
            address = str(ipaddress.ip_address(forwarded.strip()))
        except ValueError:
            break
        if not _within(address, proxies):
            break
    return address


def counted_as(address: str) -> str:
    """Return what a limit counts an address as: itself, or the network of an IPv6 address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((known, _ONE_CLIENT), strict=False))
    return address


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(known in network for network in networks)
