"""`veille index`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from search_api.cli.options import IndexOption, LeanOption, ModelOption, print_lines


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
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove articles that SOURCE held before and nothing holds any more.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read SOURCE and say what would change; embed and write nothing.")
    ] = False,
    lean: LeanOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Bring an index up to date with SOURCE; articles it does not hold stay.

    Example: veille index articles.jsonl notes/ --index my-index
    """
    from indexer.build import build, preview
    from indexer.encoders import BUNDLED, load_encoder
    from search_api.printing import changes_lines, report_lines, skipped_lines

    if dry_run:
        changes, read = preview(sources, index_dir, on_error=on_error.value, quiet=quiet, fresh=fresh, prune=prune)
        print_lines([*changes_lines(changes), *skipped_lines(read)])
        return
    chosen = model or (None if fresh else model_of(index_dir)) or BUNDLED
    report = build(
        sources,
        index_dir,
        encoder=load_encoder(chosen, quiet=quiet),
        on_error=on_error.value,
        quiet=quiet,
        fresh=fresh,
        keep_codes=not lean,
        prune=prune,
    )
    print_lines(report_lines(report))


def model_of(index_dir: Path) -> str | None:
    """Return the model that an index was built with, None where there is no index yet."""
    from indexer.errors import IndexMissing
    from indexer.generation import FOLDER, current_name
    from indexer.manifest import Manifest

    try:
        return Manifest.read(index_dir / FOLDER / current_name(index_dir)).encoder.model
    except IndexMissing:
        return None
