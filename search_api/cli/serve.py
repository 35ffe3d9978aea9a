"""`veille serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from search_api.cli.options import ADDRESS, INDEX_HELP, ModelOption, print_lines

_Text = str | None
_Number = int | None


def serve(
    index: Annotated[str | None, typer.Option("--index", metavar=ADDRESS, help=INDEX_HELP)] = None,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings, as TOML. Flags and VEILLE_* precede it.")
    ] = None,
    host: Annotated[_Text, typer.Option(help="Address to listen on. Default: 127.0.0.1.")] = None,
    port: Annotated[_Number, typer.Option(help="Port; 0 takes a free one. Default: 8000.")] = None,
    workers: Annotated[_Number, typer.Option(metavar="N", help="Processes. Default: 1.")] = None,
    keys: Annotated[Path | None, typer.Option(metavar="FILE", help="File of API keys (see veille keys).")] = None,
    require_key: Annotated[
        bool, typer.Option("--require-key", help="Ask for a key on a loopback address too.")
    ] = False,
    anybody: Annotated[bool, typer.Option("--open", help="Answer anybody, whatever the host.")] = False,
    rate_limit: Annotated[
        _Text, typer.Option(metavar="N/minute", help="Requests a key or an address may make; none: no limit.")
    ] = None,
    cors_origin: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Let pages of ORIGIN ask (repeat for several).")
    ] = None,
    trusted_proxy: Annotated[
        list[str] | None, typer.Option(metavar="NETWORK", help="Believe X-Forwarded-For of NETWORK (repeat).")
    ] = None,
    public_url: Annotated[
        _Text, typer.Option(metavar="URL", help="Where clients reach it, behind a proxy: for feeds and permalinks.")
    ] = None,
    model: ModelOption = None,
    reranker: Annotated[
        _Text, typer.Option(metavar="NAME_OR_FOLDER", help="A CrossEncoder that orders the first hits.")
    ] = None,
    rerank_top: Annotated[_Number, typer.Option(metavar="N", help="How many articles the reranker reads.")] = None,
    log_format: Annotated[_Text, typer.Option(metavar="json|text", help="How the log is written.")] = None,
    log_level: Annotated[_Text, typer.Option(metavar="LEVEL", help="debug, info, warning or error.")] = None,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Print every setting and where it comes from, and do not serve.")
    ] = False,
) -> None:
    """Answer over HTTP; the contract is at /docs.

    Example: veille serve --index my-index --port 8000
    """
    from search_api.configuration import load

    loaded = load(
        {
            "index": index,
            "host": host,
            "port": port,
            "workers": workers,
            "keys": keys,
            "require_key": require_key or None,
            "open": anybody or None,
            "rate_limit": rate_limit,
            "cors_origins": tuple(cors_origin) if cors_origin else None,
            "trusted_proxies": tuple(trusted_proxy) if trusted_proxy else None,
            "public_url": public_url,
            "model": model,
            "reranker": reranker,
            "rerank_top": rerank_top,
            "log_format": log_format,
            "log_level": log_level,
        },
        config=config,
    )
    if show_settings:
        print_lines(loaded.lines())
        return
    from search_api.service.libraries import one_thread_each

    one_thread_each()
    from search_api.server import serve as run

    run(loaded.settings)
