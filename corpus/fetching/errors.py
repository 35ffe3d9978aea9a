"""Why an address could not be read."""

from __future__ import annotations

from corpus.errors import SourceError


class FetchError(SourceError):
    """An address that was refused, or whose server gave nothing that can be read.

    `kind` is one of: url (no address that is fetched), private-address, robots, name (it cannot be resolved), timeout,
    connection, tls, protocol, redirects, too-large, encoding (compressed in a way that was not asked for), or
    http-NNN, the status that the server answered with. `temporary` says whether it may go away by itself.
    `retry_after` is how many seconds the server asked to be left alone, 0 where it did not.
    """

    def __init__(
        self,
        problem: str,
        remedy: str = "",
        *,
        where: str = "",
        kind: str,
        temporary: bool = False,
        retry_after: float = 0.0,
    ) -> None:
        """See VeilleError."""
        super().__init__(problem, remedy, where=where, kind=kind)
        self.temporary = temporary
        self.retry_after = retry_after
