"""`veille serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from search_api import settings
from search_api.cli.options import IndexOption, ModelOption, RerankerOption, RerankTopOption
from search_api.queries import RERANK_TOP


def serve(
    index_dir: IndexOption,
    host: Annotated[str, typer.Option(envvar=settings.HOST_VARIABLE, help="Address to listen on.")] = settings.HOST,
    port: Annotated[
        int,
        typer.Option(envvar=settings.PORT_VARIABLE, min=0, max=settings.HIGHEST_PORT, help="Port; 0 takes a free one."),
    ] = settings.PORT,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    rerank_top: RerankTopOption = RERANK_TOP,
) -> None:
    """Answer over HTTP; the contract is at /docs.

    Example: veille serve --index my-index --port 8000
    """
    from search_api.server import serve as run

    run(settings.Settings(index_dir, host, port), model=model, reranker=reranker, rerank_top=rerank_top)
