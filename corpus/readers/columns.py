"""Columns of a table as fields of `Article`."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.errors import SourceError
from corpus.readers.given import Given
from corpus.readers.record import ALIASES, FIELDS

LISTED = 20


def names_of(columns: Sequence[str], given: Given) -> list[str]:
    """Return what each column is called from here on: fields of `Article` in small letters, others as they are.

    A column that was chosen for a field and is not there is warned of where the field is not there either. Raises
    SourceError, kind "columns", where none holds the text or two have one name.
    """
    chosen = given.options.columns
    taken = set(chosen.values())
    names = [_name(column.strip(), taken) for column in columns]
    twice = next((name for place, name in enumerate(names) if name and name in names[:place]), None)
    if twice is not None:
        raise SourceError(f"it has two columns {twice!r}", "Rename one", where=given.where, kind="columns")
    if "text" not in names and chosen.get("text") not in names:
        listed = ", ".join(repr(name) for name in names[:LISTED])
        raise SourceError(
            f"it has no column for the text (its columns: {listed})",
            "Say which: --column text=NAME",
            where=given.where,
            kind="columns",
        )
    held = {ALIASES.get(name, name) for name in names}
    for field, column in chosen.items():
        if column not in names and field not in held:
            given.report.warn("missing-column", f"{given.where}: it has no column {column!r} for the {field}")
    return names


def _name(column: str, taken: set[str]) -> str:
    small = column.lower()
    return small if column not in taken and small in {*FIELDS, *ALIASES} else column
