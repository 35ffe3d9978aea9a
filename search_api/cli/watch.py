"""`veille watch`."""

from __future__ import annotations

import re
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
    DeviceOption,
    LeanOption,
    ModelOption,
    model_of,
)
from search_api.interruption import leaving
from search_api.terminal import plain

if TYPE_CHECKING:
    from indexer.watch import Round

SECONDS = {"s": 1, "m": 60, "h": 3600}
LONGEST = 7 * 24 * 3600


def interval(text: str) -> float:
    """Return the seconds that "30s", "15m" or "1h" means. Raises typer.BadParameter."""
    found = re.fullmatch(r"(\d{1,6})([smh])", text.strip().lower(), re.ASCII)
    seconds = int(found[1]) * SECONDS[found[2]] if found else 0
    if not 1 <= seconds <= LONGEST:
        raise typer.BadParameter(f"{text!r} is no time from 1s to 168h; write it as 30s, 15m or 1h")
    return float(seconds)


def watch(
    sources: Annotated[
        list[str], typer.Argument(metavar="SOURCE...", help="Lists of feeds (.opml), addresses, files or folders.")
    ],
    address: BuiltIndexOption,
    every: Annotated[
        float,
        typer.Option(parser=interval, metavar="TIME", help="From the start of one round to the next: 30s, 15m, 1h."),
    ] = "15m",  # type: ignore[assignment]  # the parser reads it
    once: Annotated[bool, typer.Option("--once", help="Do one round and end: for cron.")] = False,
    follow: FollowOption = False,
    model: ModelOption = None,
    device: DeviceOption = "cpu",
    lean: LeanOption = False,
    keep_boilerplate: BoilerplateOption = False,
    pause: PauseOption = 1.0,
    contact: ContactOption = "",
    proxy: ProxyOption = None,
    private_host: PrivateHostOption = None,
    allow_private_hosts: PrivateHostsOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Keep an index current with feeds: one line a round on stdout.

    Example: veille watch feeds.opml --every 15m --follow --index my-index
    """
    from indexer.addresses import folder_for
    from indexer.encoders import BUNDLED, load_encoder
    from indexer.watch import Watch

    with leaving() as departure:
        departure.told = lambda: "the index is as the last round left it"
        index_dir = folder_for(address)
        watching = Watch(
            sources,
            index_dir,
            encoder=load_encoder(model or model_of(index_dir) or BUNDLED, device=device, quiet=quiet),
            every=every,
            fetcher=fetcher_of(
                pause=pause,
                contact=contact,
                proxy=proxy,
                private_hosts=private_host or (),
                allow_private=allow_private_hosts,
            ),
            follow=follow,
            keep_codes=not lean,
            keep_boilerplate=keep_boilerplate,
            quiet=quiet,
        )
        if once:
            _show(watching.round())
        else:
            watching.run(_show)


def _show(done: Round) -> None:
    print(round_line(done), flush=True)


def round_line(done: Round) -> str:
    """Return a round on one line."""
    feeds = f"{done.read:,} read, {done.unchanged:,} unchanged, {len(done.failures):,} failed, {done.resting:,} resting"
    parts = [f"feeds: {feeds}", f"articles: {done.new:,} new, {done.changed:,} changed"]
    if done.missed:
        parts.append(f"pages missed: {done.missed:,}")
    parts.append(f"{done.seconds:.1f} s, build {done.build or 'none yet'}{'' if done.published else ' (unchanged)'}")
    if done.failures:
        parts.append("failed: " + ", ".join(f"{name} ({why})" for name, why in done.failures.items()))
    if done.trouble:
        parts.append(f"not indexed: {done.trouble}")
    return plain(f"{done.began:%Y-%m-%dT%H:%M:%SZ} {'; '.join(parts)}")
