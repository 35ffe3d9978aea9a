"""What a source stands for: a file, the files of a folder, standard input."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from corpus.errors import SourceError
from corpus.origins import STDIN, origin_of
from corpus.readers import jsonl
from corpus.readers.formats import reader_in_folder, reader_of
from corpus.readers.given import Found, Given, Reader
from corpus.readers.options import ReadOptions
from corpus.readers.report import ReadReport

# Files about a folder of articles, not articles.
ABOUT = ("readme", "license", "licence", "copying", "changelog")


class Prepared(Protocol):
    """A source that was read before, such as an address: its records are taken as they are."""

    def records(self, report: ReadReport) -> Iterator[Found]:
        """Yield articles and what is wrong with others."""
        ...


def files_of(
    source: str | Path | Prepared, options: ReadOptions, report: ReadReport
) -> Iterator[tuple[Given, Reader] | SourceError]:
    """Yield each file to read and what reads it, or why it can't be read.

    Raises SourceError for a source that does not exist or has no known format.
    """
    if not isinstance(source, (str, Path)):
        yield _prepared(source, options, report)
        return
    if str(source) == STDIN:
        yield _standard_input(options, report), jsonl.read
        return
    path = Path(source)
    if path.is_dir():
        yield from _files_in(path, options, report)
    elif not path.exists():
        raise SourceError("there is no such file or folder", "Check the path", where=str(path), kind="missing-file")
    elif not path.is_file():
        raise SourceError("it is no ordinary file", "Read from standard input: -", where=str(path), kind="format")
    else:
        given = Given.file(path, path.name, options, report)
        try:
            yield given, reader_of(given)
        except (SourceError, OSError) as error:
            if isinstance(error, SourceError) and error.kind == "format":
                raise
            yield as_source_error(error, given)


def as_source_error(error: SourceError | OSError, given: Given) -> SourceError:
    """Return what ended the reading of a file as an error of its source."""
    if isinstance(error, SourceError):
        return error
    return SourceError(f"it cannot be read ({error.strerror or error})", where=given.where, kind="unreadable")


def _prepared(source: Prepared, options: ReadOptions, report: ReadReport) -> tuple[Given, Reader]:
    address = str(source)
    given = Given(
        where=address,
        name=address,
        origin=origin_of(address),
        opener=io.BytesIO,
        url=address,
        options=options,
        report=report,
    )
    return given, lambda _: source.records(report)


def _standard_input(options: ReadOptions, report: ReadReport) -> Given:
    return Given(
        where="standard input",
        name=STDIN,
        origin=STDIN,
        opener=lambda: open(0, "rb", buffering=0, closefd=False),
        options=options,
        report=report,
    )


def _files_in(folder: Path, options: ReadOptions, report: ReadReport) -> Iterator[tuple[Given, Reader] | SourceError]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        given = Given.file(path, relative.as_posix(), options, report)
        about = path.stem.lower().startswith(ABOUT)
        try:
            known = None if about else reader_in_folder(given)
        except (SourceError, OSError) as error:
            yield as_source_error(error, given)
            continue
        if known:
            yield given, known
        else:
            report.ignored += 1
