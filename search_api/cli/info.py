"""`veille info`."""

from __future__ import annotations

from search_api.cli.options import IndexOption, JsonOption, print_lines
from search_api.terminal import json_text


def info(index_dir: IndexOption, as_json: JsonOption = False) -> None:
    """Say what an index holds, and what it was built with.

    Example: veille info --index my-index
    """
    from contextlib import closing

    from indexer.generation import Generation
    from search_api.info import IndexInfo
    from search_api.printing.facts import info_lines

    with closing(Generation.open(index_dir)) as generation:
        found = IndexInfo.of(generation)
    if as_json:
        print(json_text(found.to_json()))
    else:
        print_lines(info_lines(found))
