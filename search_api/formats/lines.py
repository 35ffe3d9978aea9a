"""JSON Lines: a hit a line, as /search gives it, with the build that it comes from."""

from __future__ import annotations

import json

from search_api.results import Results

# JSON lets them stand in a string; some programs would end the line there.
_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}


def written(results: Results, root: str) -> str:
    """Return the hits, a line each; nothing where there are none."""
    del root  # links are as /search gives them
    hits = results.to_json()["hits"]
    lines = (json.dumps({"build": results.build, **hit}, ensure_ascii=False) for hit in hits)
    return "".join(line.translate(_LINE_ENDS) + "\n" for line in lines)
