"""`veille index`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from search_api.cli.options import CanaryOption, IndexOption, LeanOption, ModelOption, WaitOption, print_lines
from search_api.interruption import leaving


class OnError(StrEnum):
    """What to do about a record that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


def index(
    sources: Annotated[
        list[Path], typer.Argument(metavar="SOURCE...", help="Files or folders: JSON Lines, text, Markdown.")
    ],
    index_dir: IndexOption,
    model: ModelOption = None,
    on_error: Annotated[
        OnError, typer.Option(help="Stop at a bad record and change nothing, or skip and count it.")
    ] = OnError.STOP,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the articles already there (embeddings are still reused).")
    ] = False,
    lean: LeanOption = False,
    canary: CanaryOption = None,
    keep: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Keep so many builds from now on. Default: as before; at first 3."),
    ] = None,
    wait: WaitOption = 0.0,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Bring an index up to date with SOURCE; articles it does not hold stay.

    Example: veille index articles.jsonl notes/ --index my-index
    """
    with leaving() as departure:
        from indexer.build import build
        from indexer.encoders import BUNDLED, load_encoder
        from search_api.canaries import Canaries
        from search_api.printing import report_lines
        from search_api.standing import Standing

        standing = Standing(index_dir)
        departure.told, departure.put_away = standing.told, standing.put_away
        canaries = None if canary is None else Canaries.read(canary)
        chosen = model or (None if fresh else _model_of(index_dir)) or BUNDLED
        encoder = load_encoder(chosen, quiet=quiet)
        standing.spec = encoder.spec
        report = build(
            sources,
            index_dir,
            encoder=encoder,
            on_error="skip" if on_error is OnError.SKIP else "stop",
            quiet=quiet,
            fresh=fresh,
            keep_codes=not lean,
            canaries=canaries,
            keep=keep,
            wait=wait,
        )
        print_lines(report_lines(report))


def _model_of(index_dir: Path) -> str | None:
    """Return the model that an index was built with, None where there is no index yet."""
    from indexer.errors import IndexMissing
    from indexer.generation import FOLDER, current_name
    from indexer.manifest import Manifest

    try:
        return Manifest.read(index_dir / FOLDER / current_name(index_dir)).encoder.model
    except IndexMissing:
        return None
