"""Answers as files: for tables, for programs that read line by line, and for those who keep references."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from search_api.formats import bibtex, delimited, lines, ris
from search_api.queries import Format
from search_api.results import Results


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file. `written` takes the results and the address of the service, "" where there is none."""

    media_type: str
    suffix: str
    written: Callable[[Results, str], str]


# JSON is what Results.to_json gives.
FORMS: dict[Format, Form] = {
    Format.JSONL: Form("application/jsonl", "jsonl", lines.written),
    Format.CSV: Form("text/csv; charset=utf-8; header=present", "csv", delimited.written),
    Format.BIBTEX: Form("application/x-bibtex; charset=utf-8", "bib", bibtex.written),
    Format.RIS: Form("application/x-research-info-systems; charset=utf-8", "ris", ris.written),
}
