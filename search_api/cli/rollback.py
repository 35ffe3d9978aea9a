"""`veille rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from search_api.cli.options import IndexOption, WaitOption, print_lines


def rollback(
    index_dir: IndexOption,
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A build of `veille generations`. Default: the one before.")
    ] = None,
    with_removed: Annotated[
        bool, typer.Option("--with-removed", help="Also where it holds articles that were taken out for good.")
    ] = False,
    wait: WaitOption = 0.0,
) -> None:
    """Serve an earlier build again, after reading all of it.

    Example: veille rollback --index my-index
    """
    from indexer.lineage import rollback as go_back
    from search_api.printing.generations import rollback_lines

    print_lines(rollback_lines(go_back(index_dir, name, with_removed=with_removed, wait=wait)))
