"""`veille remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from search_api.cli.options import IndexOption, ModelOption, model_of, print_lines


def remove(
    articles: Annotated[
        list[str], typer.Argument(metavar="URL_OR_ID...", help="Ids of articles, or addresses of their pages.")
    ],
    index_dir: IndexOption,
    purge: Annotated[
        bool, typer.Option("--purge", help="Also delete the older generations that still hold them.")
    ] = False,
    allow_again: Annotated[
        bool, typer.Option("--allow-again", help="Let a later `veille index` bring them back.")
    ] = False,
    model: ModelOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Take articles out for good, and look whether anything of them is left.

    Example: veille remove https://example.org/a-story --index my-index --purge
    """
    from indexer.encoders import BUNDLED, load_encoder
    from indexer.removal import remove as take_out
    from search_api.printing.builds import removal_lines

    report = take_out(
        articles,
        index_dir,
        encoder=load_encoder(model or model_of(index_dir) or BUNDLED, quiet=quiet),
        purge=purge,
        allow_again=allow_again,
        quiet=quiet,
    )
    print_lines(removal_lines(report))
    if not report.clean:
        raise typer.Exit(1)
