"""`veille search`."""

from __future__ import annotations

import shutil
import sys
from typing import Annotated

import typer

from search_api.cli.options import IndexOption, JsonOption, ModelOption, RerankerOption, RerankTopOption, print_lines
from search_api.queries import MOST_HITS_SERVED, RERANK_TOP, Format
from search_api.terminal import json_text, plain, takes_bold

_WIDEST = 100


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
    category: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this category (repeat for several).")
    ] = None,
    prefer: Annotated[
        str, typer.Option(metavar="any|query|CODE,...", help="Tilt the order toward these languages.")
    ] = "any",
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or earlier.")] = None,
    group: Annotated[
        bool, typer.Option("--group/--no-group", help="One hit for near-copies and translations, or each its own.")
    ] = True,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each hit stands where it stands.")] = False,
    model: ModelOption = None,
    reranker: RerankerOption = None,
    rerank_top: RerankTopOption = RERANK_TOP,
    as_json: JsonOption = False,
    form: Annotated[
        Format | None, typer.Option("--format", help="Print a file for other programs; json is what --json prints.")
    ] = None,
) -> None:
    """Answer a question: one hit an article, its best passages inside.

    Example: veille search "qui menace Microsoft" --index my-index -k 3 --lang fr
    """
    from search_api.engine import SearchEngine
    from search_api.filters import make_filter, make_preference
    from search_api.formats import FORMS
    from search_api.printing.hits import results_lines
    from search_api.queries import clean_query

    # What is wrong with the question is said before the model is loaded for it.
    clean_query(query)
    make_filter(lang or (), source or (), since, until, category or ())
    make_preference(prefer)
    with SearchEngine.open(index_dir, model=model, reranker=reranker, rerank_top=rerank_top) as engine:
        results = engine.search(
            query,
            k,
            lang=lang or (),
            source=source or (),
            category=category or (),
            since=since,
            until=until,
            prefer=prefer,
            group=group,
            explain=explain,
        )
    if as_json or form is Format.JSON:
        print(json_text(results.to_json()))
        return
    if form is not None:
        # As it is: neither the lines of CSV and RIS nor their characters are the terminal's to choose.
        written = FORMS[form].written(results, "").encode("utf-8", "replace")
        sys.stdout.buffer.write(written)
        return
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    print_lines(results_lines(results, width, bold=takes_bold()))
    for note in results.notes:
        print(f"veille: {plain(note)}", file=sys.stderr)
