"""RIS: an electronic source a hit, for programs that keep references."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from search_api.citation import absolute
from search_api.formats.bibtex import key
from search_api.formats.dates import built_on, day
from search_api.results import Hit, Results

_END = "\r\n"


def written(results: Results, root: str) -> str:
    """Return the records."""
    return _END.join(f"{name}  - {value}" for hit in results for name, value in _record(hit, results.build, root)) + (
        _END if results.hits else ""
    )


def _record(hit: Hit, build: str, root: str) -> Iterator[tuple[str, str]]:
    told = hit.highlight or hit.passages[0]
    yield "TY", "ELEC"
    yield "ID", key(hit)
    yield "TI", _line(hit.title or told.text)
    published = day(hit.published)
    fields = {
        "T2": _line(hit.source),
        "PY": published[:4],
        "DA": published.replace("-", "/"),
        "LA": _line(hit.lang),
        "UR": absolute(hit.citation.permalink, root),
        "Y2": built_on(build).replace("-", "/"),
        "AB": _line(told.text),
        "KW": _line(hit.category or ""),
        "N1": f"Veille, build {_line(build)}, SHA-256 {hit.citation.content_hash}",
    }
    yield from ((name, value) for name, value in fields.items() if value)
    yield "ER", ""


def _line(text: str) -> str:
    """Return a text in one line: another would begin a field of its own."""
    ends = ("Cc", "Zl", "Zp")
    return " ".join("".join(" " if unicodedata.category(c) in ends else c for c in text).split())
