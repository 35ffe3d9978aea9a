"""How patient, how polite and how trusting a fetcher is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

NAME = "Veille"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOptions:
    """Limits of fetching. Times are in seconds.

    `pause` lies between the starts of two requests to one host; a longer Crawl-delay in its robots.txt counts, up to
    `longest_pause`. A request takes `total_timeout` at most, its body included, and is tried `attempts` times where
    the fault may go away; a server's Retry-After is waited for up to `longest_wait`. `max_bytes` holds for the body
    as sent and as unpacked. Hosts in private networks are refused but those in `private_hosts`, or none with
    `allow_private`. `proxy` is the address of an HTTP proxy (those that the environment names are not used):
    it resolves names by itself, so that private addresses are then refused only where an address spells them out.
    `contact` tells a server's owner, in the User-Agent, whom to ask.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 20.0
    total_timeout: float = 60.0
    attempts: int = 3
    backoff: float = 1.0
    longest_wait: float = 30.0
    pause: float = 1.0
    longest_pause: float = 30.0
    max_bytes: int = 20_000_000
    redirects: int = 5
    allow_private: bool = False
    private_hosts: frozenset[str] = frozenset()
    proxy: str | None = None
    contact: str = ""

    def may_be_private(self, host: str) -> bool:
        """Say whether a host is read although it lies in a private network."""
        return self.allow_private or host.lower().strip("[]").rstrip(".") in self.private_hosts

    @property
    def user_agent(self) -> str:
        """Return what the fetcher calls itself, such as "Veille/0.1.0 (+mailto:desk@example.org)"."""
        contact = "".join(c for c in self.contact if c.isascii() and c.isprintable() and c not in "()").strip()
        return f"{NAME}/{version_of_veille()}" + (f" (+{contact})" if contact else "")


def version_of_veille() -> str:
    """Return the version that is installed."""
    try:
        return version("veille")
    except PackageNotFoundError:  # run from a folder where nothing was installed
        return "0"
