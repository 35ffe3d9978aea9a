"""`veille index`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from search_api.cli.addresses import (
    ContactOption,
    FollowOption,
    PauseOption,
    PrivateHostOption,
    PrivateHostsOption,
    ProxyOption,
    fetcher_of,
)
from search_api.cli.options import (
    BoilerplateOption,
    BuiltIndexOption,
    CanaryOption,
    DeviceOption,
    LeanOption,
    MemoryOption,
    ModelOption,
    OnOption,
    WaitOption,
    model_of,
    print_lines,
)
from search_api.interruption import leaving

if TYPE_CHECKING:
    from indexer.encoder import Encoder
    from indexer.workers import Workers


class OnError(StrEnum):
    """What to do about a record that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


def index(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="Files or folders: JSON Lines, JSON, CSV, TSV, Parquet, text, Markdown, HTML, RSS, Atom, JSON Feed, "
            "WARC; each also as .gz or .zst. - for JSON Lines on standard input. Addresses of feeds and pages.",
        ),
    ],
    address: BuiltIndexOption,
    model: ModelOption = None,
    device: DeviceOption = "cpu",
    on_error: Annotated[
        OnError, typer.Option(help="Stop at a bad record and change nothing, or skip and count it.")
    ] = OnError.STOP,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=COLUMN", help="Column (or JSON key) that holds NAME: text=body. Repeatable."),
    ] = None,
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
    keep_boilerplate: BoilerplateOption = False,
    memory: MemoryOption = None,
    follow: FollowOption = False,
    pause: PauseOption = 1.0,
    contact: ContactOption = "",
    proxy: ProxyOption = None,
    private_host: PrivateHostOption = None,
    allow_private_hosts: PrivateHostsOption = False,
    canary: CanaryOption = None,
    keep: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Keep so many builds from now on. Default: as before; at first 3."),
    ] = None,
    wait: WaitOption = 0.0,
    on: OnOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Bring an index up to date with SOURCE; articles it does not hold stay.

    Example: veille index articles.jsonl notes/ table.csv --column text=body --index my-index
    """
    if dry_run and on:
        raise typer.BadParameter("--dry-run embeds nothing, and reads on this machine", param_hint="'--on'")
    with leaving() as departure:
        from corpus.readers import ReadOptions
        from indexer.addresses import folder_for
        from indexer.build import build, preview
        from indexer.encoders import BUNDLED, load_encoder
        from search_api.canaries import Canaries
        from search_api.printing.builds import changes_lines, report_lines, skipped_lines
        from search_api.standing import Standing

        fetcher = fetcher_of(
            pause=pause,
            contact=contact,
            proxy=proxy,
            private_hosts=private_host or (),
            allow_private=allow_private_hosts,
        )
        reading = ReadOptions(columns=_columns(column or ()))
        index_dir = folder_for(address, make=not dry_run)
        if dry_run:
            changes, read = preview(
                sources,
                index_dir,
                on_error=on_error.value,
                quiet=quiet,
                fresh=fresh,
                prune=prune,
                reading=reading,
                fetcher=fetcher,
                follow=follow,
            )
            print_lines([*changes_lines(changes), *skipped_lines(read)])
            return
        standing = Standing(index_dir)
        departure.told, departure.put_away = standing.told, standing.put_away
        canaries = None if canary is None else Canaries.read(canary)
        chosen = model or (None if fresh else model_of(index_dir)) or BUNDLED
        encoder = load_encoder(chosen, device=device, quiet=quiet)
        standing.spec = encoder.spec
        with _workers(on, encoder, chosen, device=device, quiet=quiet) as workers:
            report = build(
                sources,
                index_dir,
                encoder=encoder,
                on_error=on_error.value,
                quiet=quiet,
                fresh=fresh,
                keep_codes=not lean,
                keep_boilerplate=keep_boilerplate,
                memory=memory,
                prune=prune,
                reading=reading,
                fetcher=fetcher,
                follow=follow,
                canaries=canaries,
                keep=keep,
                wait=wait,
                workers=workers,
            )
        print_lines(report_lines(report))


@contextmanager
def _workers(on: str | None, encoder: Encoder, model: str, *, device: str, quiet: bool) -> Iterator[Workers | None]:
    """Have those at hand that --on names. Raises ClusterError."""
    if on is None:
        yield None
        return
    from indexer.cluster.joining import joined

    with joined(on):
        from indexer.cluster.job import RayWorkers

        yield RayWorkers(encoder, model, device=device, quiet=quiet)


def _columns(options: Iterable[str]) -> dict[str, str]:
    """Return the column of each field that was named as NAME=COLUMN."""
    from corpus.readers.record import FIELDS

    columns = {}
    for option in options:
        name, equals, column = option.partition("=")
        if not (equals and column and name in FIELDS):
            known = ", ".join(FIELDS)
            raise typer.BadParameter(f"{option!r} is not NAME=COLUMN with a NAME of {known}", param_hint="'--column'")
        columns[name] = column
    return columns
