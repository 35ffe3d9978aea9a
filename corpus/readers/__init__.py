"""Files, folders and standard input into articles. One module a format; formats.py picks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from corpus.article import Article, new_article_id
from corpus.errors import SourceError
from corpus.origins import origin_of
from corpus.readers.dates import dated_by
from corpus.readers.given import Found, Given, Reader, Through, directly
from corpus.readers.options import ReadOptions
from corpus.readers.report import ReadReport
from corpus.readers.sources import Prepared, as_source_error, files_of

__all__ = ["Prepared", "ReadOptions", "ReadReport", "read"]


def read(
    source: str | Path | Prepared,
    *,
    on_error: Literal["stop", "skip"] = "stop",
    options: ReadOptions | None = None,
    report: ReadReport | None = None,
    seen: dict[str, str] | None = None,
    through: Through = directly,
) -> Iterator[Article]:
    """Yield the articles of a file, of all files in a folder and its subfolders (by name), or of standard input ("-").

    A folder's hidden files, links, files of other formats, and those about it (README, LICENCE, ...) are
    passed over. `seen` (content hash by id) is shared by the sources of one run: an article comes again where another
    file holds it too; another one under an id that was given is an error; one that is known by its address takes the
    place of the earlier one: whoever keeps articles keeps the last. `through` calls the reader of each file. Raises
    SourceError naming file and line, or with "skip" counts it in `report`; a source that does not exist always raises.
    """
    options = options or ReadOptions()
    report = report if report is not None else ReadReport()
    seen = seen if seen is not None else {}
    for file in files_of(source, options, report):
        origin = origin_of(file.where) if isinstance(file, SourceError) else file[0].origin
        for found in [file] if isinstance(file, SourceError) else _found(*file, seen, through):
            if isinstance(found, Article):
                yield replace(found, origin=origin)
            elif on_error == "stop":
                raise found
            else:
                report.leave_out(found, origin)


def _found(given: Given, reader: Reader, seen: dict[str, str], through: Through) -> Iterator[Found]:
    try:
        for found in through(given, reader):
            if isinstance(found, SourceError):
                yield found
                continue
            article = dated_by(found, given.options.moment, given.where, given.report)
            yield _of_its_id(article, given, seen)
    except (SourceError, OSError) as error:
        yield as_source_error(error, given)


def _of_its_id(article: Article, given: Given, seen: dict[str, str]) -> Found:
    """Return the article, counted where it is new in this run; an error where another one has its id."""
    content = article.content_hash
    before = seen.get(article.id)
    if before is None:
        given.report.read += 1
    elif before != content:
        if article.url is None or article.id != new_article_id(article.url, "", "", ""):
            return SourceError(
                f"the id {article.id!r} was used before for another article",
                "Give each article an id of its own",
                where=given.where,
                kind="duplicate-id",
            )
        given.report.warn("replaced", f"{given.where}: {article.url} was read before: this one replaces it")
    seen[article.id] = content
    return article
