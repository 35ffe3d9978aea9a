"""Options that several commands share, and how they print."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from search_api.queries import MOST_HITS

INDEX_VARIABLE = "VEILLE_INDEX"

IndexOption = Annotated[
    Path, typer.Option("--index", metavar="DIR", envvar=INDEX_VARIABLE, help="Folder of the index.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME_OR_FOLDER",
        help='"bundled" or a sentence-transformers model. Default: the one the index was built with.',
    ),
]
RerankerOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME_OR_FOLDER",
        help="A sentence-transformers CrossEncoder that puts the first hits into its order. Default: none.",
    ),
]
RerankTopOption = Annotated[
    int, typer.Option(metavar="N", min=1, max=MOST_HITS, help="How many articles the reranker reads.")
]
LeanOption = Annotated[
    bool, typer.Option("--lean", help="Keep no codes of tokens: a third of the size, but worse answers.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_lines(lines: Iterable[str]) -> None:
    """Print each."""
    for line in lines:
        print(line)
