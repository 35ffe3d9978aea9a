"""`veille coverage`."""

from __future__ import annotations

import shutil
import sys
from typing import Annotated

import typer

from search_api.cli.options import IndexOption, JsonOption, ModelOption, print_lines
from search_api.coverage import By
from search_api.terminal import json_text, plain, takes_unicode

_WIDEST = 100


def coverage(
    index_dir: IndexOption,
    query: Annotated[
        str | None, typer.Argument(metavar="QUERY", help="A question, in any language. Default: all there is.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="Default: day where at most 62 days are spanned.")] = None,
    lang: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only this language (repeat for several).")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this source (repeat for several).")
    ] = None,
    category: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this category (repeat for several).")
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on DATE or earlier.")] = None,
    group: Annotated[
        bool, typer.Option("--group/--no-group", help="Count near-copies and translations as one story, or each.")
    ] = True,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how many stories match a question: over time, and by language, source and category.

    Example: veille coverage "failles de sécurité" --index my-index --by month
    """
    from search_api.bars import coverage_lines
    from search_api.engine import SearchEngine
    from search_api.filters import make_filter
    from search_api.queries import clean_query

    # What is wrong with the question is said before the model is loaded for it.
    if query is not None:
        clean_query(query)
    make_filter(lang or (), source or (), since, until, category or ())
    with SearchEngine.open(index_dir, model=model) as engine:
        found = engine.coverage(
            query,
            lang=lang or (),
            source=source or (),
            category=category or (),
            since=since,
            until=until,
            by=by,
            group=group,
        )
    if as_json:
        print(json_text(found.to_json()))
        return
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    print_lines(coverage_lines(found, width, mark="█" if takes_unicode() else "#"))
    for note in found.notes:
        print(f"veille: {plain(note)}", file=sys.stderr)
