"""`veille verify`."""

from __future__ import annotations

from search_api.cli.options import CanaryOption, IndexOption, print_lines
from search_api.terminal import plain


def verify(index_dir: IndexOption, canary: CanaryOption = None) -> None:
    """Read every byte of an index, compare checksums and counts, and look for a sample of its passages.

    Example: veille verify --index my-index
    """
    from contextlib import closing

    from indexer.encoders import load_encoder
    from indexer.generation import Generation
    from indexer.verification import verify as check
    from search_api.canaries import Canaries

    canaries = None if canary is None else Canaries.read(canary)
    print_lines(plain(line) for line in check(index_dir))
    if canaries is not None:
        with closing(Generation.open(index_dir)) as generation:
            canaries.ask(generation, load_encoder(generation.manifest.encoder.model))
        print(f"canaries: {len(canaries):,} answered as they must be")
