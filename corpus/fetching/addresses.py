"""Which addresses may be asked at all: a feed must not make us read the services of our own network."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence

import httpx2

from corpus.fetching.errors import FetchError

# Name and port to addresses. Raises OSError where there are none.
Resolve = Callable[[str, int], Sequence[str]]

# Other services than HTTP above 1023, which no page is served from: https://fetch.spec.whatwg.org/#port-blocking
OTHER_SERVICES = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)
FREE_PORTS = range(1024, 65536)
HOST = re.compile(r"[a-z0-9_.-]+|[0-9a-f:.]+")
LONGEST_URL = 4096
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def checked_url(url: str) -> httpx2.URL:
    """Return the parsed address without its fragment. Raises FetchError where it is none that may be fetched."""
    try:
        parsed = httpx2.URL(url.strip()[: LONGEST_URL + 1]).copy_with(fragment=None)
        host = parsed.raw_host.decode("ascii")
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise _refused(f"it is no address ({error})", url) from error
    if len(url.strip()) > LONGEST_URL:
        raise _refused(f"it is longer than {LONGEST_URL} characters", url)
    if parsed.scheme not in {"http", "https"}:
        raise _refused("only http and https are fetched", url)
    if not host:
        raise _refused("it names no host", url)
    if parsed.userinfo:
        raise _refused("it holds a name or password", url)
    if not HOST.fullmatch(host):
        raise _refused("its host is no name of a host", url)
    port = parsed.port
    if port not in {None, 80, 443} and (port not in FREE_PORTS or port in OTHER_SERVICES):
        raise _refused(f"port {port} is not one that pages are served from", url)
    return parsed


def is_public(address: str) -> bool:
    """Say whether an IP address belongs to the public internet; what it embeds counts (IPv4-mapped, NAT64, 6to4)."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif ip in NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip in SIX_TO_FOUR and ip.sixtofour is not None:
            ip = ip.sixtofour
        elif ip not in GLOBAL_UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def spelt_address(host: str) -> str | None:
    """Return the IP address that a host's name spells, in any of the ways that systems take; None for a real name."""
    bare = host.strip("[]").rstrip(".")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    try:
        # 2130706433, 0x7f.1, 0177.0.0.1: what inet_aton takes, resolvers take.
        return socket.inet_ntoa(socket.inet_aton(bare))
    except (OSError, UnicodeError):
        return None


def is_private_by_name(host: str) -> bool:
    """Say whether a host's name alone, without asking anybody, tells that it is not in the public internet."""
    name = host.lower().rstrip(".")
    address = spelt_address(host)
    return name == "localhost" or name.endswith(".localhost") or (address is not None and not is_public(address))


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a name, each once, in its order. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _refused(problem: str, url: str) -> FetchError:
    return FetchError(problem, where=url.strip()[:200], kind="url")
