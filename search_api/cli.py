"""The command `veille`. What a command needs is imported inside it: `veille --help` answers at once."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import VeilleError
from search_api import settings
from search_api.queries import MOST_HITS, MOST_HITS_SERVED, RERANK_TOP
from search_api.terminal import json_text, make_printable, plain, takes_bold

USER_ERROR = 2
_WIDEST = 100

app = typer.Typer(
    name="veille",
    help="Semantic search over multilingual tech news.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class OnError(StrEnum):
    """What to do about a record that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


IndexOption = Annotated[
    Path, typer.Option("--index", metavar="DIR", envvar=settings.INDEX_VARIABLE, help="Folder of the index.")
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


@app.command()
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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Bring an index up to date with SOURCE; articles it does not hold stay.

    Example: veille index articles.jsonl notes/ --index my-index
    """
    from indexer.build import build
    from indexer.encoders import BUNDLED, load_encoder
    from search_api.printing import report_lines

    chosen = model or (None if fresh else _model_of(index_dir)) or BUNDLED
    report = build(
        sources,
        index_dir,
        encoder=load_encoder(chosen, quiet=quiet),
        on_error="skip" if on_error is OnError.SKIP else "stop",
        quiet=quiet,
        fresh=fresh,
        keep_codes=not lean,
    )
    _print(report_lines(report))


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A question, in any language.")],
    index_dir: IndexOption,
    k: Annotated[int, typer.Option("-k", min=1, max=MOST_HITS_SERVED, help="How many articles.")] = 10,
    lang: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only this language (repeat for several).")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this source (repeat for several).")
    ] = None,
    prefer: Annotated[
        str, typer.Option(metavar="any|query|CODE,...", help="Tilt the order toward these languages.")
    ] = "any",
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or earlier.")] = None,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    rerank_top: RerankTopOption = RERANK_TOP,
    as_json: JsonOption = False,
) -> None:
    """Answer a question: one hit an article, its best passages inside.

    Example: veille search "qui menace Microsoft" --index my-index -k 3 --lang fr
    """
    from search_api.engine import SearchEngine
    from search_api.filters import make_filter, make_preference
    from search_api.printing import results_lines
    from search_api.queries import clean_query

    # What is wrong with the question is said before the model is loaded for it.
    clean_query(query)
    make_filter(lang or (), source or (), since, until)
    make_preference(prefer)
    with SearchEngine.open(index_dir, model=model, reranker=reranker, rerank_top=rerank_top) as engine:
        results = engine.search(query, k, lang=lang or (), source=source or (), since=since, until=until, prefer=prefer)
    if as_json:
        print(json_text(results.to_json()))
        return
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    _print(results_lines(results, width, bold=takes_bold()))
    for note in results.notes:
        print(f"veille: {plain(note)}", file=sys.stderr)


@app.command()
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


@app.command()
def evaluate(
    benchmark: Annotated[
        Path, typer.Argument(metavar="BENCHMARK", help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv.")
    ],
    index_dir: Annotated[
        Path | None, typer.Option("--index", metavar="DIR", help="Where to index it. Default: a cache folder.")
    ] = None,
    model: Annotated[
        str, typer.Option(metavar="NAME_OR_FOLDER", help='"bundled" or a sentence-transformers model.')
    ] = "bundled",
    lang: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only documents and queries in this language (repeat for several)."),
    ] = None,
    every: Annotated[int, typer.Option(metavar="N", min=1, help="Ask only every Nth query.")] = 1,
    lean: LeanOption = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Cosines of the encoder's vectors alone, for comparison.")
    ] = False,
    reranker: RerankerOption = None,
    rerank_top: RerankTopOption = RERANK_TOP,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write everything as JSON.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a heat map of languages as PNG.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
) -> None:
    """Measure how well a benchmark is answered, overall and language by language.

    Example: veille evaluate xquad --lang de --lang zh --plot xquad.png
    """
    from search_api.evaluation.command import run
    from search_api.evaluation.tables import evaluation_lines, save_heat_map

    for file in (json_file, plot):
        if file is not None and not file.parent.is_dir():
            raise typer.BadParameter(f"the folder {file.parent} does not exist")
    found = run(
        benchmark,
        index_dir=index_dir,
        model=model,
        langs=lang or (),
        every=every,
        lean=lean,
        plain=plain,
        reranker=reranker,
        rerank_top=rerank_top,
        quiet=quiet,
    )
    _print(evaluation_lines(found))
    if json_file is not None:
        json_file.write_text(json.dumps(found.to_json(), indent=1) + "\n", encoding="utf-8")
    if plot is not None:
        save_heat_map(found, plot)


@app.command()
def info(index_dir: IndexOption, as_json: JsonOption = False) -> None:
    """Say what an index holds, and what it was built with.

    Example: veille info --index my-index
    """
    from contextlib import closing

    from indexer.generation import Generation
    from search_api.info import IndexInfo
    from search_api.printing import info_lines

    with closing(Generation.open(index_dir)) as generation:
        found = IndexInfo.of(generation)
    if as_json:
        print(json_text(found.to_json()))
    else:
        _print(info_lines(found))


@app.command()
def verify(index_dir: IndexOption) -> None:
    """Read every byte of an index and compare checksums and counts.

    Example: veille verify --index my-index
    """
    from indexer.generation import verify as check

    _print(plain(line) for line in check(index_dir))


def main() -> None:
    """Run `veille`: 0 for success, 2 for what the user can mend, 130 where interrupted."""
    make_printable()
    try:
        try:
            app(prog_name="veille")
        finally:
            # Where the reader of a pipe is gone this raises here, not while Python shuts down.
            sys.stdout.flush()
    except VeilleError as error:
        print(f"veille: {plain(str(error))}", file=sys.stderr)
        sys.exit(USER_ERROR)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _model_of(index_dir: Path) -> str | None:
    """Return the model that an index was built with, None where there is no index yet."""
    from indexer.errors import IndexMissing
    from indexer.generation import FOLDER, current_name
    from indexer.manifest import Manifest

    try:
        return Manifest.read(index_dir / FOLDER / current_name(index_dir)).encoder.model
    except IndexMissing:
        return None


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
