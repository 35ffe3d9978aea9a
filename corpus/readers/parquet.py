"""Parquet: one article a row, columns as the fields of `Article`, other columns kept as metadata."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from corpus.errors import SourceError
from corpus.readers.columns import names_of
from corpus.readers.given import Found, Given
from corpus.readers.record import FIELDS, named, to_article

if TYPE_CHECKING:
    from pyarrow import DataType, Schema

ROWS_AT_ONCE = 64


def read(given: Given) -> Iterator[Found]:
    """Yield an article or what is wrong with it for each row; reads some rows at a time.

    Columns of text, numbers, truth values and dates are read, and lists of texts; others (embeddings) are not.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise SourceError(
            "Parquet files are read with pyarrow, which is not installed",
            'Install it: pip install "veille[parquet]"',
            where=given.where,
            kind="not-installed",
        ) from error
    with given.open() as stream, tempfile.TemporaryFile() as spool:
        rows = _rows(_seekable(stream, spool), given)
        number = 0
        while True:
            number += 1
            try:
                row = next(rows, None)
            except SourceError:
                raise
            except Exception as error:  # pyarrow's own errors, and what its conversions to Python raise
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                problem = f"it cannot be read as Parquet ({type(error).__name__}: {str(error).splitlines()[0][:200]})"
                raise SourceError(problem, "Write it again", where=given.where, kind="parquet") from error
            if row is None:
                return
            yield _article(row, given, f"{given.where}: row {number}")


def _seekable(stream: BinaryIO, spool: BinaryIO) -> BinaryIO:
    """Return the stream itself, or an unpacked copy where it is packed: Parquet is read from its end."""
    if stream.seekable():
        return stream
    shutil.copyfileobj(stream, spool)
    spool.seek(0)
    return spool


def _rows(stream: BinaryIO, given: Given) -> Iterator[dict[str, Any]]:
    from pyarrow.parquet import ParquetFile

    with closing(ParquetFile(stream)) as file:
        read = _read_columns(file.schema_arrow)
        names = names_of(read, given)
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=read, use_threads=False):
            columns = [batch.column(place) for place in range(batch.num_columns)]
            for row in range(batch.num_rows):
                yield {name: column[row].as_py() for name, column in zip(names, columns, strict=True)}


def _read_columns(schema: Schema) -> list[str]:
    return [column.name for column in schema if _is_read(column.type)]


def _is_read(kind: DataType) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    if types.is_list(kind) or types.is_large_list(kind):
        return _is_text(kind.value_type)
    plain = (types.is_integer, types.is_floating, types.is_boolean, types.is_date, types.is_timestamp, types.is_binary)
    return _is_text(kind) or any(is_plain(kind) for is_plain in plain)


def _is_text(kind: DataType) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind))


def _article(row: dict[str, Any], given: Given, where: str) -> Found:
    try:
        record = {name: _value(name, value, where) for name, value in named(row, given.options.columns).items()}
        return to_article(record, where, dated_by="record")
    except SourceError as error:
        return error


def _value(name: str, value: Any, where: str) -> Any:
    """Return a date as it is written, and the bytes of a field as text: old tables do not say that they are."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8") if name in FIELDS else None
        except UnicodeDecodeError as error:
            raise SourceError(f'"{name}" is not UTF-8', "Write it again", where=where, kind="encoding") from error
    return value
