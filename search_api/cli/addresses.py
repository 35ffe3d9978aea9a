"""Options of the commands that read addresses of the web."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpus.fetching import Fetcher

FollowOption = Annotated[
    bool, typer.Option("--follow", help="Read the pages that entries of feeds link to, and take their whole text.")
]
PauseOption = Annotated[
    float,
    typer.Option(metavar="SECONDS", min=0.0, help="At least so long between two requests to one host."),
]
ContactOption = Annotated[
    str, typer.Option(metavar="TEXT", help="Whom the owner of a server may ask: an address, sent with each request.")
]
ProxyOption = Annotated[
    str | None, typer.Option(metavar="URL", help="Go through this HTTP proxy. Those of the environment are not used.")
]
PrivateHostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--private-host", metavar="HOST", help="Read this host although it is in a private network. Repeatable."
    ),
]
PrivateHostsOption = Annotated[
    bool, typer.Option("--allow-private-hosts", help="Read any host in a private network: only with feeds you trust.")
]


def fetcher_of(
    *, pause: float, contact: str, proxy: str | None, private_hosts: Sequence[str], allow_private: bool
) -> Fetcher:
    """Return a fetcher that does as the options say. Raises FetchError for a proxy that is no address."""
    from corpus.fetching import Fetcher, FetchOptions

    return Fetcher(
        FetchOptions(
            pause=pause,
            contact=contact,
            proxy=proxy,
            private_hosts=frozenset(host.lower().strip("[]").rstrip(".") for host in private_hosts),
            allow_private=allow_private,
        )
    )
