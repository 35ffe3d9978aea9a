"""CSV and TSV: one article a row, columns as the fields of `Article`, other columns kept as metadata."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import BinaryIO, TextIO

from corpus.errors import SourceError
from corpus.readers.columns import names_of
from corpus.readers.given import LARGEST_RECORD, Found, Given
from corpus.readers.record import named, to_article

DELIMITERS = ",;\t|"
HEADER_WITHIN = 1 << 16
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(given: Given) -> Iterator[Found]:
    """Yield an article or what is wrong with it for each row that is not empty; reads one row at a time.

    UTF-8, or UTF-16 with a byte order mark. A .tsv has tabs; else the delimiter is the one of , ; tab | that makes
    most columns of the first row.
    """
    # The limit is one for the whole process, and 131,072 characters where nobody set it: too few for articles.
    csv.field_size_limit(max(csv.field_size_limit(), LARGEST_RECORD))
    head = given.head(HEADER_WITHIN)
    encoding = "utf-16" if head.startswith(UTF_16) else "utf-8-sig"
    delimiter = "\t" if given.suffix == ".tsv" else _delimiter(head.decode(encoding, "replace"))
    with given.open() as stream:
        lines = _Lines(io.TextIOWrapper(stream, encoding, newline="") if encoding == "utf-16" else stream, given.where)
        yield from _articles(lines, delimiter, given)


class _Lines:
    """The lines of a file, counted. UTF-8 is decoded line by line, so that a bad one is known by its number."""

    def __init__(self, stream: BinaryIO | TextIO, where: str) -> None:
        self._stream = stream
        self._where = where
        self._mark = codecs.BOM_UTF8
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LARGEST_RECORD)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LARGEST_RECORD:
            problem = f"a line has more than {LARGEST_RECORD:,} bytes"
            raise SourceError(problem, "Leave it out", where=self._where, kind="too-large")
        if isinstance(line, str):
            return line
        line, self._mark = line.removeprefix(self._mark), b""
        return line.decode("utf-8")


def _delimiter(head: str) -> str:
    """Return the delimiter that makes most columns of the first row."""
    counts = {delimiter: len(_first_row(head, delimiter)) for delimiter in DELIMITERS}
    return max(counts, key=lambda delimiter: counts[delimiter])


def _first_row(head: str, delimiter: str) -> list[str]:
    try:
        return next((row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row), [])
    except csv.Error:
        return []


def _articles(lines: _Lines, delimiter: str, given: Given) -> Iterator[Found]:
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    names: list[str] | None = None
    while True:
        where = f"{given.where}:{lines.number + 1}"
        try:
            row = next(rows, None)
            if row is None:
                return
            if not any(row):
                continue
            if names is None:
                names = names_of(row, given)
                continue
            yield _article(row, names, given, where)
        except UnicodeDecodeError as error:
            problem = f"it is not {error.encoding.upper()} ({error.reason})"
            yield SourceError(problem, "Save the file as UTF-8", where=where, kind="encoding")
        except csv.Error as error:
            yield SourceError(f"the row cannot be read ({error})", "Mend its quotes", where=where, kind="csv")
        if names is None:
            return


def _article(row: list[str], names: list[str], given: Given, where: str) -> Found:
    if len(row) != len(names):
        problem = f"the row has {len(row)} cells, the first row {len(names)}"
        return SourceError(problem, "Mend it or leave it out", where=where, kind="ragged-row")
    cells = {name: cell for name, cell in zip(names, row, strict=True) if name and cell}
    try:
        return to_article(named(cells, given.options.columns), where, dated_by="record")
    except SourceError as error:
        return error
