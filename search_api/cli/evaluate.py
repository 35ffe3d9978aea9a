"""`veille evaluate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from search_api.cli.options import ADDRESS, LeanOption, RerankerOption, RerankTopOption, print_lines
from search_api.queries import RERANK_TOP


def evaluate(
    benchmark: Annotated[
        Path | None,
        typer.Argument(metavar="BENCHMARK", help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv."),
    ] = None,
    roles: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Instead of a benchmark: pairs that tell who did what to whom."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--index", metavar=ADDRESS, help="Where to index it, as of veille index. Default: a cache folder."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            metavar="NAME_OR_FOLDER",
            help='"bundled", "bundled-plain" (without its adapter), or a sentence-transformers model.',
        ),
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

    Or, with --roles, whether the model tells who did what to whom: JSON Lines with question, sentence and twin.

    Example: veille evaluate xquad --lang de --lang zh --plot xquad.png
    """
    if (benchmark is None) == (roles is None):
        raise typer.BadParameter("give a BENCHMARK or --roles FILE, one of the two")
    for file in (json_file, plot):
        if file is not None and not file.parent.is_dir():
            raise typer.BadParameter(f"the folder {file.parent} does not exist")
    if benchmark is None:
        assert roles is not None  # noqa: S101  # as one of the two is given
        needless = {
            "--index": address,
            "--lang": lang,
            "--every": every > 1,
            "--lean": lean,
            "--plain": plain,
            "--reranker": reranker,
            "--plot": plot,
        }
        if any(needless.values()):
            given = ", ".join(name for name, value in needless.items() if value)
            raise typer.BadParameter(f"{given}: of a benchmark; --roles knows --model, --json and --quiet")
        _roles(roles, model, json_file, quiet=quiet)
        return
    from indexer.addresses import folder_for
    from search_api.evaluation.command import run
    from search_api.evaluation.tables import evaluation_lines, save_heat_map

    found = run(
        benchmark,
        index_dir=None if address is None else folder_for(address),
        model=model,
        langs=lang or (),
        every=every,
        lean=lean,
        plain=plain,
        reranker=reranker,
        rerank_top=rerank_top,
        quiet=quiet,
    )
    print_lines(evaluation_lines(found))
    _write_json(json_file, found.to_json())
    if plot is not None:
        save_heat_map(found, plot)


def _roles(file: Path, model: str, json_file: Path | None, *, quiet: bool) -> None:
    from indexer.encoders import load_encoder
    from search_api.evaluation.roles import evaluate_roles, read_pairs, role_lines

    pairs = read_pairs(file)
    scores = evaluate_roles(load_encoder(model, quiet=quiet), pairs)
    print_lines(role_lines(scores))
    _write_json(json_file, scores.to_json())


def _write_json(file: Path | None, figures: dict[str, Any]) -> None:
    if file is not None:
        file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
