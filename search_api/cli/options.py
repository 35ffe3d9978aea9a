"""Options that several commands share, and how they print."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from search_api.cli.durations import seconds
from search_api.cli.sizes import size
from search_api.queries import MOST_HITS

INDEX_VARIABLE = "VEILLE_INDEX"

INDEX_HELP = "Folder of the index; or milvus://HOST:PORT/COLLECTION (TLS: milvus+tls://), milvus-lite:FOLDER."
ADDRESS = "DIR|ADDRESS"


def _there(address: str) -> Path:
    from indexer.addresses import folder_of

    return folder_of(address)


# Of an index that is there; one that may be made is named as it was given, and becomes a folder when it is.
IndexOption = Annotated[
    Path, typer.Option("--index", metavar=ADDRESS, envvar=INDEX_VARIABLE, help=INDEX_HELP, parser=_there)
]
BuiltIndexOption = Annotated[str, typer.Option("--index", metavar=ADDRESS, envvar=INDEX_VARIABLE, help=INDEX_HELP)]
ModelOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME_OR_FOLDER",
        help='"bundled", "bundled-plain" (without its adapter), or a sentence-transformers model. '
        "Default: the one the index was built with.",
    ),
]
DeviceOption = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Where a sentence-transformers model computes, as torch calls it: cuda, cuda:1, mps.",
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
BoilerplateOption = Annotated[
    bool,
    typer.Option("--keep-boilerplate", help="Embed also paragraphs that recur over many articles of one source."),
]
MemoryOption = Annotated[
    int | None,
    typer.Option(
        metavar="SIZE",
        parser=size,
        help="How much memory vectors may take while they are searched: 500MB, 2GB, or all that they need. With too "
        "little they are kept in two bytes a dimension, or one (whole ones on disk then, where one finds too little). "
        "Default: as before; at first all.",
    ),
]
CanaryOption = Annotated[
    Path | None,
    typer.Option(
        "--canary", metavar="FILE", help="Questions and the articles that must answer them: lines of TSV or JSON."
    ),
]
OnOption = Annotated[
    str | None,
    typer.Option(
        "--on",
        metavar="CLUSTER",
        help="Read, cut and embed on Ray: ray for this machine alone, ray://HEAD[:PORT] for the cluster that it is "
        'part of. Needs pip install "veille[ray]".',
    ),
]
WaitOption = Annotated[
    float,
    typer.Option(
        metavar="DURATION",
        parser=seconds,
        help="How long to wait for another process that builds in the index: 30s, 10m, 1h. Default: not at all.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def print_lines(lines: Iterable[str]) -> None:
    """Print each."""
    for line in lines:
        print(line)


def model_of(index_dir: Path) -> str | None:
    """Return the model that an index was built with, None where there is no index yet."""
    from indexer.errors import IndexMissing
    from indexer.generation import current_name
    from indexer.manifest import Manifest
    from indexer.naming import FOLDER

    try:
        return Manifest.read(index_dir / FOLDER / current_name(index_dir)).encoder.model
    except IndexMissing:
        return None
