"""`veille verify`."""

from __future__ import annotations

from search_api.cli.options import IndexOption, print_lines
from search_api.terminal import plain


def verify(index_dir: IndexOption) -> None:
    """Read every byte of an index and compare checksums and counts.

    Example: veille verify --index my-index
    """
    from indexer.verification import verify as check

    print_lines(plain(line) for line in check(index_dir))
