"""`veille cache`: what stands in the cache of an index."""

from __future__ import annotations

import typer

from search_api.cli.options import IndexOption, print_lines

cache = typer.Typer(name="cache", help="Look after the cache of embeddings.", no_args_is_help=True)


@cache.callback()
def _group() -> None:
    # With a single command and no callback Typer would leave its name out.
    pass


@cache.command()
def prune(index_dir: IndexOption) -> None:
    """Delete what no generation that is kept was made from.

    Example: veille cache prune --index my-index
    """
    from indexer.cache_pruning import prune_cache
    from search_api.printing.builds import cache_lines

    print_lines(cache_lines(prune_cache(index_dir)))
