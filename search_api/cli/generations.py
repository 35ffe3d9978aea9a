"""`veille generations`."""

from __future__ import annotations

from search_api.cli.options import IndexOption, JsonOption, print_lines
from search_api.terminal import json_text


def generations(index_dir: IndexOption, as_json: JsonOption = False) -> None:
    """List the builds that an index keeps: the one that is served first, then those before it.

    Example: veille generations --index my-index
    """
    from indexer.lineage import generations as listed
    from search_api.printing.generations import generation_lines

    found = listed(index_dir)
    if as_json:
        print(json_text([generation.to_json() for generation in found]))
    else:
        print_lines(generation_lines(found))
